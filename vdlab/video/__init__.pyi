from . import (
    audio,
    av1_render_size,
    clock,
    codecs,
    container,
    conversion_losses,
    deinterlacing,
    files,
    frame_rate,
    image_sequence,
    images,
    metadata,
    mux,
    neighbours,
    optical_flow,
    planes,
    probing,
    reading,
    resampling,
    sample_clips,
    shown_pictures,
    ticks,
    timeline,
    tone_mapping,
    writing,
)
from .probing import ClipInfo, coded_pictures, probe, sha256
from .reading import Frame, display_name, frames_at, glimpse, read, read_to_file, stream
from .writing import write

__all__ = ["ClipInfo", "Frame", "audio", "av1_render_size", "clock", "codecs", "coded_pictures", "container", "conversion_losses", "deinterlacing", "display_name", "files", "frame_rate", "frames_at", "glimpse", "image_sequence", "images", "metadata", "mux", "neighbours", "optical_flow", "planes", "probe", "probing", "read", "read_to_file", "reading", "resampling", "sample_clips", "sha256", "shown_pictures", "stream", "ticks", "timeline", "tone_mapping", "write", "writing"]
