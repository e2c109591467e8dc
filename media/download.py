"""Downloads of files that others name: bounded, checked against private addresses, whole or not."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

from bot.domain.errors import ClipLinkExpiredError, ClipUnavailableError, ClipUnusableError
from media.addresses import AddressPolicy, AddressRefusedError, CheckingResolver, checked_url
from media.part_file import PartFile

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from yarl import URL

__all__ = ["AddressPolicy", "Downloaded", "download", "make_download_session"]

PIECE_BYTES = 256 * 1024  # one hop to the disk's thread
REDIRECTS_MAX = 3
CONNECT_S = 15.0
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
        connector=aiohttp.TCPConnector(resolver=CheckingResolver(policy), limit=16),
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

    Safe to cancel: no partial file stays behind.

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
    async with PartFile(destination) as part:
        with _mapped_errors():
            async with asyncio.timeout(total_s):
                await _stream(session, checked_url(url, allow), part, max_bytes, allow)
        return Downloaded(await part.publish(), part.sha256)


async def _stream(
    session: aiohttp.ClientSession,
    url: URL,
    part: PartFile,
    max_bytes: int,
    allow: AddressPolicy,
) -> None:
    for _ in range(REDIRECTS_MAX + 1):
        async with session.get(
            url,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_S, sock_read=SILENCE_S),
        ) as response:
            if response.status in _REDIRECTS:
                url = checked_url(response.headers.get("Location", ""), allow, base=url)
                continue
            _check_answer(response, max_bytes)
            await _write(response, part, max_bytes)
            return
    raise ClipUnavailableError(f"more than {REDIRECTS_MAX} redirects")


def _check_answer(response: aiohttp.ClientResponse, max_bytes: int) -> None:
    if response.status in _EXPIRED:
        raise ClipLinkExpiredError(f"the file host answered HTTP {response.status}")
    if response.status != _OK:
        raise ClipUnavailableError(f"the file host answered HTTP {response.status}")
    if response.content_length is not None and response.content_length > max_bytes:
        raise ClipUnusableError(
            f"the file has {response.content_length} bytes; at most {max_bytes} are taken"
        )


async def _write(response: aiohttp.ClientResponse, part: PartFile, max_bytes: int) -> None:
    received, piece = 0, bytearray()
    async for data in response.content.iter_any():
        received += len(data)
        if received > max_bytes:
            raise ClipUnusableError(f"the file is longer than the {max_bytes} bytes that are taken")
        piece += data
        if len(piece) >= PIECE_BYTES:
            await part.write(bytes(piece))
            piece.clear()
    await part.write(bytes(piece))


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
