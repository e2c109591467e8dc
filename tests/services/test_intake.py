"""Images on their way in: taken, or refused with a reason and a next step, and never half."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from bot.domain.errors import UnusableImageError
from bot.services.intake import AT_ONCE, WAITING_AT_MOST, Attachment
from storage import artifacts
from tests.services.attachments import picture
from tests.services.world import IMAGE_MAX_BYTES
from tests.services.world import IMAGE_RULES as RULES

if TYPE_CHECKING:
    from tests.services.attachments import Attach
    from tests.services.world import World


async def test_an_image_is_kept_as_a_jpeg_under_its_digest(world: World, attach: Attach) -> None:
    async with world.process() as process:
        artifact_id = (await process.intake.take_in(attach("image"), RULES)).artifact_id
        record = await process.database.read(lambda db: artifacts.get(db, artifact_id))
    assert record is not None
    (path,) = world.files_dir.iterdir()
    assert (path.name, path.stat().st_size) == (record.file_name, record.size_bytes)
    with Image.open(path) as taken:
        assert (taken.format, taken.size) == ("JPEG", (640, 360))


async def test_the_same_image_twice_is_one_artifact(world: World, attach: Attach) -> None:
    async with world.process() as process:
        taken = {await process.intake.take_in(attach("image"), RULES) for _ in range(2)}
    assert len(taken) == 1
    assert len(list(world.files_dir.iterdir())) == 1


def _gif() -> bytes:
    file = io.BytesIO()
    frames = [Image.new("RGB", (320, 320), colour) for colour in ("red", "blue")]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"This is a letter, not a picture.\n" * 40, id="text named png"),
        pytest.param(picture(kind="JPEG")[:400], id="half a jpeg"),
        pytest.param(_gif(), id="animated gif"),
        pytest.param(b"", id="empty"),
    ],
)
async def test_what_is_no_still_picture_is_refused_and_leaves_nothing(
    world: World, attach: Attach, content: bytes
) -> None:
    async with world.process() as process:
        with pytest.raises(UnusableImageError, match=r"`last_image`.*\. (Attach|Save) .*\.$"):
            await process.intake.take_in(attach("last_image", content), RULES)
    assert list(world.files_dir.iterdir()) == []


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_an_attachment_whose_link_has_expired_is_to_be_attached_again(
    world: World, attach: Attach, status: int
) -> None:
    async with world.process() as process:
        with pytest.raises(UnusableImageError, match=r"expired\. Attach the image again\.$"):
            await process.intake.take_in(attach("image", status=status), RULES)


async def test_an_image_larger_by_its_claim_is_refused_before_it_is_downloaded(
    world: World, attach: Attach
) -> None:
    async with world.process() as process:
        large = attach("image", claimed_bytes=IMAGE_MAX_BYTES + 1)
        with pytest.raises(UnusableImageError, match=r"the most is 1 MiB\. Attach a smaller one"):
            process.intake.check_size(large)
        process.intake.check_size(attach("image", claimed_bytes=IMAGE_MAX_BYTES))


async def test_an_image_larger_than_it_claims_is_cut_off(world: World, attach: Attach) -> None:
    async with world.process() as process:
        lying = attach("image", bytes(IMAGE_MAX_BYTES + 1), claimed_bytes=100)
        with pytest.raises(
            UnusableImageError, match=r"the most is 1 MiB\. Attach a smaller one\.$"
        ) as refused:
            await process.intake.take_in(lying, RULES)
    assert "0.0 MiB" not in str(refused.value), "the claim is not what is wrong with it"
    assert list(world.files_dir.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    ["http://192.168.0.1/a.png", "file:///etc/passwd", "http://169.254.169.254/latest", "nonsense"],
)
async def test_no_other_address_is_ever_asked(world: World, url: str) -> None:
    async with world.process() as process:
        forged = Attachment(option="image", url=url, size_bytes=10)
        with pytest.raises(UnusableImageError, match=r"could not be downloaded.*minute\.$"):
            await process.intake.take_in(forged, RULES)


async def test_more_images_at_once_than_can_wait_are_refused_not_stacked_up(
    world: World, attach: Attach
) -> None:
    async with world.process() as process:
        asked = [attach("image") for _ in range(WAITING_AT_MOST + 3)]
        outcomes = await asyncio.gather(
            *(process.intake.take_in(image, RULES) for image in asked),
            return_exceptions=True,
        )
        refused = [outcome for outcome in outcomes if isinstance(outcome, UnusableImageError)]
        assert len(refused) == 3
        assert all("Try again in a minute." in str(refusal) for refusal in refused)
        assert AT_ONCE < WAITING_AT_MOST
        await process.intake.take_in(attach("image"), RULES)
