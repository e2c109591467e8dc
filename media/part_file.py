"""A file that appears under its name only when it is whole and on the disk."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from bot.domain.errors import StorageError, StorageFullError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path
    from types import TracebackType

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG)


class PartFile:
    """Written beside its destination and renamed at the end; removed if that end is not reached.

    All disk work is done on threads, one call at a time. A cancelled call may leave its thread
    working, so leaving waits for that thread before it removes anything.
    """

    def __init__(self, destination: Path) -> None:
        self._destination = destination
        self._path = destination.with_name(f".{destination.name}.{uuid4().hex}.part")
        self._one_call = threading.Lock()
        self._descriptor: int | None = None
        self._discarded = False
        self._digest = hashlib.sha256()
        self._size_bytes = 0

    @property
    def size_bytes(self) -> int:
        """How much was written so far."""
        return self._size_bytes

    @property
    def sha256(self) -> str:
        """Of what was written so far, hexadecimal."""
        return self._digest.hexdigest()

    async def __aenter__(self) -> Self:
        """Create the file.

        Raises:
            StorageFullError: The disk is full or read-only.
            StorageError: The folder cannot be written to.
        """
        try:
            await asyncio.to_thread(self._create)
        except BaseException:  # the part is removed also when the caller is cancelled
            await self._discard_in_thread()
            raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._discard_in_thread()

    async def write(self, data: bytes) -> None:
        """Append.

        Raises:
            StorageFullError: The disk is full.
        """
        await asyncio.to_thread(self._write, data)

    async def restart(self) -> None:
        """Throw away what was written so far, from the disk and from the digest."""
        await asyncio.to_thread(self._restart)

    async def publish(self) -> int:
        """Sync it and give it its name; an older file of that name is replaced.

        Returns:
            Its length in bytes.
        """
        return await asyncio.to_thread(self._publish)

    async def _discard_in_thread(self) -> None:
        # Shielded: a second cancellation must not leave the file behind.
        await asyncio.shield(asyncio.to_thread(self._discard))

    def _create(self) -> None:
        with self._one_call, _mapped_errors():
            if self._discarded:  # cancelled before this thread came to run
                return
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self._descriptor = os.open(self._path, flags, 0o600)

    def _write(self, data: bytes) -> None:
        with self._one_call, _mapped_errors():
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._open_descriptor(), rest) :]
            self._digest.update(data)
            self._size_bytes += len(data)

    def _restart(self) -> None:
        with self._one_call, _mapped_errors():
            os.ftruncate(self._open_descriptor(), 0)
            os.lseek(self._open_descriptor(), 0, os.SEEK_SET)
            self._digest = hashlib.sha256()
            self._size_bytes = 0

    def _publish(self) -> int:
        with self._one_call, _mapped_errors():
            os.fsync(self._open_descriptor())
            self._path.replace(self._destination)
            folder = os.open(self._destination.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)  # the name, too
            finally:
                os.close(folder)
            return self._size_bytes

    def _discard(self) -> None:
        with self._one_call:
            self._discarded = True
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None
            with suppress(FileNotFoundError):  # published, or never created
                self._path.unlink()

    def _open_descriptor(self) -> int:
        if self._descriptor is None:
            raise ValueError("the file is closed")
        return self._descriptor


@contextmanager
def _mapped_errors() -> Generator[None]:
    try:
        yield
    except OSError as exc:
        problem = exc.strerror or type(exc).__name__
        if exc.errno in _NO_SPACE:
            raise StorageFullError(f"the file could not be written: {problem}") from exc
        raise StorageError(f"the file could not be written: {problem}") from exc
