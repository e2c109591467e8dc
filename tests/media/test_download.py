from __future__ import annotations

import asyncio
import hashlib
import resource
import socket
from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import (
    ClipLinkExpiredError,
    ClipUnavailableError,
    ClipUnusableError,
    StorageError,
    StorageFullError,
)
from media.addresses import DISCORD_FILE_HOSTS, AddressRefusedError, checked_url
from media.download import AddressPolicy, Downloaded, download, make_download_session
from tests.providers.raw_server import Answer, endless, hang_up, http_answer, never, raw_server

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    import aiohttp

LOOPBACK = AddressPolicy(loopback=True)
CONTENT = bytes(range(256)) * 4_096  # 1 MiB


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
async def session() -> AsyncGenerator[aiohttp.ClientSession]:
    async with make_download_session(LOOPBACK) as opened:
        yield opened


async def fetch(
    session: aiohttp.ClientSession,
    url: str,
    folder: Path,
    *,
    max_bytes: int = 2_000_000,
    total_s: float = 5.0,
    allow: AddressPolicy = LOOPBACK,
) -> Downloaded:
    return await download(
        session, url, folder / "clip.mp4", max_bytes=max_bytes, total_s=total_s, allow=allow
    )


async def test_a_file_comes_whole_under_its_name_with_length_and_digest(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async with raw_server(http_answer(200, CONTENT, "Set-Cookie: a=b")) as host:
        got = await fetch(session, f"{host.url}/f.mp4?Signature=a%2Fb%3D&x=1+2", tmp_path)
        await fetch(session, f"{host.url}/f.mp4", tmp_path)
    assert got == Downloaded(len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert names(tmp_path) == ["clip.mp4"]
    assert (tmp_path / "clip.mp4").read_bytes() == CONTENT
    assert b"GET /f.mp4?Signature=a%2Fb%3D&x=1+2 HTTP" in host.heads[0]  # the signature survives
    for head in host.heads:
        assert b"cookie" not in head.lower()
        assert b"authorization" not in head.lower()


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_a_link_past_its_time_is_told_apart(
    session: aiohttp.ClientSession, tmp_path: Path, status: int
) -> None:
    async with raw_server(http_answer(status, b"gone")) as host:
        with pytest.raises(ClipLinkExpiredError):
            await fetch(session, host.url, tmp_path)
    assert names(tmp_path) == []


@pytest.mark.parametrize("status", [204, 206, 300, 400, 418, 429, 500, 503])
async def test_any_other_status_is_tried_again_later(
    session: aiohttp.ClientSession, tmp_path: Path, status: int
) -> None:
    async with raw_server(http_answer(status, b"")) as host:
        with pytest.raises(ClipUnavailableError, match=str(status)):
            await fetch(session, host.url, tmp_path)


# --- size and time ----------------------------------------------------------------------------


async def unclaimed(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + CONTENT)


async def cut(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + CONTENT)


async def stall(writer: asyncio.StreamWriter) -> None:
    await cut(writer)
    await writer.drain()
    await asyncio.Event().wait()


async def claim_only(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
    await writer.drain()
    await asyncio.Event().wait()


@pytest.mark.parametrize("answer", [claim_only, endless, unclaimed], ids=lambda f: f.__name__)
async def test_a_file_over_the_cap_ends_at_the_cap(
    session: aiohttp.ClientSession, tmp_path: Path, answer: Answer
) -> None:
    async with raw_server(answer) as host:
        with pytest.raises(ClipUnusableError):
            await fetch(session, host.url, tmp_path, max_bytes=1_000_000)
    assert names(tmp_path) == []


async def test_a_file_of_exactly_the_cap_is_taken(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async with raw_server(http_answer(200, CONTENT)) as host:
        got = await fetch(session, host.url, tmp_path, max_bytes=len(CONTENT))
    assert got.size_bytes == len(CONTENT)


@pytest.mark.parametrize("answer", [cut, stall, never, hang_up], ids=lambda f: f.__name__)
async def test_a_download_that_stops_short_leaves_nothing_behind(
    session: aiohttp.ClientSession, tmp_path: Path, answer: Answer
) -> None:
    async with raw_server(answer) as host:
        with pytest.raises(ClipUnavailableError):
            await fetch(session, host.url, tmp_path, total_s=0.3)
    assert names(tmp_path) == []


async def test_a_broken_download_leaves_the_older_file_as_it_was(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"older")
    async with raw_server(cut) as host:
        with pytest.raises(ClipUnavailableError):
            await fetch(session, host.url, tmp_path)
    assert (tmp_path / "clip.mp4").read_bytes() == b"older"


async def test_a_cancelled_download_leaves_nothing_behind(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async with raw_server(stall) as host, asyncio.timeout(5):
        fetch_task = asyncio.create_task(fetch(session, host.url, tmp_path))
        await host.asked.wait()
        fetch_task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fetch_task
    assert names(tmp_path) == []


async def test_a_disk_that_takes_no_more_is_told_as_such(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with raw_server(http_answer(200, CONTENT)) as host:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
        try:
            with pytest.raises(StorageFullError):
                await fetch(session, host.url, tmp_path)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert names(tmp_path) == []


async def test_a_folder_that_is_not_there_is_a_storage_error(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    with pytest.raises(StorageError):
        await fetch(session, "http://127.0.0.1:1/", tmp_path / "none")


# --- addresses --------------------------------------------------------------------------------


async def test_up_to_three_redirects_are_followed(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async with raw_server(http_answer(200, b"clip")) as last:
        where = f"Location: {last.url}/f.mp4"
        async with raw_server(http_answer(302, b"", where)) as first:
            assert (await fetch(session, first.url, tmp_path)).size_bytes == 4
    async with raw_server(http_answer(307, b"", "Location: /again")) as circle:
        with pytest.raises(ClipUnavailableError, match="more than 3 redirects"):
            await fetch(session, circle.url, tmp_path)
    assert len(circle.heads) == 4


@pytest.mark.parametrize(
    "target",
    [
        *("http://10.0.0.1/", "https://10.0.0.1/", "https://169.254.169.254/latest/meta-data/"),
        *("file:///etc/passwd", "ftp://127.0.0.1/", "https://user:pass@127.0.0.1/", ""),
    ],
)
async def test_a_redirect_to_where_nobody_may_go_is_not_followed(
    session: aiohttp.ClientSession, tmp_path: Path, target: str
) -> None:
    async with raw_server(http_answer(302, b"", f"Location: {target}")) as host:
        with pytest.raises(ClipUnavailableError):
            await fetch(session, host.url, tmp_path)


INSIDE = [
    *("127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1"),
    "0.0.0.0",  # noqa: S104  # an address to refuse, not to bind to
    *("::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "2002:0a00:0001::"),
    *("::127.0.0.1", "::10.0.0.1", "::ffff:0:10.0.0.1", "64:ff9b:1::10.0.0.1", "fec0::1"),
]


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_inside_is_allowed(address: str) -> None:
    assert not AddressPolicy().allows(address)
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(AddressRefusedError):
        checked_url(f"https://{host}/f.mp4", AddressPolicy())


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "64:ff9b::1.1.1.1"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert AddressPolicy().allows(address)


def test_the_stand_ins_policy_adds_this_machine_and_nothing_else() -> None:
    assert LOOPBACK.allows("127.0.0.1")
    assert LOOPBACK.allows("::1")
    assert not LOOPBACK.allows("10.0.0.1")
    assert str(checked_url("http://localhost:8/x", LOOPBACK)) == "http://localhost:8/x"
    with pytest.raises(AddressRefusedError, match="not HTTPS"):
        checked_url("http://example.com/x", LOOPBACK)


@pytest.mark.parametrize(
    "url",
    [
        *("", "clip.mp4", "//example.com/x", "https://", "https:///x", "javascript:alert(1)"),
        *("https://u@example.com/", "https://example.com:99999/", "http://example.com/"),
        *("https://[::1/", "https://exa mple.com/\r\nX: y", "https://example.com/" + "x" * 5_000),
    ],
)
def test_what_is_no_public_https_link_is_refused(url: str) -> None:
    with pytest.raises(AddressRefusedError):
        checked_url(url, AddressPolicy())


def test_a_host_list_admits_its_hosts_alone() -> None:
    policy = AddressPolicy(hosts=DISCORD_FILE_HOSTS)
    assert checked_url("https://CDN.discordapp.com/attachments/1/2/x.png?ex=1", policy)
    for host in ("evil.example", "cdn.discordapp.com.evil.example", "xcdn.discordapp.com"):
        with pytest.raises(AddressRefusedError, match="not a host that may be asked"):
            checked_url(f"https://{host}/x.png", policy)


@pytest.mark.parametrize("name", ["localhost", "127.1", "2130706433", "0x7f000001"])
async def test_a_name_that_leads_inside_is_refused_when_it_is_resolved(
    tmp_path: Path, name: str
) -> None:
    public_only = AddressPolicy()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"https://{name}:{listening.getsockname()[1]}/f.mp4"
        async with make_download_session(public_only) as session:
            with pytest.raises(ClipUnavailableError):
                await fetch(session, url, tmp_path, allow=public_only)
        listening.settimeout(0)
        with pytest.raises(BlockingIOError):
            listening.accept()


@pytest.mark.parametrize("host", ["x" * 70 + ".example", "no-such-host.invalid"])
async def test_a_host_that_is_no_name_is_unavailable(
    session: aiohttp.ClientSession, tmp_path: Path, host: str
) -> None:
    with pytest.raises(ClipUnavailableError):
        await fetch(session, f"https://{host}/f.mp4", tmp_path)


async def test_no_error_shows_the_links_signature(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async with raw_server(hang_up) as host:
        with pytest.raises(ClipUnavailableError) as caught:
            await fetch(session, f"{host.url}/x?Signature=s3cr3t", tmp_path)
    assert "s3cr3t" not in repr(caught.value)
    with pytest.raises(ClipUnavailableError) as caught:
        await fetch(session, "https://10.0.0.1/x?Signature=s3cr3t", tmp_path)
    assert "s3cr3t" not in repr(caught.value)
