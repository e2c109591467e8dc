"""``python -m playground``: run the stand-in until SIGTERM or Ctrl-C."""

import argparse
import asyncio
import json
import signal

from playground.server import Playground


async def _run(port: int, *, log: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with Playground(port=port, log=log) as playground:
        addresses = {
            "page": playground.page_url,
            "people_api": playground.people_api,
            "discord_api": playground.discord_api,
            "gateway": playground.gateway_url,
            "bot_token": playground.bot_token,
            "application_id": playground.application_id,
        }
        print(json.dumps(addresses), flush=True)
        await stop.wait()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m playground", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port (default)")
    parser.add_argument(
        "--no-log", action="store_true", help="keep no log of what the bot sends and receives"
    )
    arguments = parser.parse_args()
    try:
        asyncio.run(_run(arguments.port, log=not arguments.no_log))
    except OSError as error:
        parser.exit(1, f"Cannot listen on port {arguments.port}: {error.strerror}.\n")


if __name__ == "__main__":
    main()
