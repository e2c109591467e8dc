"""The command line: ``python -m bot --help``."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from datetime import date

from bot import devtools
from bot.domain.errors import CogreelError, StartupError

ID_ENDS = 2**63  # Discord's ids are below, and so is what a database holds
MISUSED = 2  # the exit code of a wrong setting, as of a wrong argument


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; its exit code."""
    parsed, rest = _parser().parse_known_args(arguments)
    if rest and parsed.verb not in {"test", "check"}:
        _parser().error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        return _verb(parsed, rest)
    except StartupError as exc:
        print(exc, file=sys.stderr)
        return MISUSED
    except CogreelError as exc:
        print(f"Cogreel cannot start: {exc}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # who read what is said has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130  # as a shell reports SIGINT


def _verb(parsed: argparse.Namespace, rest: list[str]) -> int:  # noqa: PLR0911  # one per verb
    match parsed.verb:
        case "run":
            return _run()
        case "demo":
            # Imported here: the bot itself needs neither the stand-ins nor the tour.
            from bot.demo.run import demo  # noqa: PLC0415

            return asyncio.run(demo(once=parsed.once, say=lambda line: print(line, flush=True)))
        case "audit" | "export":
            return _look(parsed)
        case "new-secrets-key":
            from bot.services.sealing import new_secrets_key  # noqa: PLC0415  # nobody else needs it

            print(new_secrets_key())
            return 0
        case "revoke-links":
            return _revoke_links()
        case "soak":
            wanted = {"jobs": parsed.jobs, "kills": parsed.kills, "seed": parsed.seed}
            return devtools.run_each(devtools.soak(wanted))
        case "bench":
            return devtools.run_each(devtools.bench(parsed.only))
        case verb:
            return devtools.run_each(devtools.commands(verb, rest))


def _run() -> int:
    from bot.app import run  # noqa: PLC0415  # --help should not wait for discord.py
    from bot.logs import set_up_logging  # noqa: PLC0415
    from bot.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    set_up_logging(settings.log_level)
    asyncio.run(run(settings))
    return 0


def _look(parsed: argparse.Namespace) -> int:
    """What reads the database and changes nothing."""
    from bot.audit import verify  # noqa: PLC0415  # as above
    from bot.export import export_ledger, extract  # noqa: PLC0415
    from bot.settings import load_settings  # noqa: PLC0415
    from storage.database import FILE_NAME  # noqa: PLC0415

    path = load_settings().state_dir / FILE_NAME
    if parsed.verb == "audit":
        return verify(path, noted_hash=parsed.noted, say=print)
    wanted = extract(first_day=parsed.first_day, last_day=parsed.last_day, guild_id=parsed.guild)
    export_ledger(path, wanted, sys.stdout)
    sys.stdout.flush()  # here, where a pipe that is closed is no fault
    return 0


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{typed} is no day such as 2026-11-30") from None


def _guild_id(typed: str) -> int:
    if not typed.isdecimal() or int(typed) >= ID_ENDS:
        raise argparse.ArgumentTypeError(f"{typed} is no id of a server")
    return int(typed)


def _revoke_links() -> int:
    from bot.links import revoke_links  # noqa: PLC0415  # as above
    from bot.settings import load_settings  # noqa: PLC0415

    asyncio.run(revoke_links(load_settings()))
    print("No link that was given out so far works any more. New ones will.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot", description="A Discord bot with which a community makes AI videos."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("run", help="run against the real Discord, with the settings of .env")
    demo = verbs.add_parser("demo", help="try it on this machine: no Discord, no key, no GPU")
    demo.add_argument("--once", action="store_true", help="play a short tour and exit")
    audit = verbs.add_parser("audit", help="the record of what moderators did and policy refused")
    acts = audit.add_subparsers(dest="act", required=True, metavar="ACT")
    verify = acts.add_parser("verify", help="prove that nothing in it was changed or taken out")
    verify.add_argument("--noted", metavar="HASH", help="a head noted earlier, to be found again")
    export = verbs.add_parser("export", help="what was reserved, made and paid, as a table")
    tables = export.add_subparsers(dest="table", required=True, metavar="TABLE")
    ledger = tables.add_parser(
        "ledger", help="write the ledger of all servers as CSV, also while the bot runs"
    )
    ledger.add_argument(
        "--from", dest="first_day", type=_day, metavar="DAY", help="from this day on (UTC)"
    )
    ledger.add_argument(
        "--to", dest="last_day", type=_day, metavar="DAY", help="to the end of this day (UTC)"
    )
    ledger.add_argument("--guild", type=_guild_id, metavar="ID", help="of this server alone")
    verbs.add_parser("new-secrets-key", help="print a key for COGREEL_SECRETS_KEY")
    verbs.add_parser(
        "revoke-links", help="end every link to a clip that was given out; stop the bot first"
    )
    verbs.add_parser("test", help="run the tests; further arguments go to pytest")
    verbs.add_parser("check", help="lint, types, imports and tests")
    verbs.add_parser("lint", help="style, and what can be proved wrong")
    verbs.add_parser("types", help="mypy and pyright, strict")
    verbs.add_parser("imports", help="the direction of imports")
    soak = verbs.add_parser("soak", help="many jobs, while the bot is killed and everything fails")
    soak.add_argument("--jobs", type=int, default=2000, metavar="COUNT")
    soak.add_argument("--kills", type=int, default=200, metavar="COUNT")
    soak.add_argument("--seed", type=int, default=1, metavar="NUMBER", help="of its chance")
    bench = verbs.add_parser("bench", help="measure, and compare with the targets")
    bench.add_argument("--only", metavar="NAME", help="one figure")
    return parser


if __name__ == "__main__":
    sys.exit(main())
