"""What may be wrong with an installation, what the doctor has to say of it, and how to mend it."""

from __future__ import annotations

import socket
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import SecretStr

from bot.domain.audit import Act, AuditAction, SubjectKind
from bot.services.own_keys import use_of
from bot.services.sealing import Sealer, new_secrets_key
from playground.knobs import Fault
from storage.artifacts import register
from storage.audit import append
from storage.own_accounts import bring

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.patient import Patient

NOBODY = "http://127.0.0.1:9"  # the discard port: nothing listens there
GUILD_COMMANDS = "GET /applications/{application_id}/guilds/{guild_id}/commands"
API_KEY = "0123456789abcdef0123456789abcdef.made-up-secret"


def no_key(patient: Patient) -> None:
    del patient.settings["api_key"]


def misspelt(patient: Patient) -> None:
    patient.settings["api_ky"] = "x"


def no_such_model(patient: Patient) -> None:
    patient.settings["model"] = "sora"


def unknown_currency(patient: Patient) -> None:
    patient.settings["budget_per_day"] = "20 XYZ"


def bad_secrets_key(patient: Patient) -> None:
    patient.settings["secrets_key"] = "short"


def old_rates(patient: Patient) -> None:
    patient.settings |= {"exchange_rates": "CNY=0.14", "exchange_rates_of": "2025-01-01"}


def readable_env(patient: Patient) -> None:
    (patient.house.state_dir / ".env").write_text("")
    (patient.house.state_dir / ".env").chmod(0o644)


def wrong_token(patient: Patient) -> None:
    patient.settings["discord_token"] = "no.such.token"


def no_discord(patient: Patient) -> None:
    patient.settings["discord_api_url"] = f"{NOBODY}/api/v10"


def discord_in_trouble(patient: Patient) -> None:
    fault = Fault(route="GET /applications/@me", times=1, do="status 503")
    patient.house.playground.knobs.play(fault)


def on_no_server(patient: Patient) -> None:
    patient.house.playground.world.guilds.clear()


def without_rights(patient: Patient) -> None:
    guild = next(iter(patient.house.playground.world.guilds.values()))
    for role in list(guild.roles.values()):
        guild.roles[role.id] = replace(role, permissions=0)


def without_scope(patient: Patient) -> None:
    patient.house.playground.knobs.play(Fault(route=GUILD_COMMANDS, times=1, do="status 403"))


def without_commands(patient: Patient) -> None:
    patient.house.playground.world.commands.replace(None, [])


def no_operator_channel(patient: Patient) -> None:
    patient.settings["operator_channel_id"] = "123"


def no_public_address(patient: Patient) -> None:
    patient.settings["public_url"] = NOBODY


def wrong_clock(patient: Patient) -> None:
    patient.clock.ahead = timedelta(minutes=10)


def wrong_key(patient: Patient) -> None:
    patient.settings["api_key"] = API_KEY


def no_gateway(patient: Patient) -> None:
    patient.settings["gateway_url"] = NOBODY


def not_the_api(patient: Patient) -> None:
    patient.settings["gateway_url"] = patient.house.playground.people_api


def no_balance(patient: Patient) -> None:
    patient.house.emulator.knobs.update(
        {"faults": [{"on": "poll", "do": "error 429 1113", "times": 1}]}
    )


def refused_account(patient: Patient) -> None:
    patient.database("INSERT INTO account_pause VALUES ('main@zai', 5, 'plan has ended')")


def damaged(patient: Patient) -> None:
    content = bytearray(patient.path.read_bytes())
    content[4096 * 3 : 4096 * 9] = b"\xff" * 4096 * 6
    patient.path.write_bytes(content)


def no_database_at_all(patient: Patient) -> None:
    patient.path.write_bytes(b"This is a letter, and no database. " * 200)


def newer(patient: Patient) -> None:
    patient.database("INSERT INTO migration VALUES (99, 'future', 0)")


def anothers(patient: Patient) -> None:
    patient.path.unlink()
    patient.database("CREATE TABLE theirs (x)")


def locked(patient: Patient) -> None:
    db = sqlite3.connect(patient.path, isolation_level=None, check_same_thread=False)
    patient.held_open.callback(db.close)
    db.execute("BEGIN IMMEDIATE")


def books_off(patient: Patient) -> None:
    patient.database("INSERT INTO balance VALUES ('bot', 0, 0, 'day', 0, 'USD', 1, 5)")


def forged_audit(patient: Patient) -> None:
    act = Act(
        guild_id=1,
        actor_id=9,
        action=AuditAction.QUOTA_SET,
        subject_kind=SubjectKind.SERVER,
        subject_id=1,
        detail={},
    )
    with closing(sqlite3.connect(patient.path, isolation_level=None)) as db:
        append(db, act, at=datetime(2026, 1, 1, tzinfo=UTC))
    patient.database(
        "DROP TRIGGER audit_entry_is_never_changed", "UPDATE audit_entry SET actor_id = 10"
    )


JOB = (
    "INSERT INTO job (state, state_at_ms, created_at_ms, guild_id, user_id, request, model,"
    " origin, channel_id, in_thread, attempt, request_id, submitted_at_ms, reason)"
    " VALUES (?, 0, 0, 1, 1, '{}', 'm', 'command', 1, 0, 1, 'cogreel-1', 0, ?)"
)


def lost_image(patient: Patient) -> None:
    with closing(sqlite3.connect(patient.path, isolation_level=None)) as db:
        register(db, "a" * 64, kind="image", size_bytes=7, at=datetime(2026, 1, 1, tzinfo=UTC))
        db.execute(JOB, ("submitting", None))
        db.execute("INSERT INTO job_input VALUES (1, 0, ?)", ("a" * 64,))


