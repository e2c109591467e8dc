"""What a changed client sends: interactions that no honest client would, straight at the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.world.events import InteractionStarted
from playground.world.interactions import Interaction, InteractionKind

if TYPE_CHECKING:
    from playground.person import Json, Person
    from tests.e2e.house import House

BUTTON = 2
PERSONAL = 64  # the flag of a message that one person alone sees
SELECTS = {
    "channels": 8,
    "log": 8,
    "roles": 6,
    "models": 3,
    "default": 3,
    "restricted": 3,
}


def kind_of(custom_id: str) -> int:
    """The component that a custom id of ours is on."""
    return SELECTS.get(custom_id.removeprefix("cogreel:setup:"), BUTTON)


async def planted(house: House, channel: str, *custom_ids: str) -> Json:
    """A public message of the bot's with controls that it never put there."""
    controls = [_control(custom_id) for custom_id in custom_ids]
    rows = [{"type": 1, "components": [control]} for control in controls]
    async with house.session.post(
        f"{house.playground.discord_api}/channels/{channel}/messages",
        json={"content": "controls", "components": rows},
        headers={"Authorization": f"Bot {house.playground.bot_token}"},
    ) as response:
        message: Json = await response.json()
    assert response.status == 200, message
    return message


async def used(
    house: House, person: Person, message: Json, custom_id: str, *values: str
) -> Interaction:
    """Use a control of a message, whoever sees that message and whatever it has; what came of it.

    Discord checks more than this, so what comes of it is the bot's own doing.
    """
    kind = kind_of(custom_id)
    data: Json = {"custom_id": custom_id, "component_type": kind, "id": 1}
    if kind != BUTTON:
        data |= {"values": list(values), "resolved": {}}
    channel = message["channel_id"]
    return _sent(house, person, InteractionKind.COMPONENT, channel, data, message=message)


async def filled_in(
    house: House, person: Person, channel: str, modal: Json, **typed: str
) -> Interaction:
    """Send a form that is open on somebody's screen, whoever's and wherever that is."""
    opened = house.playground.world.interactions.by_id(modal["id"])
    assert opened is not None
    assert opened.modal is not None
    fields = [
        {"type": 18, "component": {"type": 4, "custom_id": name, "value": value}}
        for name, value in typed.items()
    ]
    data: Json = {"custom_id": opened.modal["custom_id"], "components": fields}
    return _sent(house, person, InteractionKind.MODAL, channel, data, opened=opened)


def _sent(
    house: House,
    person: Person,
    kind: InteractionKind,
    channel_id: str,
    data: Json,
    *,
    message: Json | None = None,
    opened: Interaction | None = None,
) -> Interaction:
    world = house.playground.world
    interaction = Interaction(
        id=world.ids.next(),
        token=f"token-{world.ids.next()}",
        kind=kind,
        user_id=person.id,
        channel_id=channel_id,
        guild_id=world.channels[channel_id].guild_id,
        started_s=world.clock.now_s(),
        data=data,
        message_id=None if message is None else message["id"],
        triggered_by=opened,
    )
    world.interactions.add(interaction)
    world.publish(InteractionStarted(interaction))
    return interaction


def _control(custom_id: str) -> Json:
    kind = kind_of(custom_id)
    if kind == BUTTON:
        return {"type": BUTTON, "style": 2, "label": "Forged", "custom_id": custom_id}
    control: Json = {"type": kind, "custom_id": custom_id, "min_values": 0, "max_values": 1}
    if kind == 3:
        control["options"] = [{"label": "x", "value": "cogvideox-3"}]
    return control
