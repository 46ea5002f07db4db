"""What a file says of its video before it is decoded: size, rate, times, coded pictures, SHA-256."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..base.errors import VideoError
from ..base.files import sha256_of
from . import image_sequence
from .container import marks, open_video, timed
from .cropping import stated_margins
from .cut_short import missing_bytes
from .demuxers import packets
from .image_sequence import ImageSequence, image_files, is_sequence, rate_of
from .reading import times
from .shown_pictures import TRANSFERS, has_alpha, is_clear, orientation
from .sources import existing_source, rated
from .timeline import read_timeline

RESIZED = {"h264", "hevc", "mpeg2video", "vp8", "vp9", "libdav1d", "av1"}  # of broadcasts, browsers and calls
ALWAYS_ALPHA = {"gif", "apng"}  # decoders that make every picture one that could be transparent: only its pixels tell


@dataclass(frozen=True)
class ClipInfo:
    """What a clip is, counted rather than believed: `frames` are the coded pictures found, not the header's claim."""

    name: str
    width: int  # pixels, as displayed (rotation applied)
    height: int
    frames: int
    fps: Fraction  # mean frame rate, frames/s
    duration: Fraction  # seconds, end of the last frame
    pix_fmt: str
    codec: str
    rotation: int  # degrees counter-clockwise that the container asks a player to turn the picture
    sha256: str  # of the file's bytes; of the image files in order for a folder
    sample_aspect: Fraction = Fraction(1)  # a pixel's width over its height, as displayed (after rotation)
    transfer: str = ""  # "pq" or "hlg" for HDR, "" for SDR
    interlaced: str = ""  # "top field first", "bottom field first", or "" where every picture is one moment
    alpha: bool = False  # pixels may be transparent
    mirrored: bool = False  # a player mirrors the picture left to right, after turning it by `rotation`
    rate: str = ""  # of images without times: "stated" by the reader, or "assumed"; "" for the file's own
    missing: int = 0  # bytes that a file in hand is short of the end that it states
    scale: str = ""  # which values of more than 8 bits are black and white

    @property
    def notes(self) -> list[str]:
        """What a reader has to know of how the clip is shown, a phrase each; nothing for an ordinary clip."""
        pixel = self.sample_aspect
        shape = float(Fraction(self.width, self.height) * pixel)
        stretched = round(self.width * pixel) != self.width  # what codecs round 1281:1280 from shows nowhere
        said = {
            f"HDR ({self.transfer.upper()}), tone-mapped to SDR": self.transfer,
            f"interlaced ({self.interlaced}), deinterlaced": self.interlaced,
            f"shown {shape:.4g} times as wide as high (pixels {pixel.numerator}:{pixel.denominator})": stretched,
            "transparent, shown over white": self.alpha,
            "mirrored, as a player shows it": self.mirrored,
            f"{float(self.fps):.6g} frames/s {self.rate}": self.rate,
            f"values scaled: {self.scale}": self.scale,
            f"cut short, {self.missing:,} bytes before its stated end": self.missing,
        }
        return [phrase for phrase, holds in said.items() if holds]


@dataclass(frozen=True)
class CodedPicture:
    """One picture of the coded stream, in display order: its kind is 'I', 'P' or 'B', its size in bytes."""

    ordinal: int
    time: Fraction
    kind: str
    bytes: int


def probe(source, *, fps=None) -> ClipInfo:
    """Describe a clip, counting what `stream` yields; no more is decoded than its packets leave open (`timeline`).

    `fps`: frames/s of a folder of images or a TIFF's pages. Raises `VideoError` for what is not a readable clip,
    including a file that ends before its own index does, and for a rate stated of a video.
    """
    path = existing_source(rated(source, fps))
    if is_sequence(path):
        known, own = image_sequence.facts(path), image_sequence.is_animated(path)
        count, span = len(known.spans), sum(known.spans, Fraction(0))
        rate = "" if own else "stated" if isinstance(path, ImageSequence) else "assumed"
        facts = count, count / span if own else rate_of(path), span, "rgb24", known.codec, 0, sha256(path)
        shown: dict[str, Any] = dict(alpha=known.alpha, rate=rate, scale=known.scale)
        return ClipInfo(path.name, known.width, known.height, *facts, **shown)
    found = read_timeline(path)
    first, (turn, mirrored) = found.first, orientation(found.first)
    width, height, aspect = first.width, first.height, found.aspect
    if turn % 180:
        width, height, aspect = height, width, 1 / aspect
    length = found.end - found.times[0]
    facts = len(found.times), found.fps, length, first.format.name, found.codec, turn, sha256(path)
    alpha = is_clear(first) if found.codec in ALWAYS_ALPHA else has_alpha(first)
    how: dict[str, Any] = dict(sample_aspect=aspect, mirrored=mirrored, alpha=alpha, interlaced=found.fields)
    how |= dict(transfer=TRANSFERS.get(int(first.color_trc), ""), missing=missing_bytes(Path(path)))
    return ClipInfo(path.name, width, height, *facts, **how)


def sizes(path: Path) -> list[tuple[int, int]]:
    """Return the sizes (width, height) of a file's pictures, each once, in order: recordings may change theirs."""
    with open_video(path) as (container, stream):
        margins = stated_margins(path, container, stream)
        stated = [margins.leave(stream.codec_context.width, stream.codec_context.height)]
        if stream.codec_context.name not in RESIZED:
            return stated
        stream.codec_context.skip_frame = "NONKEY"  # a size changes with a picture that needs no other
        try:
            return [*dict.fromkeys((m.item.width, m.item.height) for m in marks(path, container, stream))]
        except VideoError:  # pictures refreshed stripe by stripe: after a cut none stands alone
            return stated


def coded_pictures(source) -> list[CodedPicture]:
    """Return the coded pictures (I, P, B) in display order, with their sizes: what a *codec* calls key frames."""
    path = existing_source(source)
    if is_sequence(path):  # every picture is stored whole; how many bytes a page takes nobody says
        shown_at = times(path)
        images = [f.stat().st_size for f in image_files(path)] if path.is_dir() else []
        share = path.stat().st_size // len(shown_at)
        return [CodedPicture(n, t, "I", images[n] if images else share) for n, t in enumerate(shown_at)]
    with open_video(path) as (container, track):
        sizes: dict[int | None, int] = {p.pts: p.size for p in packets(container, track) if p.pts is not None}
    kinds = {0: "?", 1: "I", 2: "P", 3: "B"}
    with open_video(path) as (container, track):
        pictures = enumerate(timed(path, container, track))
        return [CodedPicture(n, t, kinds.get(int(f.pict_type), "?"), sizes.get(f.pts, 0)) for n, (t, f) in pictures]


def sha256(source) -> str:
    """Return the SHA-256 of a file's bytes, or of a folder's image files in order."""
    path = existing_source(source)
    try:
        return sha256_of(image_files(path) if path.is_dir() else [path])
    except OSError as error:
        raise VideoError(f"{path.name}: cannot be read ({error.strerror}).") from error
