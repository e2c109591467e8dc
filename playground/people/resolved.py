"""The ``resolved`` part of an interaction: what the ids in its data stand for."""

from playground.wire.messages import attachment_json, message_json
from playground.wire.people import member_json, role_json, user_json
from playground.wire.places import channel_json
from playground.world.model import Attachment, Channel, Json, Message
from playground.world.permissions import Permission
from playground.world.world import World


class Resolved:
    """Gathers what an interaction's data names."""

    def __init__(self, world: World, channel: Channel) -> None:
        self._world = world
        self._channel = channel
        self._guild = world.guild_of(channel)
        self._found: dict[str, Json] = {}

    def payload(self) -> Json:
        """Give ``resolved``; empty if nothing was named."""
        return dict(self._found)

    def add_user(self, user_id: str) -> bool:
        """Name a user, with its membership in a server; False if there is none here."""
        user = self._world.users.get(user_id)
        member = self._guild.members.get(user_id) if self._guild else None
        sides = {self._channel.recipient_id, self._world.bot.id}  # of a DM
        if user is None or (member is None if self._guild else user_id not in sides):
            return False
        self._put("users", user_id, user_json(user))
        if member is not None:
            may = self._world.permissions(user_id, self._channel)
            shown = {**member_json(member, None), "permissions": str(int(may))}
            self._put("members", user_id, shown)
        return True

    def add_role(self, role_id: str) -> bool:
        """Name a role; False if there is none."""
        role = self._guild.roles.get(role_id) if self._guild else None
        if role is None or self._guild is None:
            return False
        self._put("roles", role_id, role_json(role, self._guild))
        return True

    def add_channel(self, channel_id: str, kinds: list[int] | None, user_id: str) -> bool:
        """Name a channel of one of these types that a person sees; False if there is none."""
        channel = self._guild.channels.get(channel_id) if self._guild else None
        if channel is None or (kinds and int(channel.kind) not in kinds):
            return False
        may = self._world.permissions(user_id, channel)
        if Permission.VIEW_CHANNEL not in may:
            return False
        shown = channel_json(self._world, channel)
        self._put("channels", channel_id, {**shown, "permissions": str(int(may))})
        return True

    def add_attachment(self, attachment: Attachment) -> None:
        """Name a file."""
        self._put("attachments", attachment.id, attachment_json(self._world, attachment))

    def add_message(self, message: Message) -> None:
        """Name a message: a message command gives it whole, whatever the intents."""
        self._put("messages", message.id, message_json(self._world, message))

    def _put(self, kind: str, key: str, value: Json) -> None:
        self._found.setdefault(kind, {})[key] = value
