"""Downloads of files that others name: bounded, checked against private addresses, whole or not."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

from bot.domain.errors import ClipLinkExpiredError, ClipUnavailableError, ClipUnusableError
from bot.fault_points import FaultPoint, reached
from media.addresses import AddressPolicy, AddressRefusedError, CheckingResolver, checked_url
from media.file_version import FileVersion
from media.part_file import PartFile

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from yarl import URL

__all__ = ["AddressPolicy", "Downloaded", "download", "make_download_session"]

PIECE_BYTES = 256 * 1024  # one hop to the disk's thread
DOWNLOADS_AT_ONCE = 8  # of one session; the others wait
REDIRECTS_MAX = 3
CONNECT_S = 15.0
RESUMES_MAX = 8
SILENCE_S = 30.0  # without one byte; the total is the caller's
_REDIRECTS = (301, 302, 303, 307, 308)
_EXPIRED = (401, 403, 404, 410)  # what file hosts answer to a link past its time
_OK = 200


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that came whole.

    Attributes:
        size_bytes: Its length.
        sha256: Of its bytes, hexadecimal.
    """

    size_bytes: int
    sha256: str


def make_download_session(policy: AddressPolicy) -> aiohttp.ClientSession:
    """A session whose every connection is to an address that the policy allows.

    It keeps no cookies, reads no netrc and no proxy settings. The caller closes it.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=CheckingResolver(policy), limit=DOWNLOADS_AT_ONCE),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "Cogreel", "Accept-Encoding": "identity"},
        auto_decompress=False,  # the bytes as they are; nothing inflates past the cap
        trust_env=False,
    )


async def download(
    session: aiohttp.ClientSession,
    url: str,
    destination: Path,
    *,
    max_bytes: int,
    total_s: float,
    allow: AddressPolicy,
) -> Downloaded:
    """Stream a file to ``destination``: whole, synced and under its final name, or not at all.

    What breaks off is gone on with by a range request, where it is certain that the host still has
    the same file. Safe to cancel: no partial file stays behind.

    Args:
        session: Made by `make_download_session` with the same policy.
        url: Where it lies. Redirects are followed, each one checked.
        destination: Replaced if it exists; its folder must exist.
        max_bytes: Larger files are refused, by their claimed length or as they stream.
        total_s: Limit of everything, in seconds.
        allow: Which addresses may be asked.

    Raises:
        ClipLinkExpiredError: The link is no longer valid.
        ClipUnavailableError: No connection, an address that is not allowed, a cut, too slow, or
            an answer other than the file.
        ClipUnusableError: It is larger than ``max_bytes``.
        StorageFullError: The disk did not take it.
    """
    # A part is not kept for a later call: its link may be a fresh one by then, and at another
    # address nothing says that the file is the same. The clip is cheaper to fetch again.
    async with PartFile(destination) as part:
        transfer = _Transfer(
            session=session, part=part, max_bytes=max_bytes, allow=allow, slow_s=total_s / 4
        )
        with _mapped_errors():
            async with asyncio.timeout(total_s):
                await transfer.run(checked_url(url, allow))
        return Downloaded(await part.publish(), part.sha256)


@dataclass(slots=True, kw_only=True)
class _Transfer:
    """The requests of one download.

    Attributes:
        slow_s: A connection that takes longer is left for a fresh one, where that can go on.
        version: Which file the part is the beginning of; None if it cannot be gone on with.
        resumes_left: How often it may still be.
        broke_at_bytes: The part's length when it last broke off: each resume must bring more.
    """

    session: aiohttp.ClientSession
    part: PartFile
    max_bytes: int
    allow: AddressPolicy
    slow_s: float
    version: FileVersion | None = None
    resumes_left: int = RESUMES_MAX
    broke_at_bytes: int = 0

    async def run(self, url: URL) -> None:
        """Ask until the file is whole."""
        while True:
            try:
                if self.version is None or not await self._take_rest(self.version):
                    await self._ask_for_all(url)
            except (aiohttp.ClientError, OSError):
                if not self._may_resume(self.part.size_bytes):
                    raise
                self.resumes_left -= 1
                self.broke_at_bytes = self.part.size_bytes
            else:
                return

    def _may_resume(self, held_bytes: int) -> bool:
        if self.version is None or not self.resumes_left:
            return False
        return self.broke_at_bytes < held_bytes < self.version.size_bytes

    async def _take_rest(self, version: FileVersion) -> bool:
        """Go on from what is on the disk; False if the host gives neither the rest nor a file."""
        start_bytes = self.part.size_bytes
        async with self._get(version.url, version.rest_headers(start_bytes)) as response:
            if version.is_rest(response, start_bytes):
                await self._write(response)
                return True
            if response.status == _OK and "Content-Range" not in response.headers:
                await self._take_all(response)  # no ranges here, or another file by now
                return True
            return False

    async def _ask_for_all(self, url: URL) -> None:
        for _ in range(REDIRECTS_MAX + 1):
            async with self._get(url) as response:
                if response.status in _REDIRECTS:
                    location = response.headers.get("Location", "")
                    url = checked_url(location, self.allow, base=url)
                    continue
                await self._take_all(response)
                return
        raise ClipUnavailableError(f"more than {REDIRECTS_MAX} redirects")

    async def _take_all(self, response: aiohttp.ClientResponse) -> None:
        _check_answer(response, self.max_bytes)
        if self.part.size_bytes:
            # Going on did not work here. Once anew is enough; our caller comes back later.
            self.resumes_left = 0
            await self.part.restart()
        self.version = FileVersion.of(response)
        await self._write(response)

    async def _write(self, response: aiohttp.ClientResponse) -> None:
        held_bytes, piece = self.part.size_bytes, bytearray()
        slow_at_s = asyncio.get_running_loop().time() + self.slow_s
        try:
            async for data in response.content.iter_any():
                held_bytes += len(data)
                if held_bytes > self.max_bytes:
                    raise ClipUnusableError(
                        f"the file is longer than the {self.max_bytes} bytes that are taken"
                    )
                piece += data
                if len(piece) >= PIECE_BYTES:
                    await self.part.write(bytes(piece))
                    piece.clear()
                if asyncio.get_running_loop().time() > slow_at_s and self._may_resume(held_bytes):
                    raise TimeoutError
        except (aiohttp.ClientError, OSError):
            await self.part.write(bytes(piece))  # to go on from
            raise
        await self.part.write(bytes(piece))
        reached(FaultPoint.DURING_DOWNLOAD)

    def _get(
        self, url: URL, headers: Mapping[str, str] | None = None
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        return self.session.get(
            url,
            headers=headers,
            allow_redirects=False,
            # Not `connect`: that would count the wait for other downloads to end, too.
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=SILENCE_S),
        )


def _check_answer(response: aiohttp.ClientResponse, max_bytes: int) -> None:
    if response.status in _EXPIRED:
        raise ClipLinkExpiredError(f"the file host answered HTTP {response.status}")
    if response.status != _OK:
        raise ClipUnavailableError(f"the file host answered HTTP {response.status}")
    if response.content_length is not None and response.content_length > max_bytes:
        raise ClipUnusableError(
            f"the file has {response.content_length} bytes; at most {max_bytes} are taken"
        )


@contextmanager
def _mapped_errors() -> Generator[None]:
    """Turn aiohttp's errors into ours, without the link: it may be signed."""
    try:
        yield
    except AddressRefusedError as exc:
        raise ClipUnavailableError(str(exc)) from exc
    except aiohttp.ClientConnectorError as exc:
        # The resolver's own refusal arrives wrapped; its reason is worth more than the wrapper's.
        raise ClipUnavailableError(f"no connection: {exc.os_error}") from None
    except (aiohttp.ClientError, OSError) as exc:  # TimeoutError is an OSError
        raise ClipUnavailableError(f"the download broke off: {type(exc).__name__}") from None
