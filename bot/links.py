"""The bot's own links to clips, as the operator set them up."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.clip_links import LinkSigner
from bot.domain.errors import StartupError
from bot.link_server import LinkServer
from storage.database import FILE_NAME, Database
from storage.link_key import ensure_link_key, renew_link_key

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from bot.clock import Clock
    from bot.settings import Settings


@asynccontextmanager
async def own_links(
    settings: Settings, database: Database, clock: Clock, files_dir: Path
) -> AsyncGenerator[LinkSigner | None]:
    """Serve clips until the block ends; None where no public address is set.

    Raises:
        StartupError: The address cannot be listened on.
    """
    if settings.public_url is None:
        yield None
        return
    signer = LinkSigner(
        key=await database.write(ensure_link_key),
        public_url=settings.public_url,
        lifetime=timedelta(days=settings.link_days),
    )
    server = LinkServer(database=database, signer=signer, clock=clock, files_dir=files_dir)
    async with server.serving(settings.link_address, settings.link_port):
        yield signer


async def revoke_links(settings: Settings) -> None:
    """Sign with another key from now on: no earlier link works any more.

    Raises:
        StartupError: There is no database.
        AlreadyRunningError: The bot is running.
    """
    path = settings.state_dir / FILE_NAME
    if not path.is_file():  # a command line of its own, with nothing to block
        raise StartupError(f"COGREEL_STATE_DIR: there is no database in {settings.state_dir}.")
    async with await Database.open(path) as database:
        await database.write(renew_link_key)
