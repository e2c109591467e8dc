"""Takes images in: downloaded from Discord or cut from a clip, normalised, kept by digest."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.domain.capability import Picture
from bot.domain.errors import (
    ClipError,
    ClipLinkExpiredError,
    ClipUnusableError,
    MediaWorkerError,
    UnusableImageError,
)
from bot.domain.extension import cannot_be_read, clip_is_gone
from bot.domain.language import _
from bot.fault_points import FaultPoint, reached
from media.download import download
from storage import artifacts

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    import aiohttp

    from bot.clock import Clock
    from bot.domain.capability import ImageRules
    from bot.domain.job import Job
    from media.addresses import AddressPolicy
    from media.worker import MediaWorker
    from storage.database import Database

MEBIBYTE = 1024 * 1024
AT_ONCE = 4  # downloads under way; decoding is one at a time in the media worker anyway
WAITING_AT_MOST = 32  # beyond this a member is told to come back rather than to wait unseen
DOWNLOAD_TOTAL_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that a member attached, as Discord describes it. Nothing of it is trusted.

    Attributes:
        option: The option it was given to.
        url: Discord's signed link.
        size_bytes: As claimed.
    """

    option: str
    url: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """An image that we hold.

    Attributes:
        artifact_id: The file: SHA-256 of its bytes, hexadecimal.
        picture: Its measures.
    """

    artifact_id: str
    picture: Picture


class ImageIntake:
    """From an attachment, or a clip, to an image of ours, which is registered as an artifact."""

    def __init__(  # noqa: PLR0913  # the composition root hands over what it owns
        self,
        *,
        database: Database,
        downloads: aiohttp.ClientSession,
        attachments_policy: AddressPolicy,
        media: MediaWorker,
        clock: Clock,
        files_dir: Path,
        image_max_bytes: int,
        clip_max_bytes: int,
    ) -> None:
        self._database = database
        self._downloads = downloads
        self._policy = attachments_policy
        self._media = media
        self._clock = clock
        self._files_dir = files_dir
        self._image_max_bytes = image_max_bytes
        self._clip_max_bytes = clip_max_bytes
        self._places = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    def check_size(self, attachment: Attachment) -> None:
        """Refuse by the claimed size, before anything is downloaded.

        Raises:
            UnusableImageError: Larger than the operator allows.
        """
        if attachment.size_bytes > self._image_max_bytes:
            raise self._too_large(
                attachment, _("has {count:.1f} MiB").format(count=attachment.size_bytes / MEBIBYTE)
            )

    def is_discords(self, url: str) -> bool:
        """Whether this is an address of a file at Discord."""
        return urlsplit(url).hostname in self._policy.hosts

    def file_of(self, artifact_id: str) -> Path:
        """Where an image that was taken in lies."""
        return self._files_dir / artifacts.image_file_name(artifact_id)

    async def take_in(self, attachment: Attachment, rules: ImageRules) -> TakenIn:
        """Download, normalise and register one image, for a model with these rules.

        Raises:
            UnusableImageError: It cannot be used, or could not be fetched; says why.
        """
        async with self._place(attachment.option), self._folder() as folder:
            raw = folder / "raw"
            await self._download(attachment, raw)
            return await self._keep(raw, folder, rules, option=attachment.option)

    async def take_last_frame(
        self, job: Job, rules: ImageRules, posted: Callable[[], Awaitable[str | None]]
    ) -> TakenIn:
        """Take the last picture of a finished clip in, for a model with these rules.

        Args:
            job: With a clip.
            rules: Of the model.
            posted: Gives Discord's link to the posted clip, where the file is not kept any more;
                None where the post is gone.

        Raises:
            CannotExtendError: The clip is gone, or cannot be read.
            UnusableImageError: Too many images are being taken in.
        """
        async with self._place("job"), self._folder() as folder:
            name = artifacts.clip_file_name("" if job.clip is None else job.clip.artifact_id)
            clip = self._files_dir / name
            if not await asyncio.to_thread(clip.exists):
                clip = folder / "clip.mp4"
                await self._download_clip(job, await posted(), clip)
            frame = folder / "frame.jpg"
            try:
                await self._media.write_last_frame(clip, frame)
            except (ClipUnusableError, MediaWorkerError) as exc:
                raise cannot_be_read(job.job_id) from exc
            return await self._keep(frame, folder, rules, option="job")

    async def _keep(self, raw: Path, folder: Path, rules: ImageRules, *, option: str) -> TakenIn:
        normalised = folder / "normalised.jpg"
        try:
            image = await self._media.normalise_image(
                raw, normalised, max_bytes=rules.max_bytes, option=option
            )
        except MediaWorkerError as exc:
            raise UnusableImageError(
                option=option,
                reason=_("could not be opened in a reasonable time"),
                next_step=_("Save it again as a PNG or JPEG and attach that."),
            ) from exc
        reached(FaultPoint.BEFORE_IMAGE_KEPT)
        await asyncio.to_thread(normalised.replace, self.file_of(image.sha256))
        reached(FaultPoint.AFTER_IMAGE_KEPT)
        at = self._clock.now()
        await self._database.write(
            lambda db: artifacts.register(
                db, image.sha256, kind="image", size_bytes=image.size_bytes, at=at
            )
        )
        reached(FaultPoint.AFTER_IMAGE_RECORDED)
        return TakenIn(
            artifact_id=image.sha256,
            picture=Picture(width_px=image.width_px, height_px=image.height_px),
        )

    async def _download(self, attachment: Attachment, destination: Path) -> None:
        try:
            await download(
                self._downloads,
                attachment.url,
                destination,
                max_bytes=self._image_max_bytes,
                total_s=DOWNLOAD_TOTAL_S,
                allow=self._policy,
            )
        except ClipLinkExpiredError as exc:
            raise UnusableImageError(
                option=attachment.option,
                reason=_("is no longer there: Discord's link to it has expired"),
                next_step=_("Attach the image again."),
            ) from exc
        except ClipUnusableError as exc:
            raise self._too_large(attachment, _("is larger than it was said to be")) from exc
        except ClipError as exc:
            raise UnusableImageError(
                option=attachment.option,
                reason=_("could not be downloaded from Discord"),
                next_step=_("Try again in a minute."),
            ) from exc

    def _too_large(self, attachment: Attachment, given: str) -> UnusableImageError:
        return UnusableImageError(
            option=attachment.option,
            reason=_("{given}; the most is {count:.0f} MiB").format(
                given=given, count=self._image_max_bytes / MEBIBYTE
            ),
            next_step=_("Attach a smaller one."),
        )

    async def _download_clip(self, job: Job, url: str | None, destination: Path) -> None:
        if url is None:
            raise clip_is_gone(job.job_id)
        try:
            await download(
                self._downloads,
                url,
                destination,
                max_bytes=self._clip_max_bytes,
                total_s=DOWNLOAD_TOTAL_S,
                allow=self._policy,
            )
        except ClipError as exc:
            raise clip_is_gone(job.job_id) from exc

    @asynccontextmanager
    async def _folder(self) -> AsyncGenerator[Path]:
        """A folder for what is on its way in; nothing of it stays."""
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, None, "intake-", self._files_dir))
        try:
            yield folder
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    @asynccontextmanager
    async def _place(self, option: str) -> AsyncGenerator[None]:
        if self._waiting >= WAITING_AT_MOST:
            raise UnusableImageError(
                option=option,
                reason=_("cannot be taken in at this moment, because many others are"),
                next_step=_("Try again in a minute."),
            )
        self._waiting += 1
        try:
            async with self._places:
                yield
        finally:
            self._waiting -= 1
