"""Starts and stops the three programs of the demo: emulator, playground, bot."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.domain.errors import StartupError
from bot.services.sealing import new_secrets_key
from bot.settings import PREFIX

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 30.0
STOP_WITHIN_S = 10.0
# Renders for the demo take seconds where a real gateway takes minutes; polling keeps that ratio.
DEMO_POLL_PACE = 0.03
DEMO_EXCHANGE_RATES = "CNY=0.1,PTC=1"  # made up: so CogVideoX-3 costs less at BigModel
DEMO_IN_FLIGHT = 2  # a second person's video starts while the first one's renders


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIns:
    """The addresses that the two stand-ins print when they are ready."""

    playground: dict[str, Any]
    emulator: dict[str, Any]


@asynccontextmanager
async def stand_ins(*, playground_port: int) -> AsyncGenerator[StandIns]:
    """Run emulator and playground as programs of their own until the block ends.

    Raises:
        StartupError: One of them did not start.
    """
    async with (
        program(
            "emulator", "--port", "0", "--render-delay", "2", "--in-flight", str(DEMO_IN_FLIGHT)
        ) as emulator,
        program("playground", "--port", str(playground_port)) as playground,
    ):
        yield StandIns(
            playground=await first_line(playground, "playground"),
            emulator=await first_line(emulator, "emulator"),
        )


def bot_environment(found: StandIns, state_dir: Path) -> dict[str, str]:
    """The settings that point a bot at the stand-ins; the operator's own are left out.

    Those of a ``.env`` too: `program` starts it in ``state_dir``, where there is none.
    """
    inherited = {k: v for k, v in os.environ.items() if not k.upper().startswith(PREFIX)}
    return inherited | {
        "PYTHONPATH": str(ROOT),
        "COGREEL_DISCORD_TOKEN": found.playground["bot_token"],
        "COGREEL_DISCORD_API_URL": found.playground["discord_api"],
        "COGREEL_DISCORD_GATEWAY_URL": found.playground["gateway"],
        "COGREEL_GATEWAY_URL": found.emulator["api_base"],
        "COGREEL_API_KEY": found.emulator["api_key"],
        "COGREEL_ACCOUNT_IN_FLIGHT": str(DEMO_IN_FLIGHT),
        "COGREEL_POLL_PACE": str(DEMO_POLL_PACE),
        "COGREEL_STATE_DIR": str(state_dir),
        "COGREEL_LOG_LEVEL": "WARNING",
    }


def further_accounts(found: StandIns) -> dict[str, str]:
    """The settings of two more accounts, and of what servers bring themselves."""
    return {
        "COGREEL_ACCOUNTS__BIGMODEL__GATEWAY": "bigmodel",
        "COGREEL_ACCOUNTS__BIGMODEL__GATEWAY_URL": found.emulator["bases"]["bigmodel"],
        "COGREEL_ACCOUNTS__BIGMODEL__API_KEY": found.emulator["keys"]["bigmodel"],
        "COGREEL_ACCOUNTS__BIGMODEL__IN_FLIGHT": str(DEMO_IN_FLIGHT),
        "COGREEL_ACCOUNTS__RESELLER__GATEWAY": "302ai",
        "COGREEL_ACCOUNTS__RESELLER__GATEWAY_URL": found.emulator["bases"]["302ai"],
        "COGREEL_ACCOUNTS__RESELLER__API_KEY": found.emulator["keys"]["302ai"],
        "COGREEL_ACCOUNTS__RESELLER__MODELS": "cogvideox-2",
        "COGREEL_EXCHANGE_RATES": DEMO_EXCHANGE_RATES,
        "COGREEL_SECRETS_KEY": new_secrets_key(),
    }


@asynccontextmanager
async def program(
    module: str,
    *arguments: str,
    environment: dict[str, str] | None = None,
    folder: Path | None = None,
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """``python -m module`` until the block ends; then SIGTERM, and SIGKILL if that is not enough.

    In a session of its own, so that a Ctrl-C in the terminal reaches only the demo, which then
    stops the programs in order.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stdin=asyncio.subprocess.DEVNULL,
        env=environment,
        cwd=folder,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_WITHIN_S):
                # Reads what is left of its output too: a full pipe would keep it from ending.
                await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()


async def first_line(process: asyncio.subprocess.Process, name: str) -> dict[str, Any]:
    """The addresses that a stand-in prints when it is ready.

    Raises:
        StartupError: It did not, in time.
    """
    if process.stdout is None:
        raise StartupError(f"the {name} has no output")
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            line = await process.stdout.readline()
        found: dict[str, Any] = json.loads(line)
    except (TimeoutError, ValueError) as exc:
        raise StartupError(f"the {name} did not start within {READY_WITHIN_S:.0f} s") from exc
    return found
