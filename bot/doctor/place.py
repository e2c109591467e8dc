"""The machine: folders, room, the health port, and whether clips can be looked into. Blocks."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bot.doctor.finding import Finding, fault, note, ok
from bot.domain.errors import ClipError, CogreelError
from media.worker import MediaWorker
from storage.database import FILE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.settings import Settings

MIB = 1024 * 1024
OTHERS = stat.S_IRWXG | stat.S_IRWXO
ENCODE_WITHIN_S = 30.0
ROOT = Path(__file__).resolve().parents[2]


def folders(settings: Settings) -> Iterator[Finding]:
    """Whether the folders of state can be written, and have room."""
    found = [settings.state_dir]
    if not settings.state_dir.exists():
        yield note(
            "state folder",
            f"{settings.state_dir} is not there yet",
            "It is made at the first start. Was it another one? Set COGREEL_STATE_DIR.",
        )
        found = [_nearest(settings.state_dir)]
    elif (settings.state_dir / "files").exists():
        found.append(settings.state_dir / "files")
    for folder in found:
        try:
            # Without a name, so that nothing is left behind.
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"x")
        except OSError as exc:
            yield fault(
                "state folder",
                f"{folder} cannot be written: {exc.strerror}",
                f"Make it a folder that belongs to the user who runs the bot: chown, chmod 700, or "
                f"another COGREEL_STATE_DIR. You are user {os.getuid()} now.",
            )
            return
    yield ok("state folder", f"{settings.state_dir} can be written")
    yield from _private(settings)
    yield _room(settings, found[0])


def env_file(path: Path) -> Iterator[Finding]:
    """Whether others on this machine may read the secrets."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    if mode & OTHERS:
        yield fault(
            "settings file",
            f"{path} can be read by other users of this machine",
            f"It holds your token and keys: chmod 600 {path}",
        )
    else:
        yield ok("settings file", f"{path} is yours alone")


def running_bot(settings: Settings) -> int | None:
    """The process that runs the bot on this folder; 0 where it does not say, None for none."""
    try:
        descriptor = os.open(settings.state_dir / f"{FILE_NAME}.lock", os.O_RDONLY)
    except OSError:
        return None
    try:
        # Shared, and for an instant: only a bot that starts in this very moment would notice.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        said = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
        return int(said) if said.isdigit() else 0
    finally:
        os.close(descriptor)
    return None


def health_port(settings: Settings, *, bot_runs: bool) -> Iterator[Finding]:
    """Whether the port of /healthz is free, or is the running bot's."""
    if not settings.health or settings.health_port == 0:
        return
    where = f"{settings.health_host} port {settings.health_port}"
    change = "Choose another COGREEL_HEALTH_PORT, or set COGREEL_HEALTH=false."
    if bot_runs:
        return  # what it says is looked at instead
    family = socket.AF_INET6 if ":" in settings.health_host else socket.AF_INET
    with socket.socket(family) as trying:
        trying.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
        try:
            trying.bind((settings.health_host, settings.health_port))
        except OSError as exc:
            yield fault("health", f"cannot listen on {where}: {exc.strerror}", change)
            return
    yield ok("health", f"{where} is free")


def encoder() -> Iterator[Finding]:
    """Encode a tiny clip and look into it, both in child processes, as the bot does."""
    part = "video codecs"
    mend = (
        "Install what uv.lock names anew: `uv sync --locked`. On a platform without wheels of "
        "PyAV with libx264 the bot cannot work."
    )
    with tempfile.TemporaryDirectory(prefix="cogreel-doctor-") as folder:
        path = Path(folder) / "tiny.mp4"
        try:
            made = subprocess.run(  # noqa: S603  # our own program
                [sys.executable, "-m", "media.trial", str(path)],
                cwd=ROOT,
                capture_output=True,
                timeout=ENCODE_WITHIN_S,
                check=False,
            )
            if made.returncode:
                yield fault(part, "a tiny clip could not be encoded", mend)
                return
            facts = asyncio.run(_looked_into(path))
        except (OSError, subprocess.SubprocessError, ClipError, CogreelError) as exc:
            yield fault(part, f"a tiny clip could not be made or read: {exc}", mend)
            return
    yield ok(part, f"encoded and read a tiny clip of {facts}")


async def _looked_into(path: Path) -> str:
    worker = MediaWorker()
    try:
        facts = await worker.inspect_clip(path)
    finally:
        await worker.close()
    return f"{facts.width_px}x{facts.height_px}"


def _room(settings: Settings, folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    database = settings.state_dir / FILE_NAME
    size = database.stat().st_size if database.exists() else 0
    needed = settings.clip_max_bytes + 2 * size
    said = f"{free // MIB} MiB are free in {folder}"
    if free < needed:
        return fault(
            "disk",
            f"{said}, {needed // MIB} MiB are needed: one clip of the largest size, and the "
            "database twice",
            "Make room, lower COGREEL_KEEP_CLIPS_DAYS or COGREEL_CLIP_MAX_BYTES, or move the "
            "folder and set COGREEL_STATE_DIR.",
        )
    return ok("disk", said)


def _private(settings: Settings) -> Iterator[Finding]:
    """Whether others on this machine may read what the bot keeps; it makes it private itself."""
    try:
        is_open = bool(settings.state_dir.stat().st_mode & OTHERS)
        database_is_open = bool((settings.state_dir / FILE_NAME).stat().st_mode & OTHERS)
    except FileNotFoundError:  # of before the first start
        return
    if is_open and database_is_open:
        yield fault(
            "state folder",
            "other users of this machine may read the database",
            f"Prompts and sealed keys are in there: chmod -R go= {settings.state_dir}",
        )
    elif is_open:
        yield note(
            "state folder",
            "other users of this machine may look into it",
            f"Prompts and sealed keys are in there: chmod -R go= {settings.state_dir}",
        )
    else:
        yield ok("state folder", "it is yours alone")


def _nearest(folder: Path) -> Path:
    """The nearest folder above that is there."""
    folder = folder.absolute()
    return next((above for above in folder.parents if above.exists()), Path("/"))
