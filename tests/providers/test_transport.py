"""The client against answers that no well-behaved server gives."""

from __future__ import annotations

import asyncio
import logging
import socket
import traceback
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from bot.clock import SystemClock
from bot.domain.errors import (
    AccountError,
    ProviderError,
    ProviderProtocolError,
    ProviderUnavailableError,
    SubmissionUnknownError,
    TaskNotFoundError,
)
from providers.credentials import Credentials
from providers.transport import ANSWER_MAX_BYTES, ZhipuTransport
from providers.zhipu_wire import CreatedTask, Rendering
from tests.providers.raw_server import (
    Answer,
    RawServer,
    endless,
    hang_up,
    http_answer,
    never,
    raw_server,
)

if TYPE_CHECKING:
    import aiohttp

KEY = "0123456789abcdef0123456789abcdef.ABCDEFGHIJKLMNOP"
BODY = b'{"model":"cogvideox-3","prompt":"x"}'
ACCEPTED = b'{"id":"task-1","task_status":"PROCESSING"}'


def raw(key: str) -> Credentials:
    return Credentials(SecretStr(key), kind="raw", clock=SystemClock())


def client(
    gateway: RawServer, session: aiohttp.ClientSession, *, scheme: str = "http", total_s: float = 5
) -> ZhipuTransport:
    return ZhipuTransport(
        session,
        base_url=f"{scheme}://127.0.0.1:{gateway.port}/api/paas/v4",
        credentials=raw(KEY),
        create_total_s=total_s,
        poll_total_s=total_s,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_a_create_is_one_post_with_the_key_and_the_bytes_as_they_are(
    session: aiohttp.ClientSession,
) -> None:
    async with raw_server(http_answer(200, ACCEPTED)) as gateway:
        assert await client(gateway, session).create(BODY) == CreatedTask("task-1")
    assert gateway.heads[0].startswith(b"POST /api/paas/v4/videos/generations HTTP/1.1\r\n")
    assert f"Authorization: Bearer {KEY}\r\n".encode() in gateway.heads[0]
    assert b"Content-Type: application/json\r\n" in gateway.heads[0]
    assert gateway.bodies == [BODY]


async def test_a_create_with_two_large_images_arrives_whole(session: aiohttp.ClientSession) -> None:
    large = b'{"image_url":"' + b"A" * 14_000_000 + b'"}'
    async with raw_server(http_answer(200, ACCEPTED)) as gateway:
        await client(gateway, session).create(large)
    assert gateway.bodies[0] == large


@pytest.mark.parametrize(
    ("task_id", "path"),
    [("20260818102501", b"20260818102501"), ("a/../b?c#d e", b"a%2F..%2Fb%3Fc%23d%20e")],
)
async def test_a_task_id_stays_one_piece_of_the_path(
    session: aiohttp.ClientSession, task_id: str, path: bytes
) -> None:
    async with raw_server(http_answer(200, b'{"task_status":"PROCESSING"}')) as gateway:
        assert await client(gateway, session).poll(task_id) == Rendering()
    assert gateway.heads[0].startswith(b"GET /api/paas/v4/async-result/" + path + b" HTTP/1.1\r\n")


async def test_refusals_come_through_by_their_code(session: aiohttp.ClientSession) -> None:
    refusal = b'{"error":{"code":"1113","message":"Insufficient balance"}}'
    async with raw_server(http_answer(429, refusal)) as gateway:
        with pytest.raises(AccountError, match="Insufficient balance"):
            await client(gateway, session).create(BODY)
    async with raw_server(http_answer(400, b'{"error":{"code":"1233"}}')) as gateway:
        with pytest.raises(TaskNotFoundError):
            await client(gateway, session).poll("gone")


# --- signed tokens ----------------------------------------------------------------------------


def answers(*bodies: tuple[int, bytes]) -> Answer:
    """One after the other; the last one for ever."""
    left = [http_answer(status, body, "Connection: close") for status, body in bodies]

    async def answer(writer: asyncio.StreamWriter) -> None:
        await (left.pop(0) if len(left) > 1 else left[0])(writer)

    return answer


EXPIRED = (401, b'{"error":{"code":"1003","message":"expired"}}')


def signing(gateway: RawServer, session: aiohttp.ClientSession) -> ZhipuTransport:
    credentials = Credentials(SecretStr(KEY), kind="jwt", clock=SystemClock())
    return ZhipuTransport(session, base_url=gateway.url, credentials=credentials)


async def test_an_expired_token_is_signed_anew_and_the_call_made_once_more(
    session: aiohttp.ClientSession,
) -> None:
    async with raw_server(answers(EXPIRED, (200, ACCEPTED))) as gateway:
        assert await signing(gateway, session).create(BODY) == CreatedTask("task-1")
    assert gateway.bodies == [BODY, BODY]
    for head in gateway.heads:
        assert b"Authorization: Bearer eyJ" in head
        assert KEY.split(".")[1].encode() not in head


async def test_a_token_that_is_always_expired_is_the_accounts_trouble(
    session: aiohttp.ClientSession,
) -> None:
    async with raw_server(answers(EXPIRED)) as gateway:
        with pytest.raises(AccountError):
            await signing(gateway, session).poll("task-1")
    assert len(gateway.heads) == 2


async def test_a_key_is_not_sent_again_after_any_refusal(session: aiohttp.ClientSession) -> None:
    async with raw_server(answers(EXPIRED)) as gateway:
        with pytest.raises(AccountError):
            await client(gateway, session).create(BODY)
    assert len(gateway.heads) == 1


# --- before anything was sent -----------------------------------------------------------------


async def test_a_refused_connection_is_certainly_without_effect(
    session: aiohttp.ClientSession,
) -> None:
    transport = ZhipuTransport(
        session, base_url=f"http://127.0.0.1:{free_port()}", credentials=raw("k")
    )
    with pytest.raises(ProviderUnavailableError):
        await transport.create(BODY)
    with pytest.raises(ProviderUnavailableError):
        await transport.poll("x")


async def test_a_name_that_does_not_resolve_is_certainly_without_effect(
    session: aiohttp.ClientSession,
) -> None:
    transport = ZhipuTransport(
        session, base_url="https://no-such-host.invalid/v4", credentials=raw("k")
    )
    with pytest.raises(ProviderUnavailableError):
        await transport.create(BODY)


async def test_a_server_without_tls_is_certainly_without_effect(
    session: aiohttp.ClientSession,
) -> None:
    async with raw_server(never, greeting=b"220 this is no TLS\r\n") as gateway:
        with pytest.raises(ProviderUnavailableError):
            await client(gateway, session, scheme="https").create(BODY)


async def test_a_connection_that_is_never_taken_is_certainly_without_effect(
    session: aiohttp.ClientSession,
) -> None:
    # It takes the connection, but never answers the TLS greeting.
    async with raw_server(never) as gateway:
        with pytest.raises(ProviderUnavailableError):
            await client(gateway, session, scheme="https", total_s=0.2).create(BODY)


# --- after it may have been sent --------------------------------------------------------------


async def reset(writer: asyncio.StreamWriter) -> None:
    linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"  # on, 0 s: closing sends a reset
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.close()


async def cut_in_the_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Le")


async def cut_in_the_body(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + ACCEPTED)


async def stall_in_the_body(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    await writer.drain()
    await asyncio.Event().wait()


async def speak_no_http(writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")


@pytest.mark.parametrize(
    "answer",
    [
        *(never, hang_up, reset, cut_in_the_headers, cut_in_the_body, stall_in_the_body),
        *(speak_no_http, endless),
    ],
    ids=lambda answer: getattr(answer, "__name__", None),
)
async def test_whatever_happens_after_sending_leaves_a_create_unknown_and_a_poll_harmless(
    session: aiohttp.ClientSession, answer: Answer
) -> None:
    async with raw_server(answer) as gateway:
        with pytest.raises(SubmissionUnknownError):
            await client(gateway, session, total_s=0.3).create(BODY)
        assert gateway.bodies == [BODY]  # and it was sent once only
        with pytest.raises(ProviderUnavailableError):
            await client(gateway, session, total_s=0.3).poll("x")


async def test_an_answer_of_exactly_the_cap_is_read(session: aiohttp.ClientSession) -> None:
    padded = ACCEPTED + b" " * (ANSWER_MAX_BYTES - len(ACCEPTED))
    async with raw_server(http_answer(200, padded)) as gateway:
        assert await client(gateway, session).create(BODY) == CreatedTask("task-1")


async def test_a_cancelled_create_raises_nothing_but_the_cancellation(
    session: aiohttp.ClientSession,
) -> None:
    async with raw_server(never) as gateway, asyncio.timeout(5):
        create_task = asyncio.create_task(client(gateway, session).create(BODY))
        await gateway.asked.wait()
        create_task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await create_task


# --- the key ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed_so_the_key_goes_nowhere_else(
    session: aiohttp.ClientSession, status: int
) -> None:
    async with raw_server(http_answer(200, ACCEPTED)) as elsewhere:
        answer = http_answer(status, b"", f"Location: {elsewhere.url}/api/paas/v4/x")
        async with raw_server(answer) as gateway:
            with pytest.raises(SubmissionUnknownError):
                await client(gateway, session).create(BODY)
            with pytest.raises(ProviderProtocolError):
                await client(gateway, session).poll("x")
    assert elsewhere.heads == []


async def test_the_key_appears_in_no_error_no_representation_and_no_log(
    session: aiohttp.ClientSession,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = f"<html>you sent Authorization: {KEY} and {KEY[:20]}</html>".encode()
    answers = [http_answer(400, echo), http_answer(200, echo), hang_up, speak_no_http]
    said = ""
    for answer in answers:
        async with raw_server(answer) as gateway:
            transport = client(gateway, session)
            said += repr(transport) + str(vars(transport))
            with pytest.raises(ProviderError) as caught:
                await transport.create(BODY)
            said += repr(caught.value) + "".join(traceback.format_exception(caught.value))
    assert KEY not in said + caplog.text
