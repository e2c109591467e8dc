"""What a script tells the people at the page, caption by caption, as they go on."""

import asyncio

from playground.people.errors import PeopleError, unknown
from playground.people.request import PeopleRequest, check_people
from playground.people.stream import Streams
from playground.people.views import sees
from playground.world.model import Json
from playground.world.world import World

WAIT_S = 20.0
MOST = 1_000


class Captions:
    """Handlers of /playground/caption, /captions and /next-caption.

    A caption is shown when somebody at the page goes on to it; the first one too. So a script can
    wait with an act until who is about to do it has been read.
    """

    def __init__(self, world: World, streams: Streams) -> None:
        self._world = world
        self._streams = streams
        self._captions: list[Json] = []
        self._shown = 0  # how many were shown
        self._moved = asyncio.Event()

    async def add(self, request: PeopleRequest) -> Json:
        """Put a caption after those there are."""
        form = request.form()
        caption: Json = {
            "title": form.text("title", least=1, most=200, required=True),
            "who": form.text("who", most=80),
            "says": form.text("says", least=1, most=2_000, required=True),
            "end": form.flag("end"),
        }
        person, channel = form.id("as"), form.id("channel")
        check_people(form)
        if len(self._captions) >= MOST:
            raise PeopleError("too_many", f"At most {MOST} captions.")
        self._captions.append(caption | self._place(person, channel))
        self._tell()
        return self.view()

    async def next(self, request: PeopleRequest) -> Json:
        """Show the caption after the one that is named: two windows may ask for the same."""
        form = request.form()
        after = form.whole("after", required=True)
        check_people(form)
        if after == self._shown < len(self._captions):
            self._shown += 1
            self._tell()
        return self.view()

    async def read(self, request: PeopleRequest) -> Json:
        """Give the caption that is shown; with ``shown``, wait a while until so many were."""
        form = request.form()
        wanted = form.whole("shown") or 0
        check_people(form)
        try:
            async with asyncio.timeout(WAIT_S):
                while self._shown < wanted:
                    await self._moved.wait()
        except TimeoutError:
            pass
        return self.view()

    def view(self) -> Json:
        """Give where the viewers are: how many captions were shown, of how many, and the last."""
        caption = self._captions[self._shown - 1] if self._shown else None
        return {"shown": self._shown, "last": len(self._captions), "caption": caption}

    def _place(self, person: str | None, channel_id: str | None) -> Json:
        """Find where it is to be seen, and by whom: by the one before, if that one sees it."""
        before = self._captions[-1] if self._captions else {"as": None, "channel": None}
        if person is not None and person not in self._world.people:
            raise unknown("person")
        person = person or before["as"]
        channel = self._world.channels.get(channel_id or before["channel"] or "")
        if channel is None:
            return {"as": person, "guild": None, "channel": None}
        if person is None or not sees(self._world, person, channel):
            person = next((p for p in self._people() if sees(self._world, p, channel)), person)
        return {"as": person, "guild": channel.guild_id, "channel": channel.id}

    def _people(self) -> list[str]:
        return [each for each in self._world.people if not self._world.users[each].bot]

    def _tell(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()
        self._streams.tell_all("caption", self.view())
