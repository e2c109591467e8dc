"""The command line: ``python -m bot --help``."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from datetime import date
from pathlib import Path

from bot import devtools
from bot.domain.errors import BackupError, CogreelError, StartupError

ID_ENDS = 2**63  # Discord's ids are below, and so is what a database holds
# A person who waits for an answer waits as long, and more than once, for a thread that computes:
# ten times less than Python's own.
THREADS_SWITCH_S = 0.0005
PRIVATE = 0o077  # the umask: what the bot keeps is for its own user alone
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
    except BackupError as exc:
        print(f"{parsed.verb}: {exc}.", file=sys.stderr)
        return 1
    except CogreelError as exc:
        print(f"Cogreel cannot start: {exc}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # who read what is said has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130  # as a shell reports SIGINT


def _verb(parsed: argparse.Namespace, rest: list[str]) -> int:
    # Imported where it is needed: --help should not wait for discord.py, nor the bot for the rest.
    match parsed.verb:
        case "run":
            return _run()
        case "demo":
            from bot.demo.run import demo  # noqa: PLC0415

            how = {"once": parsed.once, "tour": parsed.tour}
            return asyncio.run(demo(**how, say=lambda line: print(line, flush=True)))
        case "texts":
            from bot.translating import update_all  # noqa: PLC0415  # the bot itself does without

            return asyncio.run(update_all(print))
        case "soak" | "bench" | "pictures":
            return _measure(parsed)
        case (
            "doctor"
            | "audit"
            | "export"
            | "backup"
            | "restore"
            | "revoke-links"
            | "new-secrets-key"
        ):
            return _operators_verb(parsed)
        case verb:
            return devtools.run_each(devtools.commands(verb, rest))


def _measure(parsed: argparse.Namespace) -> int:
    if parsed.verb == "pictures":
        return devtools.run_each(devtools.pictures())
    if parsed.verb == "bench":
        return devtools.run_each(devtools.bench(parsed.only))
    wanted = {"jobs": parsed.jobs, "kills": parsed.kills, "seed": parsed.seed}
    return devtools.run_each(devtools.soak(wanted))


def _operators_verb(parsed: argparse.Namespace) -> int:
    """What is done beside the bot, on its folder."""
    os.umask(PRIVATE)
    code = 0
    match parsed.verb:
        case "audit" | "export":
            code = _look(parsed)
        case "doctor":
            from bot.clock import SystemClock  # noqa: PLC0415
            from bot.doctor.run import examine  # noqa: PLC0415

            code = examine(offline=parsed.offline, clock=SystemClock(), say=print)
        case "backup":
            from bot.backup import back_up  # noqa: PLC0415

            code = back_up(_state_dir(), parsed.file, say=print)
        case "restore":
            from bot.backup import restore  # noqa: PLC0415

            code = restore(parsed.file, _state_dir(), replace=parsed.replace, say=print)
        case "revoke-links":
            code = _revoke_links()
        case _:
            from bot.services.sealing import new_secrets_key  # noqa: PLC0415

            print(new_secrets_key())
    return code


def _run() -> int:
    from bot.app import run  # noqa: PLC0415
    from bot.logs import set_up_logging  # noqa: PLC0415
    from bot.settings import load_settings, secrets_of  # noqa: PLC0415

    os.umask(PRIVATE)
    sys.setswitchinterval(THREADS_SWITCH_S)
    settings = load_settings()
    set_up_logging(settings.log_level, log_format=settings.log_format, secrets=secrets_of(settings))
    asyncio.run(run(settings))
    return 0


def _state_dir() -> Path:
    from bot.settings import load_settings  # noqa: PLC0415

    return load_settings().state_dir


def _look(parsed: argparse.Namespace) -> int:
    """What reads the database and changes nothing."""
    from bot.audit import verify  # noqa: PLC0415
    from bot.export import export_ledger, extract  # noqa: PLC0415
    from storage.database import FILE_NAME  # noqa: PLC0415

    path = _state_dir() / FILE_NAME
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
    from bot.links import revoke_links  # noqa: PLC0415
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
    ways = demo.add_mutually_exclusive_group()
    ways.add_argument("--once", action="store_true", help="play a short tour and exit")
    ways.add_argument("--tour", action="store_true", help="play that tour step by step on the page")
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
    doctor = verbs.add_parser("doctor", help="find what is wrong here, and how to mend it")
    doctor.add_argument(
        "--offline", action="store_true", help="ask neither Discord nor the gateways"
    )
    backup = verbs.add_parser("backup", help="write a backup, also while the bot runs")
    backup.add_argument("file", type=Path, metavar="FILE", help="a tar that is not there yet")
    restore = verbs.add_parser("restore", help="put a backup in place, while the bot does not run")
    restore.add_argument("file", type=Path, metavar="FILE", help="what backup wrote")
    restore.add_argument(
        "--replace", action="store_true", help="set a database that is there aside"
    )
    verbs.add_parser("new-secrets-key", help="print a key for COGREEL_SECRETS_KEY")
    verbs.add_parser(
        "revoke-links", help="end every link to a clip that was given out; stop the bot first"
    )
    verbs.add_parser("test", help="run the tests; further arguments go to pytest")
    verbs.add_parser("check", help="lint, types, imports and tests")
    verbs.add_parser("lint", help="style, and what can be proved wrong")
    verbs.add_parser("types", help="mypy and pyright, strict")
    verbs.add_parser("imports", help="the direction of imports")
    verbs.add_parser("texts", help="bring locale/ up to the texts in the code")
    verbs.add_parser("pictures", help="photograph the page for the README and the guides")
    soak = verbs.add_parser("soak", help="many jobs, while the bot is killed and everything fails")
    soak.add_argument("--jobs", type=int, default=2000, metavar="COUNT")
    soak.add_argument("--kills", type=int, default=200, metavar="COUNT")
    soak.add_argument("--seed", type=int, default=1, metavar="NUMBER", help="of its chance")
    bench = verbs.add_parser("bench", help="measure, and compare with the targets")
    bench.add_argument("--only", metavar="NAME", help="one figure")
    return parser


if __name__ == "__main__":
    sys.exit(main())
