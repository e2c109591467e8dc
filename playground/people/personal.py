"""What a person has for themselves: their language, and their direct conversation with the bot."""

from dataclasses import replace

from playground.people.errors import unknown
from playground.people.request import PeopleRequest
from playground.people.views import channel_view, person_view
from playground.world.locales import LOCALES
from playground.world.model import Json
from playground.world.world import World


class Personal:
    """Handlers of /playground/locale and /dm."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def locale(self, request: PeopleRequest) -> Json:
        """Switch the language of a person's Discord; interactions tell it from now on."""
        person = request.person()
        locale = request.need_text("locale", most=10)
        if locale not in LOCALES:
            raise unknown("locale")
        self._world.users[person.id] = replace(person, locale=locale)
        return {"person": person_view(self._world, person.id)}

    async def dm(self, request: PeopleRequest) -> Json:
        """Open the direct conversation with the bot. The bot hears of it with the first message."""
        channel = self._world.dm_with(request.person().id)
        return {"channel": channel_view(self._world, channel)}
