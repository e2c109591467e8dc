"""Who serves which models at what price, and how each differs: the rows of the emulator.

Another model at a gateway is another `Offer`, another gateway another `Gateway`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from emulator.models import (
    COGVIDEOX,
    COGVIDEOX_2,
    COGVIDEOX_3,
    COGVIDEOX_FLASH,
    VIDU2_IMAGE,
    VIDU2_REFERENCE,
    VIDU2_START_END,
    VIDUQ1_IMAGE,
    VIDUQ1_START_END,
    VIDUQ1_TEXT,
    ImageRules,
    ModelSpec,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One model at one gateway.

    Attributes:
        model: What it accepts there.
        price: Per accepted create, in the gateway's currency, as a decimal string.
        in_flight_limit: Tasks that one key may have unfinished; None: the account's tier decides.
        withdrawn: Newer documents of the gateway no longer show it.
    """

    model: ModelSpec
    price: str
    in_flight_limit: int | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """One dialect of the API.

    Attributes:
        name: For bases, keys and the ledger.
        prefix: Path of its API on this emulator's port.
        currency: ISO 4217, or PTC, 302.AI's own unit.
        offers: Its models.
        watermark: Whether clips carry the vendor's mark unless ``watermark_enabled`` is false.
        first_last_speed_only: Whether its documents forbid ``quality: "quality"`` with two images.
        reseller: Speaks 302.AI's own envelope of its own refusals, knows no signed tokens, and
            takes numbers as strings and quality as a boolean.
    """

    name: str
    prefix: str
    currency: str
    offers: tuple[Offer, ...]
    watermark: bool = False
    first_last_speed_only: bool = False
    reseller: bool = False

    def find(self, model: str) -> Offer | None:
        """The offer of a model, its name in any case."""
        name = model.lower()
        return next((offer for offer in self.offers if offer.model.name == name), None)


# Prices: docs.z.ai/guides/overview/pricing. In flight: the rate-limit page of the z.ai console.
ZAI = Gateway(
    name="zai",
    prefix="/api/paas/v4",
    currency="USD",
    first_last_speed_only=True,
    offers=(
        Offer(model=COGVIDEOX_3, price="0.20", in_flight_limit=1),
        Offer(model=VIDUQ1_TEXT, price="0.40", in_flight_limit=5, withdrawn=True),
        Offer(model=VIDUQ1_IMAGE, price="0.40", in_flight_limit=5, withdrawn=True),
        Offer(model=VIDUQ1_START_END, price="0.40", in_flight_limit=5, withdrawn=True),
        Offer(model=VIDU2_IMAGE, price="0.20", in_flight_limit=5, withdrawn=True),
        Offer(model=VIDU2_START_END, price="0.20", in_flight_limit=5, withdrawn=True),
        Offer(model=VIDU2_REFERENCE, price="0.40", in_flight_limit=5, withdrawn=True),
    ),
)

_PAIR_OR_STRING = ImageRules(list_lengths=(2,))  # docs.bigmodel.cn: an array has exactly two

# Prices and tiers: docs.bigmodel.cn, October 2026; that of the first model is a guess, and so is
# that the tier also decides for Flash and for Vidu 2, whose figures only the console shows.
BIGMODEL = Gateway(
    name="bigmodel",
    prefix="/bigmodel/api/paas/v4",
    currency="CNY",
    watermark=True,
    offers=(
        Offer(model=replace(COGVIDEOX_3, images=_PAIR_OR_STRING), price="1.00"),
        Offer(model=COGVIDEOX_2, price="0.50"),
        Offer(model=COGVIDEOX_FLASH, price="0.00"),
        Offer(model=COGVIDEOX, price="0.50"),
        Offer(model=VIDUQ1_TEXT, price="2.50"),
        Offer(model=VIDUQ1_IMAGE, price="2.50"),
        Offer(model=VIDUQ1_START_END, price="2.50"),
        Offer(model=VIDU2_IMAGE, price="1.25"),
        Offer(
            model=replace(VIDU2_START_END, sizes=(*VIDU2_START_END.sizes, "480x360")), price="1.25"
        ),
        Offer(model=VIDU2_REFERENCE, price="2.50"),
    ),
)

# 302.AI's pages. The price of cogvideox-3 and the limits in flight are guesses: it lists neither.
RESELLER_302 = Gateway(
    name="302ai",
    prefix="/302ai/zhipu/api/paas/v4",
    currency="PTC",
    reseller=True,
    offers=(
        Offer(model=COGVIDEOX_2, price="0.10", in_flight_limit=5),
        Offer(model=replace(COGVIDEOX_3, images=_PAIR_OR_STRING), price="0.20", in_flight_limit=5),
    ),
)

GATEWAYS = {gateway.name: gateway for gateway in (ZAI, BIGMODEL, RESELLER_302)}
TIERS = {"V0": 5, "V1": 10, "V2": 15, "V3": 20}  # docs.bigmodel.cn: in flight, by money spent
