"""What an interaction's token is good for in its 15 minutes: its answer, and followups."""

from playground.files import Files
from playground.rest.access import require_awake
from playground.rest.answers import answer_message, change_message
from playground.rest.call import Answer, Call, Endpoint
from playground.rest.drafts import check_not_empty, read_draft
from playground.rest.errors import Refusal, refuse
from playground.rest.writing import attach_files
from playground.wire.messages import message_json
from playground.world import posting
from playground.world.interactions import Interaction
from playground.world.model import Message, MessageFlag
from playground.world.world import World

_FOLLOWUP_FLAGS = (
    MessageFlag.EPHEMERAL
    | MessageFlag.SUPPRESS_EMBEDS
    | MessageFlag.SUPPRESS_NOTIFICATIONS
    | MessageFlag.COMPONENTS_V2
)
_EDIT_FLAGS = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.COMPONENTS_V2


class Webhooks:
    """Handlers of /webhooks/{webhook_id}/{webhook_token}."""

    def __init__(self, world: World, files: Files) -> None:
        self._world = world
        self._files = files

    def endpoints(self) -> list[Endpoint]:
        """Give what this module serves."""
        base = "/webhooks/{webhook_id}/{webhook_token}"
        original, one = base + "/messages/@original", base + "/messages/{message_id}"
        return [
            Endpoint("POST", base, self.follow_up, by_token=True),
            *(
                Endpoint(method, path, handler, by_token=True)
                for path in (original, one)
                for method, handler in (
                    ("GET", self.get),
                    ("PATCH", self.edit),
                    ("DELETE", self.delete),
                )
            ),
        ]

    async def follow_up(self, call: Call) -> Answer:
        """Post a followup. While a deferred answer is loading, this fills that one instead."""
        interaction = self._interaction(call)
        original = self._known(interaction, interaction.original_id)
        draft = read_draft(call.form(), call, settable=_FOLLOWUP_FLAGS)
        check_not_empty(draft)
        channel = self._world.channels[interaction.channel_id]
        if original is not None and original.loading:
            require_awake(channel)
            added = await attach_files(self._files, channel, draft)
            change_message(self._world, original, draft, added)
            interaction.went_on.set()
            return 200, message_json(self._world, original)
        message = await answer_message(self._world, self._files, interaction, draft)
        message.reply_to = original.id if original is not None else None
        interaction.message_ids.add(message.id)
        interaction.followup_id = message.id
        posting.post(self._world, message)
        interaction.went_on.set()
        return 200, message_json(self._world, message)

    async def get(self, call: Call) -> Answer:
        """Read the answer or a followup."""
        return 200, message_json(self._world, self._message(call))

    async def edit(self, call: Call) -> Answer:
        """Change the answer or a followup."""
        message = self._message(call)
        channel = self._world.channels[message.channel_id]
        require_awake(channel)
        draft = read_draft(call.form(), call, settable=_EDIT_FLAGS, editing=message)
        added = await attach_files(self._files, channel, draft)
        change_message(self._world, message, draft, added)
        self._interaction(call).went_on.set()
        return 200, message_json(self._world, message)

    async def delete(self, call: Call) -> Answer:
        """Delete the answer or a followup."""
        message = self._message(call)
        require_awake(self._world.channels[message.channel_id])
        posting.delete(self._world, message)
        self._interaction(call).went_on.set()
        return 204, None

    def _interaction(self, call: Call) -> Interaction:
        """Find the interaction of a token.

        Raises:
            ApiError: 10015 for an unknown or never answered one, 50027 once the token expired.
        """
        interaction = self._world.interactions.by_token(call.params["webhook_token"])
        if interaction is None or call.params["webhook_id"] != self._world.bot.id:
            raise refuse(Refusal.UNKNOWN_WEBHOOK)
        if interaction.answer is None:
            raise refuse(Refusal.UNKNOWN_WEBHOOK)
        age_s = self._world.clock.now_s() - interaction.started_s
        if age_s >= self._world.knobs.token_lifetime_s:
            raise refuse(Refusal.EXPIRED_TOKEN)
        return interaction

    def _message(self, call: Call) -> Message:
        interaction = self._interaction(call)
        message_id = call.params.get("message_id", interaction.original_id)
        message = self._known(interaction, message_id)
        if message is None:
            raise refuse(Refusal.UNKNOWN_MESSAGE)
        return message

    def _known(self, interaction: Interaction, message_id: str | None) -> Message | None:
        if message_id is None or message_id not in interaction.message_ids:
            return None
        return self._world.message(interaction.channel_id, message_id)
