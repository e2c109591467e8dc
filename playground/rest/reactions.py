"""Reactions, as the bot gives, takes and reads them."""

from urllib.parse import unquote

from playground.rest.access import get_channel, get_message, require, require_awake
from playground.rest.call import Answer, Call, Endpoint
from playground.rest.errors import Refusal, refuse
from playground.wire.people import user_json
from playground.world import posting
from playground.world.emoji import is_emoji
from playground.world.model import Channel, Message
from playground.world.permissions import Permission
from playground.world.world import World

MAX_DIFFERENT = 20


class Reactions:
    """Handlers of .../messages/{message_id}/reactions."""

    def __init__(self, world: World) -> None:
        self._world = world

    def endpoints(self) -> list[Endpoint]:
        """Give what this module serves."""
        every = "/channels/{channel_id}/messages/{message_id}/reactions"
        one = every + "/{emoji_name}"
        return [
            Endpoint("PUT", one + "/@me", self.add),
            Endpoint("DELETE", one + "/@me", self.remove_own),
            Endpoint("DELETE", one + "/{user_id}", self.remove),
            Endpoint("GET", one, self.people),
            Endpoint("DELETE", one, self.clear_emoji),
            Endpoint("DELETE", every, self.clear),
        ]

    async def add(self, call: Call) -> Answer:
        """React; the first of an emoji needs ADD_REACTIONS."""
        channel, message = self._find(call)
        emoji = _emoji(call)
        require_awake(channel)
        require(self._world, channel, Permission.READ_MESSAGE_HISTORY)
        if emoji not in message.reactions:
            require(self._world, channel, Permission.ADD_REACTIONS)
            if len(message.reactions) >= MAX_DIFFERENT:
                raise refuse(Refusal.TOO_MANY_REACTIONS)
        posting.react(self._world, message, self._world.bot.id, emoji)
        return 204, None

    async def remove_own(self, call: Call) -> Answer:
        """Take the bot's own reaction back."""
        channel, message = self._find(call)
        require_awake(channel)
        posting.unreact(self._world, message, self._world.bot.id, _emoji(call))
        return 204, None

    async def remove(self, call: Call) -> Answer:
        """Take someone's reaction away."""
        channel, message = self._find(call)
        require_awake(channel)
        require(self._world, channel, Permission.MANAGE_MESSAGES)
        posting.unreact(self._world, message, call.params["user_id"], _emoji(call))
        return 204, None

    async def people(self, call: Call) -> Answer:
        """Who reacted with an emoji."""
        _, message = self._find(call)
        limit = call.whole("limit", least=1, most=100, default=25)
        after = call.whole("after", least=0, most=2**63, default=0)
        found = sorted(int(each) for each in message.reactions.get(_emoji(call), []))
        later = [str(each) for each in found if each > after]
        return 200, [user_json(self._world.users[each]) for each in later[:limit]]

    async def clear_emoji(self, call: Call) -> Answer:
        """Take one emoji off a message."""
        return self._clear(call, [_emoji(call)])

    async def clear(self, call: Call) -> Answer:
        """Take all reactions off a message."""
        _, message = self._find(call)
        return self._clear(call, list(message.reactions))

    def _clear(self, call: Call, emojis: list[str]) -> Answer:
        channel, message = self._find(call)
        require_awake(channel)
        require(self._world, channel, Permission.MANAGE_MESSAGES)
        for emoji in emojis:
            for user_id in list(message.reactions.get(emoji, [])):
                posting.unreact(self._world, message, user_id, emoji)
        return 204, None

    def _find(self, call: Call) -> tuple[Channel, Message]:
        channel = get_channel(self._world, call.params["channel_id"])
        return channel, get_message(channel, call.params["message_id"])


def _emoji(call: Call) -> str:
    emoji = unquote(call.params["emoji_name"])
    if not is_emoji(emoji):
        raise refuse(Refusal.UNKNOWN_EMOJI)
    return emoji
