"""Whether a gateway takes a key is found out free of charge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from bot.clock import SystemClock
from bot.domain.errors import AccountError, ProviderError
from emulator.server import Emulator
from providers.credentials import Credentials
from providers.gateways import GATEWAYS
from providers.transport import ZhipuTransport
from tests.providers.raw_server import Answer, endless, hang_up, http_answer, raw_server

if TYPE_CHECKING:
    import aiohttp

KEY = "0123456789abcdef0123456789abcdef.ABCDEFGHIJKLMNOP"


def transport(session: aiohttp.ClientSession, base_url: str, key: str = KEY) -> ZhipuTransport:
    credentials = Credentials(SecretStr(key), kind="raw", clock=SystemClock())
    return ZhipuTransport(session, base_url=base_url, credentials=credentials)


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_every_gateway_takes_its_key_and_no_other_and_nothing_is_paid(
    session: aiohttp.ClientSession, gateway: str
) -> None:
    async with Emulator(keys=[KEY]) as emulator:
        base_url = emulator.base_of(gateway)
        await transport(session, base_url, emulator.keys[gateway]).check_key()
        with pytest.raises(AccountError):
            await transport(session, base_url, KEY[::-1]).check_key()
        assert len(emulator.ledger) == 0


@pytest.mark.parametrize(
    "answer",
    [
        http_answer(400, b'{"error":{"code":"1233","message":"no such task"}}'),
        http_answer(400, b'{"error":{"code":"1214","message":"bad id"}}'),
        http_answer(404, b'{"error":{"code":"7777","message":"new to us"}}'),
        http_answer(200, b'{"task_status":"PROCESSING"}'),
    ],
    ids=["no such task", "bad id", "a new code", "a task after all"],
)
async def test_a_refusal_that_is_not_about_the_account_means_that_the_key_is_good(
    session: aiohttp.ClientSession, answer: Answer
) -> None:
    async with raw_server(answer) as gateway:
        await transport(session, gateway.url).check_key()
    assert gateway.heads[0].startswith(b"GET /async-result/")


@pytest.mark.parametrize(
    "answer",
    [
        http_answer(500, b'{"error":{"code":"500","message":"broken"}}'),
        http_answer(503, b"<html>maintenance</html>"),
        http_answer(429, b'{"error":{"code":"1303","message":"slow down"}}'),
        http_answer(404, b"<html>nothing here</html>"),
        http_answer(200, b"<html>please log in</html>"),
        http_answer(302, b"", "Location: /login"),
        hang_up,
        endless,
    ],
    ids=["500", "503", "busy", "not found", "log in", "elsewhere", "nothing", "endless"],
)
async def test_an_answer_that_says_nothing_of_the_key_leaves_it_unknown(
    session: aiohttp.ClientSession, answer: Answer
) -> None:
    async with raw_server(answer) as gateway:
        with pytest.raises(ProviderError) as raised:
            await transport(session, gateway.url).check_key()
    assert not isinstance(raised.value, AccountError)


@pytest.mark.parametrize("shown", [KEY, KEY.partition(".")[2]])
async def test_a_gateway_that_shows_the_key_does_not_carry_it_into_the_error(
    session: aiohttp.ClientSession, shown: str
) -> None:
    body = f'{{"error":{{"code":"1002","message":"no such key: {shown}"}}}}'.encode()
    async with raw_server(http_answer(401, body)) as gateway:
        with pytest.raises(AccountError) as raised:
            await transport(session, gateway.url).check_key()
    assert shown not in str(raised.value)