def held_job(patient: Patient) -> None:
    with closing(sqlite3.connect(patient.path, isolation_level=None)) as db:
        db.execute(JOB, ("held", "submission_unknown"))


def _bring_key(patient: Patient, secrets_key: str) -> None:
    sealed = Sealer(SecretStr(secrets_key)).seal(SecretStr("key"), use_of(1, "zai"))
    with closing(sqlite3.connect(patient.path, isolation_level=None)) as db:
        at = datetime(2026, 1, 1, tzinfo=UTC)
        bring(db, 1, gateway="zai", sealed_key=sealed, set_by=9, at=at)


def other_secrets_key(patient: Patient) -> None:
    _bring_key(patient, new_secrets_key())
    patient.settings["secrets_key"] = new_secrets_key()


def no_secrets_key(patient: Patient) -> None:
    _bring_key(patient, new_secrets_key())


def no_folder(patient: Patient) -> None:
    file = patient.house.state_dir / "file"
    file.touch()
    patient.settings["state_dir"] = str(file)


def files_no_folder(patient: Patient) -> None:
    (patient.house.state_dir / "files").rmdir()
    (patient.house.state_dir / "files").touch()


def open_folder(patient: Patient) -> None:
    patient.house.state_dir.chmod(0o755)
    patient.path.chmod(0o600)


def open_database(patient: Patient) -> None:
    patient.house.state_dir.chmod(0o755)
    patient.path.chmod(0o644)


def no_room(patient: Patient) -> None:
    patient.settings["clip_max_bytes"] = str(10**18)


def port_taken(patient: Patient) -> None:
    taken = patient.held_open.enter_context(socket.create_server(("127.0.0.1", 0)))
    patient.settings["health_port"] = str(taken.getsockname()[1])


def broken_codecs(patient: Patient) -> None:
    broken = patient.house.state_dir / "python"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o700)
    patient.monkeypatch.setattr(sys, "executable", str(broken))


FAULTS: list[tuple[Callable[[Patient], None], str, str, str]] = [
    (no_key, "settings", "COGREEL_API_KEY: is missing", ".env"),
    (misspelt, "settings", "did you mean COGREEL_API_KEY?", ".env"),
    (no_such_model, "settings", "COGREEL_MODEL", ".env.example"),
    (unknown_currency, "settings", "COGREEL_BUDGET_PER_DAY", ".env.example"),
    (bad_secrets_key, "settings", "COGREEL_SECRETS_KEY", ".env.example"),
    (old_rates, "exchange rates", "days old", "COGREEL_EXCHANGE_RATES_OF"),
    (readable_env, "settings file", "can be read by other users", "chmod 600"),
    (wrong_token, "Discord", "refuses the token", "Reset Token"),
    (no_discord, "Discord", "cannot be reached", "firewall"),
    (discord_in_trouble, "Discord", "HTTP 503", "discordstatus"),
    (on_no_server, "servers", "on none", "scope=bot+applications.commands"),
    (without_rights, "permissions", "lacks View Channel", "Roles"),
    (without_scope, "scopes", "applications.commands", "Invite it again"),
    (
        without_commands,
        "commands",
        "does not have About this video, Animate this image",
        "Start the bot",
    ),
    (no_operator_channel, "operator's channel", "no text channel", "COGREEL_OPERATOR_CHANNEL_ID"),
    (no_public_address, "public address", "cannot be reached", "firewall"),
    (wrong_clock, "clock", "s ahead", "NTP"),
    (wrong_key, "account main", "refuses it", "COGREEL_API_KEY: copy the key again"),
    (no_gateway, "account main", "cannot be reached", "COGREEL_GATEWAY_URL"),
    (not_the_api, "account main", "not its API", "COGREEL_GATEWAY_URL"),
    (no_balance, "account main", "refuses it", "top it up"),
    (refused_account, "accounts", "plan has ended", "console"),
    (damaged, "database", "", "restore"),
    (no_database_at_all, "database", "cannot be read", "restore"),
    (newer, "database", "newer program", "newer one"),
    (anothers, "database", "another program's", "COGREEL_STATE_DIR"),
    (locked, "database", "nothing could be written", "sqlite3 shell"),
    (books_off, "ledger", "1 balances", "report it"),
    (forged_audit, "audit", "entry 1", "audit verify"),
    (lost_image, "files", f"{'a' * 64}.jpg is missing", "from a backup"),
    (held_job, "jobs", "1 are held", "console"),
    (other_secrets_key, "servers' keys", "does not open", "behind yours"),
    (no_secrets_key, "servers' keys", "no secrets key", "COGREEL_SECRETS_KEY"),
    (no_folder, "state folder", "cannot be written", "chown"),
    (files_no_folder, "state folder", "cannot be written", "chown"),
    (open_folder, "state folder", "may look into it", "chmod -R go="),
    (open_database, "state folder", "may read the database", "chmod -R go="),
    (no_room, "disk", "are needed", "COGREEL_CLIP_MAX_BYTES"),
    (port_taken, "health", "cannot listen", "COGREEL_HEALTH_PORT"),
    (broken_codecs, "video codecs", "could not be", "uv sync"),
]
ON_THE_MACHINE = {
    broken_codecs, open_folder, open_database, port_taken, no_room, files_no_folder, no_folder,
    no_secrets_key, locked,
    other_secrets_key, held_job, lost_image, forged_audit, books_off, anothers, newer, damaged,
    no_database_at_all, refused_account, old_rates, readable_env, no_such_model, unknown_currency,
    bad_secrets_key, no_key, misspelt,
}  # fmt: skip
