"""Uploaded files on disk: written in pieces off the event loop, gone when the stand-in stops."""

import asyncio
import hashlib
import hmac
import secrets
import tempfile
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

from playground.dimensions import dimensions
from playground.world.model import Attachment
from playground.world.world import World

CAPACITY_BYTES = 4 * 1024**3  # all files together; the oldest go first


class Files:
    """A temporary folder of uploads and the attachments made of them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._folder = tempfile.TemporaryDirectory(prefix="playground-")
        self._key = secrets.token_bytes(32)
        self._attachments: OrderedDict[str, Attachment] = OrderedDict()
        self._paths: set[Path] = set()
        self._stored_bytes = 0

    async def close(self) -> None:
        """Delete everything."""
        await asyncio.to_thread(self._folder.cleanup)

    def new_path(self) -> Path:
        """Give a path for a new upload, named by nothing that came from outside."""
        return Path(self._folder.name) / secrets.token_hex(16)

    async def attach(  # noqa: PLR0913  # the fields of an attachment
        self,
        path: Path,
        *,
        channel_id: str,
        filename: str,
        content_type: str,
        size: int,
        description: str | None = None,
        ephemeral: bool = False,
    ) -> Attachment:
        """Make an attachment of an upload; it answers under its link until it expires."""
        width, height = await asyncio.to_thread(dimensions, path, content_type)
        attachment_id = self._world.ids.next()
        expires_s = int(self._world.clock.now_s()) + self._world.knobs.attachment_url_lifetime_s
        attachment = Attachment(
            id=attachment_id,
            channel_id=channel_id,
            filename=filename,
            content_type=content_type,
            size=size,
            path=path,
            expires_s=expires_s,
            signature=self._sign(channel_id, attachment_id, filename, expires_s),
            width=width,
            height=height,
            description=description,
            ephemeral=ephemeral,
        )
        self._attachments[attachment_id] = attachment
        self._paths.add(path)
        self._stored_bytes += size
        while self._stored_bytes > CAPACITY_BYTES:
            _, oldest = self._attachments.popitem(last=False)
            self._stored_bytes -= oldest.size
            self._paths.discard(oldest.path)
            await discard(oldest.path)
        return attachment

    async def discard_unused(self, paths: Iterable[Path]) -> None:
        """Delete those uploads of which no attachment was made."""
        for path in paths:
            if path not in self._paths:
                await discard(path)

    def find(self, attachment_id: str) -> Attachment | None:
        """Find an attachment that is still stored."""
        return self._attachments.get(attachment_id)

    def answers(self, attachment: Attachment, *, expires: str, signature: str) -> bool:
        """Whether a link's ``ex`` and ``hm`` are genuine and not past."""
        genuine = hmac.compare_digest(
            f"{attachment.expires_s:x}:{attachment.signature}".encode(),
            f"{expires}:{signature}".encode(),
        )
        return genuine and self._world.clock.now_s() < attachment.expires_s

    def _sign(self, channel_id: str, attachment_id: str, filename: str, expires_s: int) -> str:
        text = f"{channel_id}/{attachment_id}/{filename}?{expires_s:x}"
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


async def discard(path: Path) -> None:
    """Delete an upload that nobody needs, if it is there."""
    await asyncio.to_thread(path.unlink, missing_ok=True)
