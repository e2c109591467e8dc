"""The tour for those who look on at the page: nobody acts before who does what has been read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.person import PeopleApi

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playground.person import Json


class WatchedApi(PeopleApi):
    """A people API whose acts wait until all captions before them were shown at the page."""

    _told: tuple[Json, ...] = ()

    def tell(self, caption: Json) -> None:
        """Take a caption; it goes to the page with the next act, or with `flush`."""
        self._told += (caption,)

    async def flush(self) -> int:
        """Give the page the captions that it has not got; how many it has."""
        told, self._told = self._told, ()
        last = 0
        for caption in told:
            last = (await super().send("/caption", caption))["last"]
        return last

    async def send(
        self,
        path: str,
        body: Json,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        *,
        method: str = "POST",
    ) -> Json:
        """Act, once the page has shown what was told of it; raises as the base's does."""
        last = await self.flush()
        while (await self.get("/captions", shown=last))["shown"] < last:
            pass  # each question waits for an answer
        return await super().send(path, body, files, method=method)
