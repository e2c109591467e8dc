"""The tables of the manual are what the rule says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.domain.delivery import MIB, Encode, Rung, limit_after_refusal, plan
from bot.domain.job import Clip

MANUAL = Path(__file__).parents[2] / "docs" / "operating.md"
LIMITS_MIB = (10, 50, 100)
H264 = Clip(
    artifact_id="c" * 64,
    size_bytes=MIB,
    width_px=1920,
    height_px=1080,
    duration_s=10.0,
    fps=30.0,
    has_audio=True,
    attachable=True,
    picture_plays=True,
)
MOOV_LAST = replace(H264, attachable=False)
OTHER = replace(MOOV_LAST, picture_plays=False)
PLAYING = {
    "H.264 that plays while it loads": H264,
    "H.264, index last, or sound not AAC": MOOV_LAST,
}
OTHERS = {
    "HEVC, AV1, 10 bits, 4:4:4": OTHER,
    "the same in 4K": replace(OTHER, width_px=3840, height_px=2160),
    "the same in 4K, portrait, 60 fps": replace(OTHER, width_px=2160, height_px=3840, fps=60.0),
}
SIZES_MIB = (9.9, 10.1, 49, 60, 101)
LONG_S = (60, 180, 600, 1800)


def test_the_manual_says_what_is_posted_of_each_result() -> None:
    rows = [["10 s, 1080p", "MiB", *(f"limit {limit} MiB" for limit in LIMITS_MIB)]]
    for name, clip in PLAYING.items():
        rows += [[name, f"{size:g}", *posted_at_each_limit(clip, size)] for size in SIZES_MIB]
    for name, clip in OTHERS.items():
        of_each_size = {tuple(posted_at_each_limit(clip, size)) for size in SIZES_MIB}
        assert len(of_each_size) == 1
        rows.append([name, "any", *of_each_size.pop()])
    assert table(rows) in MANUAL.read_text()


def test_the_manual_says_what_becomes_of_long_results() -> None:
    rows = [["1080p with sound, over the limit", *(f"limit {limit} MiB" for limit in LIMITS_MIB)]]
    for long_s in LONG_S:
        clip = replace(H264, duration_s=float(long_s), size_bytes=400 * MIB)
        rows.append([f"{long_s} s", *(posted(clip, limit) for limit in LIMITS_MIB)])
    assert table(rows) in MANUAL.read_text()


def test_the_manual_says_what_follows_when_discord_refuses_a_size() -> None:
    rows = [["Discord refused", "then", "and then"]]
    for name, size_bytes in (
        ("a file of more than 10 MiB as it was", 60 * MIB),
        ("one of more than 8 MiB", 10 * MIB),
        ("a smaller one", 8 * MIB),
    ):
        limit_bytes = limit_after_refusal(size_bytes, was_encoded=False)
        assert limit_after_refusal(limit_bytes, was_encoded=True) == 0
        encoded = [f"encoded into {limit_bytes // MIB} MiB", "a link"]
        rows.append([name, *(encoded if limit_bytes else ["a link", ""])])
    rows.append(["what was encoded to fit", "a link", ""])
    assert table(rows) in MANUAL.read_text()


def posted_at_each_limit(clip: Clip, size_mib: float) -> list[str]:
    sized = replace(clip, size_bytes=int(size_mib * MIB))
    return [posted(sized, limit) for limit in LIMITS_MIB]


def posted(clip: Clip, limit_mib: int) -> str:
    found = plan(clip, limit_bytes=limit_mib * MIB, may_attach=True)
    words = {Rung.ATTACH: "as it is", Rung.REMUX: "repackaged", Rung.LINK: "a link"}
    return words[found.rung] if found.encode is None else encoded(found.encode)


def encoded(encode: Encode) -> str:
    short = min(encode.width_px, encode.height_px)
    return f"encoded, {short}p"


def table(rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    return "\n".join(lines) + "\n"
