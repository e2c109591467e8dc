"""One emulator for all tests here, and a `World` for each."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tests.services.attachments import Attach, AttachmentHost
from tests.services.channel import Channel
from tests.services.fake_clock import FakeClock
from tests.services.gateway import OPERATORS_KEY, SERVERS_KEY, SERVERS_NEXT_KEY, Gateway
from tests.services.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def emulator_program() -> Iterator[dict[str, Any]]:
    """``python -m emulator``: it keeps its clips, so all tests together cost one render."""
    keys = ("--key", OPERATORS_KEY, "--key", SERVERS_KEY, "--key", SERVERS_NEXT_KEY)
    command = [sys.executable, "-m", "emulator", *keys]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        addresses: dict[str, Any] = json.loads(process.stdout.readline())
        yield addresses
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


@pytest.fixture
async def gateway(emulator_program: dict[str, Any]) -> AsyncIterator[Gateway]:
    async with aiohttp.ClientSession() as session:
        gateway = Gateway(session, emulator_program)
        await gateway.begin()
        yield gateway
        left = await gateway.faults_left()
        await gateway.begin()
        assert left == [], "a fault that was ordered never struck"


@pytest.fixture
def clock() -> FakeClock:
    """Jumps whenever everyone sleeps."""
    return FakeClock(jumps=True)


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest.fixture
async def world(
    tmp_path: Path, clock: FakeClock, channel: Channel, gateway: Gateway
) -> AsyncIterator[World]:
    world = World(folder=tmp_path, clock=clock, channel=channel, gateway=gateway)
    yield world
    await world.close()


@pytest.fixture
async def attachment_host() -> AsyncIterator[AttachmentHost]:
    async with AttachmentHost() as host:
        yield host


@pytest.fixture
def attach(attachment_host: AttachmentHost) -> Attach:
    return attachment_host.attach
