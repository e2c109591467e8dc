"""Messages in channels, by the bot's own token."""

from collections import OrderedDict

from playground.files import Files
from playground.form import Form
from playground.rest.access import (
    get_channel,
    get_message,
    require,
    require_awake,
    require_speech,
)
from playground.rest.call import Answer, Call, Endpoint, check
from playground.rest.drafts import check_not_empty, read_draft
from playground.rest.errors import Refusal, invalid_form, refuse, too_many_old_edits
from playground.rest.history import page
from playground.rest.writing import attach_files, fill
from playground.wire.messages import message_json
from playground.world import posting
from playground.world.model import Channel, Message, MessageFlag, MessageKind
from playground.world.permissions import Permission
from playground.world.world import World

NONCE_REMEMBERED_S = 300.0  # "the past few minutes"
_NONCES_KEPT = 50_000
_SETTABLE = (
    MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.COMPONENTS_V2
)
OLD_EDITS = 5  # edits of old messages a channel takes in OLD_EDITS_WINDOW_S
OLD_EDITS_WINDOW_S = 60.0


class Messages:
    """Handlers of /channels/{channel_id}/messages."""

    def __init__(self, world: World, files: Files) -> None:
        self._world = world
        self._files = files
        self._nonces: OrderedDict[tuple[str, str], tuple[str, float]] = OrderedDict()
        self._old_edits: dict[str, list[float]] = {}

    def endpoints(self) -> list[Endpoint]:
        """Give what this module serves."""
        every = "/channels/{channel_id}/messages"
        one = every + "/{message_id}"
        return [
            Endpoint("GET", every, self.list_messages),
            Endpoint("POST", every, self.create),
            Endpoint("GET", one, self.get),
            Endpoint("PATCH", one, self.edit),
            Endpoint("DELETE", one, self.delete),
        ]

    async def list_messages(self, call: Call) -> Answer:
        """A page of messages, newest first; nothing without READ_MESSAGE_HISTORY."""
        channel = get_channel(self._world, call.params["channel_id"])
        if not self._world.may(self._world.bot.id, channel, Permission.READ_MESSAGE_HISTORY):
            return 200, []
        return 200, [message_json(self._world, each) for each in page(channel, call)]

    async def get(self, call: Call) -> Answer:
        """One message."""
        channel = get_channel(self._world, call.params["channel_id"])
        require(self._world, channel, Permission.READ_MESSAGE_HISTORY)
        message = get_message(channel, call.params["message_id"])
        return 200, message_json(self._world, message)

    async def create(self, call: Call) -> Answer:
        """Post; with ``enforce_nonce`` a nonce already used gives the message it made."""
        channel = get_channel(self._world, call.params["channel_id"])
        form = call.form()
        draft = read_draft(form, call, settable=_SETTABLE)
        nonce = self._nonce(form)
        reply_to = self._reply_to(form, channel)
        enforced = nonce is not None and form.flag("enforce_nonce")
        check(form.faults)
        check_not_empty(draft)
        require_speech(self._world, channel, files=bool(draft.files), embeds=bool(draft.embeds))
        if enforced and (known := self._made_by(channel, nonce)) is not None:
            return 200, message_json(self._world, known)
        message_id = self._world.ids.next()
        if enforced:  # noted before the files are attached: a second try may come meanwhile
            self._remember(channel, nonce, message_id)
        added = await attach_files(self._files, channel, draft)
        message = Message(
            id=message_id,
            channel_id=channel.id,
            author_id=self._world.bot.id,
            created_ms=self._world.now_ms(),
            kind=MessageKind.REPLY if reply_to else MessageKind.DEFAULT,
            flags=draft.flags,
            nonce=nonce,
            reply_to=reply_to,
            tts=draft.tts,
        )
        fill(self._world, message, draft, added)
        posting.post(self._world, message)
        return 200, message_json(self._world, message)

    async def edit(self, call: Call) -> Answer:
        """Change one of the bot's own messages."""
        channel = get_channel(self._world, call.params["channel_id"])
        message = get_message(channel, call.params["message_id"])
        if message.author_id != self._world.bot.id:
            raise refuse(Refusal.NOT_YOUR_MESSAGE)
        require_awake(channel)
        draft = read_draft(
            call.form(),
            call,
            settable=MessageFlag.SUPPRESS_EMBEDS | MessageFlag.COMPONENTS_V2,
            editing=message,
        )
        if draft.files:
            require(self._world, channel, Permission.ATTACH_FILES)
        self._count_old_edit(message)
        added = await attach_files(self._files, channel, draft)
        fill(self._world, message, draft, added)
        if call.form().has("flags"):
            message.flags &= ~MessageFlag.SUPPRESS_EMBEDS
            message.flags |= draft.flags
        posting.changed(self._world, message)
        return 200, message_json(self._world, message)

    async def delete(self, call: Call) -> Answer:
        """Delete an own message, or with MANAGE_MESSAGES any."""
        channel = get_channel(self._world, call.params["channel_id"])
        message = get_message(channel, call.params["message_id"])
        require_awake(channel)
        if message.author_id != self._world.bot.id:
            require(self._world, channel, Permission.MANAGE_MESSAGES)
        posting.delete(self._world, message)
        return 204, None

    def _nonce(self, form: Form) -> str | int | None:
        if isinstance(form.value.get("nonce"), int):
            return form.whole("nonce", least=-(2**63), most=2**63 - 1)
        return form.text("nonce", most=25)

    def _reply_to(self, form: Form, channel: Channel) -> str | None:
        reference = form.form("message_reference")
        if reference is None:
            return None
        message_id = reference.id("message_id", required=True)
        reference.choice("type", (0,))
        check(form.faults)
        require(self._world, channel, Permission.READ_MESSAGE_HISTORY)
        elsewhere = (reference.id("channel_id") or channel.id) != channel.id
        known = channel.messages.get(message_id or "")
        if not elsewhere and known is not None and known.ephemeral_for is None:
            return known.id
        if elsewhere or reference.flag("fail_if_not_exists", default=True):
            form.fail("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
            raise invalid_form(form.faults)
        return None

    def _made_by(self, channel: Channel, nonce: str | int | None) -> Message | None:
        message_id, at_s = self._nonces.get((channel.id, str(nonce)), ("", 0.0))
        fresh = self._world.clock.steady_s() - at_s < NONCE_REMEMBERED_S
        return channel.messages.get(message_id) if fresh else None

    def _remember(self, channel: Channel, nonce: str | int | None, message_id: str) -> None:
        key = (channel.id, str(nonce))
        self._nonces[key] = (message_id, self._world.clock.steady_s())
        self._nonces.move_to_end(key)
        while len(self._nonces) > _NONCES_KEPT:
            self._nonces.popitem(last=False)

    def _count_old_edit(self, message: Message) -> None:
        """Hold back edits of messages older than an hour.

        Raises:
            ApiError: 30046, past ``OLD_EDITS`` of a channel in ``OLD_EDITS_WINDOW_S``.
        """
        age_s = self._world.clock.now_s() - message.created_ms / 1000
        if age_s < self._world.knobs.old_edit_after_s:
            return
        now = self._world.clock.steady_s()
        times = self._old_edits.get(message.channel_id, [])
        times = [each for each in times if now - each < OLD_EDITS_WINDOW_S]
        if len(times) >= OLD_EDITS:
            raise too_many_old_edits(OLD_EDITS_WINDOW_S - (now - times[0]))
        self._old_edits[message.channel_id] = [*times, now]
