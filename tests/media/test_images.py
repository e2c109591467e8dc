from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from media.images import normalise
from media.refusal import FileRefusedError
from media.webp import webp_canvas

if TYPE_CHECKING:
    from pathlib import Path

    from media.answers import NormalisedImage

MAX_BYTES = 5_000_000


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def normalised(
    folder: Path, content: bytes, *, max_bytes: int = MAX_BYTES
) -> tuple[Image.Image, NormalisedImage]:
    source, destination = folder / "source", folder / "out.jpg"
    source.write_bytes(content)
    facts = normalise(source, destination, max_bytes=max_bytes)
    out = Image.open(io.BytesIO(destination.read_bytes()))
    out.load()
    assert out.format == "JPEG"
    assert out.mode == "RGB"
    assert out.size == (facts.width_px, facts.height_px)
    assert facts.size_bytes == destination.stat().st_size <= max_bytes
    return out, facts


def colour(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    pixel = image.getpixel((x, y))
    assert isinstance(pixel, tuple)
    return tuple(int(part) for part in pixel)


def near(given: tuple[int, ...], wanted: tuple[int, ...], by: int = 4) -> bool:
    return all(abs(a - b) <= by for a, b in zip(given, wanted, strict=True))


def png_claiming(width: int, height: int, bit_depth: int, colour_type: int) -> bytes:
    """A PNG header of any size over a few bytes of data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, bit_depth, colour_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1_000)))
        + chunk(b"IEND", b"")
    )


# --- what is taken ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_every_usual_format_comes_out_as_a_jpeg(tmp_path: Path, kind: str) -> None:
    out, _ = normalised(tmp_path, saved(Image.new("RGB", (200, 100), (200, 30, 40)), kind))
    assert out.size == (200, 100)
    assert near(colour(out, 100, 50), (200, 30, 40), by=8)


def test_the_largest_side_becomes_2048_and_the_shape_stays(tmp_path: Path) -> None:
    out, _ = normalised(tmp_path, saved(Image.new("RGB", (5472, 3648), "teal"), "JPEG"))
    assert out.size == (2048, 1365)


def test_a_small_picture_is_not_blown_up(tmp_path: Path) -> None:
    out, _ = normalised(tmp_path, saved(Image.new("RGB", (64, 64), "teal"), "PNG"))
    assert out.size == (64, 64)


@pytest.mark.parametrize(
    ("orientation", "corner"), [(1, (0, 0)), (3, (199, 99)), (6, (99, 0)), (8, (0, 199))]
)
def test_a_photo_comes_out_upright(
    tmp_path: Path, orientation: int, corner: tuple[int, int]
) -> None:
    image = Image.new("RGB", (200, 100), "black")
    image.paste("white", (0, 0, 24, 24))
    exif = Image.Exif()
    exif[0x0112] = orientation
    out, _ = normalised(tmp_path, saved(image, "JPEG", exif=exif, quality=95))
    assert out.size == ((200, 100) if orientation < 5 else (100, 200))
    assert near(colour(out, *corner), (255, 255, 255), by=12)


def test_metadata_profiles_comments_and_appended_archives_do_not_come_along(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRET-DESCRIPTION"
    exif.get_ifd(0x8825)[1] = "N"  # a position
    untyped = cast("Any", ImageCms)
    profile = untyped.ImageCmsProfile(untyped.createProfile("sRGB")).tobytes()
    jpeg = saved(
        Image.new("RGB", (100, 100), "teal"),
        "JPEG",
        exif=exif,
        icc_profile=profile,
        comment=b"<script>alert(1)</script>",
    )
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("payload", "x")
    out, _ = normalised(tmp_path, jpeg + archive.getvalue())
    content = (tmp_path / "out.jpg").read_bytes()
    for trace in (b"SECRET", b"Exif", b"<script", b"PK\x03\x04", b"ICC_PROFILE"):
        assert trace not in content
    assert not out.getexif()


def test_transparency_becomes_white(tmp_path: Path) -> None:
    image = Image.new("RGBA", (100, 100), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 50, 100))
    out, _ = normalised(tmp_path, saved(image, "PNG"))
    assert near(colour(out, 90, 50), (255, 255, 255))
    assert near(colour(out, 20, 50), (0, 0, 255))


def test_a_transparent_palette_colour_becomes_white(tmp_path: Path) -> None:
    image = Image.new("P", (100, 100), 1)
    image.putpalette([0, 0, 0, 255, 0, 0])
    out, _ = normalised(tmp_path, saved(image, "PNG", transparency=1))
    assert near(colour(out, 50, 50), (255, 255, 255))


def test_sixteen_bit_greys_are_scaled_and_not_clipped_to_white(tmp_path: Path) -> None:
    image = Image.new("I;16", (100, 100), 32_640)
    out, _ = normalised(tmp_path, saved(image, "PNG"))
    assert near(colour(out, 50, 50), (127, 127, 127), by=2)


@pytest.mark.parametrize(
    ("mode", "kind", "fill", "wanted"),
    [
        ("CMYK", "JPEG", (0, 255, 255, 0), (255, 0, 0)),
        ("L", "PNG", 100, (100, 100, 100)),
        ("1", "PNG", 1, (255, 255, 255)),
        ("LA", "PNG", (100, 255), (100, 100, 100)),
    ],
)
def test_every_colour_model_keeps_its_colours(
    tmp_path: Path, mode: str, kind: str, fill: int | tuple[int, ...], wanted: tuple[int, ...]
) -> None:
    out, _ = normalised(tmp_path, saved(Image.new(mode, (100, 100), fill), kind))
    assert near(colour(out, 50, 50), wanted, by=6)


def test_a_broken_colour_profile_costs_the_profile_and_not_the_picture(tmp_path: Path) -> None:
    jpeg = saved(Image.new("RGB", (100, 100), (10, 200, 30)), "JPEG", icc_profile=b"nonsense" * 40)
    out, _ = normalised(tmp_path, jpeg)
    assert near(colour(out, 50, 50), (10, 200, 30), by=8)


def test_a_phones_jpeg_with_a_second_picture_inside_is_a_still(tmp_path: Path) -> None:
    first, second = (Image.new("RGB", (100, 100), name) for name in ("teal", "red"))
    content = saved(first, "MPO", save_all=True, append_images=[second])
    out, _ = normalised(tmp_path, content)
    assert near(colour(out, 50, 50), (0, 128, 128), by=8)


def test_the_quality_falls_until_the_file_is_small_enough(tmp_path: Path) -> None:
    noise = saved(Image.effect_noise((600, 600), 120).convert("RGB"), "PNG")
    _, fine = normalised(tmp_path, noise)
    limit = fine.size_bytes * 7 // 10
    _, coarse = normalised(tmp_path, noise, max_bytes=limit)
    assert coarse.size_bytes <= limit
    with pytest.raises(FileRefusedError, match="even as a small JPEG"):
        normalised(tmp_path, noise, max_bytes=1_000)


# --- what is refused --------------------------------------------------------------------------


def refusal(folder: Path, content: bytes) -> FileRefusedError:
    with pytest.raises(FileRefusedError) as caught:
        normalised(folder, content)
    assert caught.value.next_step.endswith(".")
    assert not (folder / "out.jpg").exists()
    return caught.value


@pytest.mark.parametrize(
    ("width", "height", "bit_depth", "colour_type", "megapixels"),
    [(30_000, 30_000, 1, 0, 900), (12_000, 12_000, 8, 2, 144), (2**31 - 1, 2**31 - 1, 16, 6, 0)],
    ids=["900 MP of one bit", "144 MP", "the largest a PNG can claim"],
)
def test_a_decompression_bomb_is_refused_by_its_header(
    tmp_path: Path, width: int, height: int, bit_depth: int, colour_type: int, megapixels: int
) -> None:
    reason = refusal(tmp_path, png_claiming(width, height, bit_depth, colour_type)).reason
    assert "megapixels; the most is 50" in reason
    assert not megapixels or f"has {megapixels} megapixels" in reason


def webp_claiming(width: int, height: int, layout: bytes) -> bytes:
    """A WebP header of any size over a few bytes of data."""
    match layout:
        case b"VP8X":
            data = bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        case b"VP8L":
            data = b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14)
        case _:
            data = b"\x10\x00\x00\x9d\x01\x2a" + struct.pack("<HH", width, height)
    chunk = layout + struct.pack("<I", len(data) + 100) + data + bytes(100)
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


@pytest.mark.parametrize("layout", [b"VP8X", b"VP8L", b"VP8 "], ids=bytes.decode)
def test_a_webp_bomb_is_refused_before_its_decoder_makes_room_for_it(
    tmp_path: Path, layout: bytes
) -> None:
    reason = refusal(tmp_path, webp_claiming(16_383, 16_383, layout)).reason
    assert reason == "has 268 megapixels; the most is 50"


@pytest.mark.parametrize(
    ("mode", "options"),
    [("RGB", {"lossless": True}), ("RGB", {"quality": 50}), ("RGBA", {"quality": 50})],
)
def test_the_size_in_every_layout_of_webp_is_read_as_pillow_reads_it(
    mode: str, options: dict[str, object]
) -> None:
    content = saved(Image.new(mode, (321, 123)), "WEBP", exif=b"Exif\x00\x00", **options)
    assert webp_canvas(content[:30]) == (321, 123)
    assert webp_canvas(saved(Image.new(mode, (321, 123)), "WEBP", **options)[:30]) == (321, 123)


def test_a_bomb_of_text_in_a_png_is_refused(tmp_path: Path) -> None:
    png = saved(Image.new("RGB", (100, 100)), "PNG")
    data = b"k\x00\x00" + zlib.compress(bytes(200_000_000), 9)
    bomb = struct.pack(">I", len(data)) + b"zTXt" + data
    bomb += struct.pack(">I", zlib.crc32(b"zTXt" + data))
    assert "damaged" in refusal(tmp_path, png[:33] + bomb + png[33:]).reason


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_is_refused_with_the_advice_to_attach_a_still(
    tmp_path: Path, kind: str
) -> None:
    frames = [Image.new("RGB", (100, 100), name) for name in ("teal", "red", "blue")]
    content = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)
    error = refusal(tmp_path, content)
    assert error.reason == "is animated"
    assert error.next_step == "Attach a still picture."


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_that_was_cut_off_is_refused(tmp_path: Path, kind: str) -> None:
    whole = saved(Image.effect_noise((300, 300), 90).convert("RGB"), kind)
    error = refusal(tmp_path, whole[: len(whole) * 2 // 3])
    assert error.reason == "is damaged or cut off"


@pytest.mark.parametrize(("width", "height"), [(63, 500), (500, 10), (1, 1)])
def test_a_tiny_picture_is_refused(tmp_path: Path, width: int, height: int) -> None:
    reason = refusal(tmp_path, saved(Image.new("RGB", (width, height)), "PNG")).reason
    assert "smaller than 64 pixels on a side" in reason


def test_a_long_and_narrow_picture_is_refused(tmp_path: Path) -> None:
    reason = refusal(tmp_path, saved(Image.new("RGB", (404, 100)), "PNG")).reason
    assert "too long and narrow: 404x100" in reason
    normalised(tmp_path, saved(Image.new("RGB", (400, 100)), "PNG"))


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
OTHER_FILES = {
    "text": (b"just a shopping list\n" * 9, "it looks like text"),
    "non-Latin text": ("ただのテキスト。".encode() * 60, "it looks like text"),
    "svg": (SVG, "an SVG or XML file"),
    "page": (b"\n <!DOCTYPE html><html>", "a web page"),
    "pdf": (b"%PDF-1.7\n", "a PDF"),
    "zip": (b"PK\x03\x04\x14\x00", "a ZIP"),
    "heic": (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "a HEIC picture"),
    "avif": (b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00", "an AVIF picture"),
    "mp4": (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00", "a video"),
    "tiff": (saved(Image.new("RGB", (100, 100)), "TIFF"), "a TIFF picture"),
    "bmp": (saved(Image.new("RGB", (100, 100)), "BMP"), "a BMP picture"),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n", "text"),
    "noise": (bytes(range(200, 256)) * 9, "is not a PNG, JPEG, WebP or GIF"),
    "empty": (b"", "is an empty file"),
}


@pytest.mark.parametrize(("content", "said"), OTHER_FILES.values(), ids=OTHER_FILES)
def test_what_is_no_picture_of_ours_is_named_whatever_its_name_says(
    tmp_path: Path, content: bytes, said: str
) -> None:
    assert said in refusal(tmp_path, content).reason


def test_a_file_that_is_not_there_is_not_blamed_on_the_member(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        normalise(tmp_path / "none", tmp_path / "out.jpg", max_bytes=MAX_BYTES)


SEEDS = [saved(Image.effect_noise((70, 70), 60).convert("RGB"), kind) for kind in ("PNG", "JPEG")]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.sampled_from(SEEDS), at=st.floats(0, 1), junk=st.binary(max_size=40), cut=st.booleans()
)
def test_a_damaged_picture_is_taken_or_refused_but_never_anything_else(
    tmp_path: Path, *, seed: bytes, at: float, junk: bytes, cut: bool
) -> None:
    place = int(at * len(seed))
    source = tmp_path / "source"
    source.write_bytes(seed[:place] + junk + (b"" if cut else seed[place + len(junk) :]))
    try:
        normalise(source, tmp_path / "out.jpg", max_bytes=MAX_BYTES)
    except FileRefusedError as error:
        assert error.reason  # noqa: PT017  # either end is right
