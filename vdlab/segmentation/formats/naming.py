"""What a clip's images are called in annotation files."""

from __future__ import annotations


def file_name(annotations, frame: int) -> str:
    """Return the name of a frame's image: its own in a folder; a video's frame is called as CVAT calls it."""
    return annotations.names[frame] if annotations.names else f"frame_{frame:06d}.PNG"
