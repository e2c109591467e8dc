"""``python -m emulator``: print the addresses as one line of JSON, serve until SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
import sys

from emulator.knobs import KnobError
from emulator.server import Emulator


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m emulator", description="A loopback stand-in for the video API."
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port (default)")
    parser.add_argument(
        "--in-flight",
        type=int,
        metavar="N",
        help="unfinished tasks per key and model; default: the gateway's figure",
    )
    parser.add_argument(
        "--render-delay", type=float, default=0.0, metavar="S", help="least seconds in PROCESSING"
    )
    parser.add_argument(
        "--renders-at-once", type=int, default=1, metavar="N", help="child processes at a time"
    )
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="KEY",
        help="API key that every gateway accepts; may be repeated",
    )
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    emulator = Emulator(
        port=arguments.port,
        keys=arguments.key,
        in_flight_limit=arguments.in_flight,
        render_delay_s=arguments.render_delay,
        renders_at_once=arguments.renders_at_once,
    )
    async with emulator:
        addresses = {
            "url": emulator.url,
            "api_base": emulator.api_base,
            "api_key": emulator.api_key,
            "bases": emulator.bases,
            "keys": emulator.keys,
            "ledger": f"{emulator.url}/emulator/ledger",
            "knobs": f"{emulator.url}/emulator/knobs",
        }
        print(json.dumps(addresses), flush=True)
        await stop.wait()


def main() -> None:
    """Parse the command line and serve."""
    logging.basicConfig(level=logging.WARNING)
    try:
        asyncio.run(_serve(_arguments()))
    except (KnobError, OSError) as error:
        sys.exit(f"python -m emulator: {error}")


if __name__ == "__main__":
    main()
