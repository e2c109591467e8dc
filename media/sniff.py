"""What a file that we do not take looks like, so that a member can be told."""

from __future__ import annotations

HEAD_BYTES = 512
_TEXT_SHARE = 0.9  # of printable characters; a text file has nearly all

_BY_START: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP or an office document"),
    (b"Rar!", "a RAR archive"),
    (b"BM", "a BMP picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"8BPS", "a Photoshop file"),
    (b"\x1aE\xdf\xa3", "a WebM or Matroska video"),
    (b"OggS", "an Ogg file"),
    (b"ID3", "an MP3"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
)
_BY_BRAND: tuple[tuple[bytes, str], ...] = (
    (b"avif", "an AVIF picture"),
    (b"avis", "an AVIF picture"),
    (b"heic", "a HEIC picture"),
    (b"heix", "a HEIC picture"),
    (b"mif1", "a HEIC picture"),
    (b"msf1", "a HEIC picture"),
)


def looks_like(head: bytes) -> str | None:
    """A guess from a file's first bytes, as a noun phrase; None without one."""
    for start, kind in _BY_START:
        if head.startswith(start):
            return kind
    if head[4:8] == b"ftyp":
        return dict(_BY_BRAND).get(head[8:12], "a video")
    lowered = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if lowered.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    if lowered.startswith((b"<svg", b"<?xml")):
        return "an SVG or XML file"
    return "text" if _is_text(head) else None


def _is_text(head: bytes) -> bool:
    text = head.decode("utf-8", "ignore")  # the head may end inside a character
    if b"\x00" in head or len(text.encode()) < len(head) - 3:
        return False
    shown = sum(character.isprintable() or character in "\t\r\n" for character in text)
    return bool(text) and shown >= _TEXT_SHARE * len(text)
