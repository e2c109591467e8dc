"""Somebody hands the operator a backup that is none of theirs. A restore changes nothing for it."""

from __future__ import annotations

import io
import json
import tarfile
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from bot.domain.errors import BackupError
from storage.backup import MANIFEST
from storage.migrate import known_migrations
from storage.restore import restore_backup

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 1, 14, 12, tzinfo=UTC)
DATABASE = "cogreel.sqlite3"
CLIP = f"files/{'c' * 64}.mp4"
HUGE_BYTES = 2**50


def content(name: str, data: bytes, **lies: Any) -> dict[str, Any]:  # noqa: ANN401  # of JSON
    return {"name": name, "size_bytes": len(data), "sha256": sha256(data).hexdigest()} | lies


def manifest(*contents: dict[str, Any], **lies: Any) -> bytes:  # noqa: ANN401  # likewise
    told: dict[str, Any] = {
        "format": 1,
        "schema": len(known_migrations()),
        "made_at_ms": 0,
        "contents": contents,
    }
    return json.dumps(told | lies).encode()


def plain(name: str, data: bytes) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    return member, data


def other(name: str, kind: bytes, leads_to: str = "") -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, leads_to
    return member, b""


def sparse(name: str) -> tuple[tarfile.TarInfo, bytes]:
    """A member of no bytes that says it unpacks to a petabyte of nothing."""
    member = tarfile.TarInfo(name)
    member.pax_headers = {"GNU.sparse.size": str(HUGE_BYTES), "GNU.sparse.map": f"{HUGE_BYTES},0"}
    return member, b""


X = b"x"
TWO = manifest(content(DATABASE, X), content(CLIP, X))
HOSTILE: dict[str, list[tuple[tarfile.TarInfo, bytes]]] = {
    "climbs out": [
        plain(MANIFEST, manifest(content(DATABASE, X), content("../../outside", X))),
        plain(DATABASE, X),
        plain("../../outside", X),
    ],
    "an absolute path": [
        plain(MANIFEST, manifest(content(DATABASE, X), content("/tmp/outside", X))),  # noqa: S108  # is refused
        plain(DATABASE, X),
        plain("/tmp/outside", X),  # noqa: S108  # likewise
    ],
    "climbs out unlisted": [
        plain(MANIFEST, TWO),
        plain("../../outside", X),
        plain(DATABASE, X),
        plain(CLIP, X),
    ],
    "a symbolic link": [
        plain(MANIFEST, TWO),
        other(DATABASE, tarfile.SYMTYPE, "/etc/passwd"),
        plain(CLIP, X),
    ],
    "a symbolic link as its manifest": [
        other(MANIFEST, tarfile.SYMTYPE, "/etc/passwd"),
    ],
    "a hard link": [
        plain(MANIFEST, TWO),
        plain(DATABASE, X),
        other(CLIP, tarfile.LNKTYPE, DATABASE),
    ],
    "a device": [plain(MANIFEST, TWO), other(DATABASE, tarfile.CHRTYPE)],
    "a pipe": [plain(MANIFEST, TWO), other(DATABASE, tarfile.FIFOTYPE)],
    "a folder": [plain(MANIFEST, TWO), other(DATABASE, tarfile.DIRTYPE)],
    "more than it holds": [
        plain(MANIFEST, manifest(content(DATABASE, X, size_bytes=HUGE_BYTES))),
        plain(DATABASE, X),
    ],
    "a hole of a petabyte": [
        plain(MANIFEST, manifest(content(DATABASE, X, size_bytes=HUGE_BYTES))),
        sparse(DATABASE),
    ],
    "less than nothing": [
        plain(MANIFEST, manifest(content(DATABASE, X, size_bytes=-1))),
        plain(DATABASE, X),
    ],
    "a length in words": [
        plain(MANIFEST, manifest(content(DATABASE, X, size_bytes="one"))),
        plain(DATABASE, X),
    ],
    "a schema in words": [plain(MANIFEST, manifest(content(DATABASE, X), schema="newest"))],
    "a time that is none": [
        plain(MANIFEST, manifest(content(DATABASE, X), made_at_ms=10**30)),
        plain(DATABASE, X),
    ],
    "a manifest without bottom": [plain(MANIFEST, b"[" * 200_000)],
    "a manifest of numbers": [plain(MANIFEST, b"7")],
    "a manifest of no words": [plain(MANIFEST, b"\xff\xfe\x00")],
    "no database": [plain(MANIFEST, manifest(content(DATABASE, X))), plain(DATABASE, X)],
}


def written(target: Path, members: list[tuple[tarfile.TarInfo, bytes]]) -> Path:
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as tar:
        for member, data in members:
            tar.addfile(member, io.BytesIO(data))
    return target


@pytest.mark.parametrize("members", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_backup_is_refused_and_changes_nothing(
    tmp_path: Path, members: list[tuple[tarfile.TarInfo, bytes]]
) -> None:
    state_dir = tmp_path / "here" / "state"
    (state_dir / "files").mkdir(parents=True)
    (state_dir / DATABASE).write_bytes(b"precious")
    backup = written(tmp_path / "given.tar", members)
    with pytest.raises(BackupError):
        restore_backup(backup, state_dir, replace=True, at=AT)
    assert (state_dir / DATABASE).read_bytes() == b"precious"
    left = {path.name for path in tmp_path.rglob("*")}
    assert left == {"here", "state", "files", DATABASE, f"{DATABASE}.lock", "given.tar"}


def test_a_backup_that_would_inflate_is_none(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "given.tar", "w:gz") as tar:
        for member, data in (plain(MANIFEST, TWO), plain(DATABASE, bytes(10_000_000))):
            tar.addfile(member, io.BytesIO(data))
    with pytest.raises(BackupError):
        restore_backup(tmp_path / "given.tar", tmp_path / "state", replace=False, at=AT)
    assert not (tmp_path / "state" / DATABASE).exists()
