"""The first answer to an interaction."""

from enum import IntEnum
from typing import TYPE_CHECKING

from playground.files import Files
from playground.form import Form
from playground.rest.access import require_awake
from playground.rest.answers import answer_message, change_message
from playground.rest.call import Answer, Call, Endpoint, check
from playground.rest.command_rules import read_localizations
from playground.rest.components import read_modal
from playground.rest.drafts import check_not_empty, read_draft
from playground.rest.errors import Refusal, refuse
from playground.rest.writing import attach_files
from playground.wire.messages import message_json
from playground.world import interactions, posting
from playground.world.events import InteractionAnswered
from playground.world.interactions import Interaction, InteractionKind
from playground.world.model import Json, Message, MessageFlag
from playground.world.world import World

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_MAX_CHOICES = 25
_SETTABLE = (
    MessageFlag.EPHEMERAL
    | MessageFlag.SUPPRESS_EMBEDS
    | MessageFlag.SUPPRESS_NOTIFICATIONS
    | MessageFlag.COMPONENTS_V2
)


_SETTABLE_BY_UPDATE = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.COMPONENTS_V2


class CallbackKind(IntEnum):
    """Callback types that are answered here."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


_ALLOWED = {
    InteractionKind.COMMAND: {
        CallbackKind.MESSAGE,
        CallbackKind.DEFERRED_MESSAGE,
        CallbackKind.MODAL,
    },
    InteractionKind.COMPONENT: set(CallbackKind) - {CallbackKind.CHOICES},
    InteractionKind.AUTOCOMPLETE: {CallbackKind.CHOICES},
    InteractionKind.MODAL: set(CallbackKind) - {CallbackKind.CHOICES, CallbackKind.MODAL},
}
# A deferred answer too is described as a message made; a deferred update as nothing.
_WITH_RESOURCE = {
    CallbackKind.MESSAGE: CallbackKind.MESSAGE,
    CallbackKind.DEFERRED_MESSAGE: CallbackKind.MESSAGE,
    CallbackKind.UPDATE: CallbackKind.UPDATE,
}
_NEEDS_MESSAGE = {CallbackKind.UPDATE, CallbackKind.DEFERRED_UPDATE}


class Callbacks:
    """Handler of /interactions/{interaction_id}/{interaction_token}/callback."""

    def __init__(self, world: World, files: Files) -> None:
        self._world = world
        self._files = files
        self._by_kind: dict[
            CallbackKind, Callable[[Interaction, Form, Call], Awaitable[Message | None]]
        ] = {
            CallbackKind.MESSAGE: self._message,
            CallbackKind.DEFERRED_MESSAGE: self._deferred,
            CallbackKind.DEFERRED_UPDATE: self._deferred_update,
            CallbackKind.UPDATE: self._update,
            CallbackKind.CHOICES: self._choices,
            CallbackKind.MODAL: self._modal,
        }

    def endpoints(self) -> list[Endpoint]:
        """Give what this module serves."""
        path = "/interactions/{interaction_id}/{interaction_token}/callback"
        return [Endpoint("POST", path, self.answer, by_token=True)]

    async def answer(self, call: Call) -> Answer:
        """Take the first answer; a second is refused, and so is one after the 3 s."""
        interaction = self._find(call)
        form = call.form()
        kind = self._kind(interaction, form)
        data = form.form("data") or Form({}, form.faults, ("data",))
        if kind is not CallbackKind.CHOICES:
            require_awake(self._world.channels[interaction.channel_id])
        message = await self._by_kind[kind](interaction, data, call)
        self._answered(interaction, message)
        if call.query.get("with_response", "").lower() not in {"1", "true"}:
            return 204, None
        return 200, self._described(interaction, kind, message)

    def _find(self, call: Call) -> Interaction:
        interaction = self._world.interactions.by_id(call.params["interaction_id"])
        if interaction is None or interaction.token != call.params["interaction_token"]:
            raise refuse(Refusal.UNKNOWN_INTERACTION)
        if interaction.dead:
            raise refuse(Refusal.UNKNOWN_INTERACTION)
        if interaction.answer is not None:
            raise refuse(Refusal.ALREADY_ACKNOWLEDGED)
        return interaction

    def _kind(self, interaction: Interaction, form: Form) -> CallbackKind:
        number = form.choice("type", [int(each) for each in CallbackKind], required=True)
        check(form.faults)
        kind = CallbackKind(number or 0)
        fits = kind in _ALLOWED[interaction.kind] and not (
            kind in _NEEDS_MESSAGE and interaction.message_id is None
        )
        if not fits:
            form.fail("type", "INTERACTION_APPLICATION_COMMAND_INVALID_CALLBACK", "Not here.")
            check(form.faults)
        return kind

    async def _message(self, interaction: Interaction, data: Form, call: Call) -> Message:
        draft = read_draft(data, call, settable=_SETTABLE)
        check_not_empty(draft)
        # Claimed before the files are stored, so that a second answer meanwhile is refused.
        interaction.answer = interactions.Answer.MESSAGE
        message = await answer_message(self._world, self._files, interaction, draft)
        posting.post(self._world, message)
        return message

    async def _deferred(self, interaction: Interaction, data: Form, call: Call) -> Message:
        # Only EPHEMERAL may be set by a defer, for good.
        draft = read_draft(data, call, settable=MessageFlag.EPHEMERAL)
        interaction.answer = interactions.Answer.DEFERRED
        message = await answer_message(self._world, self._files, interaction, draft)
        message.content, message.embeds, message.components = "", [], []
        message.flags |= MessageFlag.LOADING
        posting.post(self._world, message)
        return message

    async def _deferred_update(self, interaction: Interaction, _data: Form, _call: Call) -> Message:
        source = self._source(interaction)
        interaction.answer = interactions.Answer.DEFERRED_UPDATE
        return source

    async def _update(self, interaction: Interaction, data: Form, call: Call) -> Message:
        source = self._source(interaction)
        draft = read_draft(data, call, settable=_SETTABLE_BY_UPDATE, editing=source)
        interaction.answer = interactions.Answer.UPDATE
        channel = self._world.channels[source.channel_id]
        added = await attach_files(self._files, channel, draft)
        change_message(self._world, source, draft, added)
        return source

    async def _choices(self, interaction: Interaction, data: Form, _call: Call) -> None:
        choices: list[Json] = []
        for each in data.forms("choices", most=_MAX_CHOICES):
            name = each.text("name", least=1, most=100, required=True)
            value: object = each.value.get("value")
            if isinstance(value, bool) or not isinstance(value, str | int | float):
                each.fail("value", "BASE_TYPE_REQUIRED", "This field is required")
            localised = read_localizations(each, "name_localizations", 100)
            choices.append({"name": name, "value": value, "name_localizations": localised})
        check(data.faults)
        interaction.answer = interactions.Answer.CHOICES
        interaction.choices = choices

    async def _modal(self, interaction: Interaction, data: Form, _call: Call) -> None:
        modal = read_modal(data)
        check(data.faults)
        interaction.answer = interactions.Answer.MODAL
        interaction.modal = modal

    def _source(self, interaction: Interaction) -> Message:
        message_id = interaction.message_id or ""
        message = self._world.message(interaction.channel_id, message_id)
        if message is None:
            raise refuse(Refusal.UNKNOWN_MESSAGE)
        return message

    def _answered(self, interaction: Interaction, message: Message | None) -> None:
        if message is not None:
            interaction.original_id = message.id
            interaction.message_ids.add(message.id)
        interaction.answered.set()
        self._world.publish(InteractionAnswered(interaction))

    def _described(
        self, interaction: Interaction, kind: CallbackKind, message: Message | None
    ) -> Json:
        about: Json = {"id": interaction.id, "type": int(interaction.kind)}
        about["channel_id"] = interaction.channel_id
        if interaction.guild_id:
            about["guild_id"] = interaction.guild_id
        answer: Json = {"interaction": about}
        if message is None:
            return answer
        about["response_message_id"] = message.id
        about["response_message_loading"] = message.loading
        about["response_message_ephemeral"] = message.ephemeral_for is not None
        if kind in _WITH_RESOURCE:
            payload = message_json(self._world, message)
            answer["resource"] = {"type": int(_WITH_RESOURCE[kind]), "message": payload}
        return answer
