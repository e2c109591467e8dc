import asyncio
import json
import signal
import socket
import sys
from pathlib import Path

import aiohttp
import pytest
import yarl

from playground.server import HOST, Playground
from tests.playground.driver import PATIENCE_S

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_program_tells_its_addresses_and_stops_when_told(
    session: aiohttp.ClientSession, number: signal.Signals
) -> None:
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "playground", "--port", "0", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert program.stdout
    async with asyncio.timeout(PATIENCE_S):
        told = json.loads(await program.stdout.readline())
        assert set(told) == {
            "page",
            "people_api",
            "discord_api",
            "gateway",
            "bot_token",
            "application_id",
        }
        async with session.get(told["people_api"] + "/state") as response:
            assert response.status == 200
        program.send_signal(number)
        assert await program.wait() == 0


async def test_a_taken_port_is_told() -> None:
    server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "playground", "--port", str(port)),
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(PATIENCE_S):
        _, error = await program.communicate()
    server.close()
    await server.wait_closed()

    assert program.returncode == 1
    assert f"Cannot listen on port {port}" in error.decode()
    assert "Traceback" not in error.decode()


def connected(address: tuple[str, int], *, times: int) -> list[socket.socket]:
    """Connect, while nobody accepts: this blocks the loop that would."""
    return [socket.create_connection(address, timeout=0.9) for _ in range(times)]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system allows fewer")
async def test_hundreds_may_connect_at_one_moment_and_none_waits_a_second_for_it() -> None:
    async with Playground() as playground:
        url = yarl.URL(playground.origin)
        for each in connected((HOST, url.port or 0), times=400):
            each.close()
