"""Any member's picture to one plain JPEG. Runs in the decoding child only.

The header is read and judged before a pixel is decoded; formats come from the content, never from
the name. What comes out holds pixels and nothing else: no EXIF, no profile, no appended archive.
"""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from media.answers import NormalisedImage
from media.refusal import STILL_PICTURE, FileRefusedError
from media.sniff import HEAD_BYTES, looks_like
from media.webp import WEBP_HEAD_BYTES, webp_canvas

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
PIXELS_MAX = 50_000_000  # a 50-megapixel camera; as WebP about 870 MB while it is decoded
SIDE_MIN_PX = 64
RATIO_MAX = 4
SIDE_MAX_PX = 2048  # a model renders at most 3840 wide, and wants the file small
JPEG_QUALITIES = (92, 85, 75, 60)
_MEGA = 1_000_000

Image.MAX_IMAGE_PIXELS = None  # _check_header judges, and can say how many there are


def normalise(source: Path, destination: Path, *, max_bytes: int) -> NormalisedImage:
    """Write ``source`` as an upright sRGB JPEG of at most 2048 pixels a side.

    Args:
        source: Any file.
        destination: Where the JPEG goes.
        max_bytes: Its largest size.

    Raises:
        FileRefusedError: The file is no picture that we take, or does not get small enough.
        OSError: ``destination`` could not be written.
    """
    jpeg, size = _encoded(_pixels(source), max_bytes)
    destination.write_bytes(jpeg)
    return NormalisedImage(
        width_px=size[0],
        height_px=size[1],
        size_bytes=len(jpeg),
        sha256=hashlib.sha256(jpeg).hexdigest(),
        media_type="image/jpeg",
    )


def _pixels(source: Path) -> Image.Image:
    with source.open("rb") as file:
        return _decoded(file)


def _decoded(file: BinaryIO) -> Image.Image:
    canvas = webp_canvas(file.read(WEBP_HEAD_BYTES))
    file.seek(0)
    try:
        if canvas is not None:  # the WebP decoder allocates all of it before Pillow knows the size
            _check_pixels(*canvas)
        with Image.open(file, formats=FORMATS) as image:
            _check_header(image)
            target = _target_size(image.size)
            # Only with the true aspect: for a square target draft() does nothing to 3:2 pictures.
            image.draft(None, target)
            image.load()
            return _plain(image, target)
    except (FileRefusedError, MemoryError):
        raise
    except UnidentifiedImageError:
        raise FileRefusedError(_unidentified(file), STILL_PICTURE) from None
    except Exception as exc:  # Pillow documents no narrower set for bytes from outside
        raise FileRefusedError(
            "is damaged or cut off", "Save it again, or attach another picture."
        ) from exc


def _check_pixels(width: int, height: int) -> None:
    if width * height > PIXELS_MAX:
        raise FileRefusedError(
            f"has {width * height / _MEGA:.0f} megapixels; the most is {PIXELS_MAX // _MEGA}",
            "Make it smaller.",
        )


def _check_header(image: Image.Image) -> None:
    width, height = image.size
    _check_pixels(width, height)
    if min(width, height) < SIDE_MIN_PX:
        raise FileRefusedError(
            f"is {width}x{height}, smaller than {SIDE_MIN_PX} pixels on a side",
            "Attach a larger picture.",
        )
    if max(width, height) > RATIO_MAX * min(width, height):
        raise FileRefusedError(
            f"is too long and narrow: {width}x{height}, and the ratio may be {RATIO_MAX}:1 at most",
            "Crop it.",
        )
    # A phone's JPEG may hold a second picture of the same scene: that is no animation.
    if image.format in ("GIF", "WEBP", "PNG") and getattr(image, "is_animated", False):
        raise FileRefusedError("is animated", "Attach a still picture.")


def _unidentified(file: BinaryIO) -> str:
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if not head:
        return "is an empty file"
    kind = looks_like(head)
    return "is not a PNG, JPEG, WebP or GIF" + (f"; it looks like {kind}" if kind else "")


def _target_size(size: tuple[int, int]) -> tuple[int, int]:
    scale = min(1.0, SIDE_MAX_PX / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _plain(image: Image.Image, target: tuple[int, int]) -> Image.Image:
    """Pixels only: small, sRGB, upright, opaque."""
    small = _eight_bit(image)
    if small.size != target:
        small = small.resize(target, Image.Resampling.LANCZOS, reducing_gap=3.0)
    small = ImageOps.exif_transpose(_in_srgb(small, image.info.get("icc_profile")))
    # A new image, because a copy would carry comments and profiles along.
    plain = Image.new("RGB", small.size, "white")
    if small.mode == "RGBA":
        plain.paste(small, mask=small.getchannel("A"))
    else:
        plain.paste(small.convert("RGB"))
    return plain


def _eight_bit(image: Image.Image) -> Image.Image:
    """As L, RGB, RGBA or CMYK."""
    if image.mode.startswith("I"):
        # convert("L") would clip 16-bit greys to white instead of scaling them.
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image.copy()
    return image.convert("L" if image.mode == "1" else "RGB")


def _in_srgb(image: Image.Image, profile: object) -> Image.Image:
    if not isinstance(profile, bytes):
        return image
    try:
        converted = ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            _srgb(),
            outputMode="RGBA" if image.mode == "RGBA" else "RGB",
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image  # a broken profile: the numbers as they are look nearly right
    return image if converted is None else converted


def _srgb() -> ImageCms.ImageCmsProfile:
    untyped = cast("Any", ImageCms)  # Pillow gives the profile it makes no type
    return ImageCms.ImageCmsProfile(untyped.createProfile("sRGB"))


def _encoded(image: Image.Image, max_bytes: int) -> tuple[bytes, tuple[int, int]]:
    for quality in JPEG_QUALITIES:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality)
        if file.tell() <= max_bytes:
            return file.getvalue(), image.size
    raise FileRefusedError(
        f"is larger than {max_bytes / _MEGA:.1f} MB even as a small JPEG", "Make it smaller."
    )
