"""What the whole machine draws from: few of each, so that they meet again and again."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from bot.domain.fairness import TurnRules
from bot.domain.quota import BOT_ID, Measure, QuotaRule, Scope
from bot.domain.windows import Window
from tests.storage.mortal import KilledAfter, KilledInCommit, KilledInside
from tests.storage.reference_queue import Door
from tests.storage.whole_acts import Offer

FEW = st.integers(1, 2)
ROLE_IDS = (5, 6)
ROLES = st.sets(st.sampled_from(ROLE_IDS)).map(lambda found: tuple(sorted(found)))
MODELS = ("m", "n")
ACCOUNTS = ("a", "b", "own-1")
PRICES = st.sampled_from(
    (
        *((200_000, "USD"), (300_000, "USD"), (2_100_001, "CNY"), (0, "USD")) * 3,
        *((30, "JPY"), None),
    )
)
WAYS = st.sampled_from((("a",), ("b",), ("a", "b"), ("a", "b!"), ("own-1",), ("own-1", "a!")))
CAPS = st.sampled_from((None, None, 1, 2, 3))
TURN_RULES = st.builds(
    TurnRules,
    first_come_first_served=st.booleans(),
    in_flight_per_member=CAPS,
    waiting_per_member=st.sampled_from((None, None, 1, 2, 4, 8)),
)
DAY_S = 86_400
STEPS_S = (1, 420, 900, 3600, 11 * 3600, DAY_S, 7 * DAY_S, 31 * DAY_S, 180 * DAY_S)
BACK_S = (1, 300, 7200, 20 * 3600, 35 * DAY_S)
ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/Havana", "Asia/Beirut")
KILLS = st.one_of(
    st.integers(0, 40).map(KilledInside),
    st.integers(0, 999).map(KilledInCommit),
    st.just(KilledAfter()),
)


@st.composite
def offers(draw: st.DrawFn) -> Offer:
    names = draw(WAYS)
    return Offer(
        model=draw(st.sampled_from(MODELS)),
        prices={name.removesuffix("!"): draw(PRICES) for name in names},
        dearer=tuple(name.removesuffix("!") for name in names if name.endswith("!")),
    )


@st.composite
def rules(draw: st.DrawFn, guild_id: int) -> QuotaRule:
    """A limit of a server, of one of its members, or of a role."""
    scope = draw(st.sampled_from((Scope.MEMBER, Scope.ROLE, Scope.SERVER)))
    measure = draw(st.sampled_from(list(Measure)))
    has_window = measure in {Measure.VIDEOS, Measure.MONEY}
    limit = {
        Measure.VIDEOS: st.integers(0, 9),
        Measure.MONEY: st.integers(0, 9).map(lambda times: times * 300_000),
        Measure.COOLDOWN: st.sampled_from((0, 60, 7200)),
        Measure.CONCURRENT: st.integers(0, 5),
    }[measure]
    subjects = {
        Scope.MEMBER: FEW,
        Scope.ROLE: st.sampled_from(ROLE_IDS),
        Scope.SERVER: st.just(guild_id),
    }
    return QuotaRule(
        scope=scope,
        subject_id=draw(subjects[scope]),
        measure=measure,
        window=draw(st.sampled_from(list(Window))) if has_window else None,
        limit=draw(limit),
        currency=(
            draw(st.sampled_from(("USD", "USD", "CNY", "CNY", "JPY")))
            if measure is Measure.MONEY
            else None
        ),
    )


@st.composite
def budgets(draw: st.DrawFn) -> QuotaRule:
    """A limit that the operator set for the whole bot."""
    currency = draw(st.sampled_from((None, "USD")))
    times = draw(st.integers(0, 15))
    return QuotaRule(
        scope=Scope.BOT,
        subject_id=BOT_ID,
        measure=Measure.VIDEOS if currency is None else Measure.MONEY,
        window=draw(st.sampled_from((Window.DAY, Window.MONTH))),
        limit=times if currency is None else times * 300_000,
        currency=currency,
    )


@dataclass(frozen=True)
class Settings:
    """What the operator decides, and a start makes so."""

    budgets: list[QuotaRule]
    most_of_guild: int | None
    most_of_member: int | None
    guild_weights: dict[int, int]


DOORS = st.none() | st.builds(
    Door,
    places=st.integers(0, 4),
    is_closed=st.sampled_from((False, False, True)),
    is_broken=st.sampled_from((False, False, True)),
    is_trying=st.sampled_from((False, False, True)),
)
SETTINGS = st.builds(
    Settings,
    budgets=st.lists(budgets(), max_size=2, unique_by=lambda one: (one.measure, one.window)),
    most_of_guild=CAPS,
    most_of_member=CAPS,
    guild_weights=st.dictionaries(FEW, st.integers(1, 4)),
)
