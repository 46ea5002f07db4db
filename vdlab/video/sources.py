"""What a reader names as a clip: a file, a folder of images with its rate, or a built-in clip."""

from pathlib import Path

from ..base.errors import VideoError
from ..base.files import named
from . import image_sequence
from .image_sequence import ImageSequence, is_sequence


def existing_source(source) -> Path | ImageSequence:
    """Return `source` as a path to something that is there and not empty, with its rate. Raises `VideoError`.

    Where there is no such file, nor a folder of pictures, a built-in clip's name, such as "bikes", means that clip.
    """
    path = source if isinstance(source, ImageSequence) else named(Path(source))
    there = _is_there(path)
    if not isinstance(path, ImageSequence) and not (there and path.is_file()):
        from . import sample_clips  # it reads clips, so it cannot be imported before

        if sample_clips.means_built_in(source):
            return sample_clips.sample_path(str(source))
    if not there:
        raise VideoError(f"{path}: there is no such file or folder.")
    if not (path.is_file() or path.is_dir()):  # a pipe or a device could be waited for without end
        raise VideoError(f"{path}: neither a file nor a folder.")
    if path.is_file() and path.stat().st_size == 0:
        raise VideoError(f"{path.name}: the file is empty.")
    if isinstance(path, ImageSequence) and (not is_sequence(path) or image_sequence.is_animated(path)):
        raise VideoError(
            f"{path.name} has times of its own: a frame rate can be stated for a folder of images "
            "or the pages of a TIFF alone."
        )
    return path


def _is_there(path) -> bool:
    try:
        return path.exists()
    except OSError as error:  # a name that is too long, a folder that may not be looked into
        raise VideoError(f"{str(path)[:200]}: cannot be found ({(error.strerror or str(error)).lower()}).") from None


def rated(source, fps):
    """Return a source with the frame rate that its reader states, or as it is. Raises `VideoError` for a video."""
    return source if fps is None else existing_source(ImageSequence(source, fps))
