"""What a person, or a script, reads: state, channels, messages, commands, the log."""

from playground.log import KEPT, Log
from playground.people.errors import unknown
from playground.people.menu import menu, runnable_view
from playground.people.request import PeopleRequest, check_people
from playground.people.views import (
    bot_view,
    channel_view,
    guild_view,
    message_view,
    person_view,
    sees,
)
from playground.world.locales import LOCALES
from playground.world.model import Json
from playground.world.permissions import Permission
from playground.world.world import World

_MESSAGES = 50
_MOST_MESSAGES = 200


class Reading:
    """Handlers of the GETs of /playground."""

    def __init__(self, world: World, log: Log) -> None:
        self._world = world
        self._log = log

    async def state(self, _request: PeopleRequest) -> Json:
        """Servers, people and the bot."""
        return {
            "guilds": [guild_view(guild) for guild in self._world.guilds.values()],
            "people": [person_view(self._world, each) for each in self._world.people],
            "bot": bot_view(self._world),
            "locales": list(LOCALES),
        }

    async def channels(self, request: PeopleRequest) -> Json:
        """The channels and threads a person sees in a server, and their DM with the bot."""
        person = request.person(bots=True)
        form = request.form()
        guild_id = form.id("guild")
        check_people(form)
        guild = self._world.guilds.get(guild_id or "")
        if guild_id is not None and (guild is None or person.id not in guild.members):
            raise unknown("guild")
        return {
            "channels": [
                channel_view(self._world, channel)
                for channel in self._world.channels.values()
                if channel.guild_id in {guild_id, None} and sees(self._world, person.id, channel)
            ]
        }

    async def messages(self, request: PeopleRequest) -> Json:
        """The newest messages a person sees in a channel, oldest first."""
        person = request.person(bots=True)
        channel = request.channel(person)
        form = request.form()
        limit = form.whole("limit", least=1, most=_MOST_MESSAGES)
        after = int(form.id("after") or 0)
        check_people(form)
        if not self._world.may(person.id, channel, Permission.READ_MESSAGE_HISTORY):
            return {"messages": []}
        found: list[Json] = []
        for message in reversed(channel.messages.values()):
            if int(message.id) <= after or len(found) == (limit or _MESSAGES):
                break
            if message.ephemeral_for in {None, person.id}:
                found.append(message_view(self._world, message))
        return {"messages": found[::-1]}

    async def commands(self, request: PeopleRequest) -> Json:
        """The commands a person may run in a channel."""
        person = request.person()
        channel = request.channel(person)
        usable = menu(self._world, person.id, channel)
        return {"commands": [runnable_view(each, person.locale) for each in usable]}

    async def log(self, request: PeopleRequest) -> Json:
        """What the bot sent and received."""
        form = request.form()
        after = form.whole("after")
        limit = form.whole("limit", least=1, most=KEPT)
        check_people(form)
        return {"entries": self._log.after(after or 0, limit or KEPT)}

    async def reset_log(self, _request: PeopleRequest) -> Json:
        """Empty the log."""
        self._log.clear()
        return {}
