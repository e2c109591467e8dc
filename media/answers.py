"""What the decoding child answers: values that cross the pipe as JSON."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalisedImage:
    """An image as it is kept and sent: upright, sRGB, without metadata.

    Attributes:
        width_px: Its width.
        height_px: Its height.
        size_bytes: Of the file.
        sha256: Of the file, hexadecimal.
        media_type: Always ``image/jpeg``.
    """

    width_px: int
    height_px: int
    size_bytes: int
    sha256: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFacts:
    """What an MP4 is, as found by looking into it.

    Attributes:
        width_px: Frame width.
        height_px: Frame height.
        duration_s: Length in seconds.
        fps: Average frame rate.
        frame_count: Frames in the picture's track.
        video_codec: As FFmpeg names it, e.g. ``h264``.
        pixel_format: As FFmpeg names it, e.g. ``yuv420p``.
        audio_codec: As FFmpeg names it; None without a sound track.
        index_first: Whether the index precedes the data, so that a player can start at once.
    """

    width_px: int
    height_px: int
    duration_s: float
    fps: float
    frame_count: int
    video_codec: str
    pixel_format: str
    audio_codec: str | None
    index_first: bool

    @property
    def has_audio(self) -> bool:
        """Whether it has a sound track."""
        return self.audio_codec is not None

    @property
    def picture_plays(self) -> bool:
        """Whether its picture plays in Discord's clients. They freeze on HEVC and AV1."""
        return self.video_codec == "h264" and self.pixel_format == "yuv420p"

    @property
    def attachable(self) -> bool:
        """Whether it plays inline in Discord's clients as it is."""
        return self.picture_plays and self.audio_codec in (None, "aac") and self.index_first


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedFile:
    """A clip that was made to fit.

    Attributes:
        size_bytes: Of the file.
        sha256: Of the file, hexadecimal.
        encodes: How many it took.
    """

    size_bytes: int
    sha256: str
    encodes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One line from the child. One field is set; ``next_step`` comes beside ``refused`` only.

    Attributes:
        image: The image was normalised.
        clip: The clip is playable.
        poster: Pictures of the clip were written, on one sheet.
        last_frame: The clip's last picture was written.
        fitted: The clip was made to fit.
        drawn: The chart was drawn.
        refused: Why the file cannot be used; for an image the end of "The image ... ".
        next_step: What the member can do about a refused image.
        disk: Why the result could not be written.
        failed: A defect of ours, by its exception's name.
    """

    image: NormalisedImage | None = None
    clip: ClipFacts | None = None
    poster: bool = False
    last_frame: bool = False
    fitted: FittedFile | None = None
    drawn: bool = False
    refused: str | None = None
    next_step: str | None = None
    disk: str | None = None
    failed: str | None = None
