"""`vdlab decompress`: what `vdlab compress` wrote, as this kit shows it, for any player."""

from .file_verb import FILM, run_on_film, verb_of_files


def write_decompressed(options, argv) -> int:
    """Write OUT as H.264, enlarged where the note in IN says."""
    from .. import compression

    return run_on_film(options, compression.decode_file)


add = verb_of_files(
    "decompress",
    write_decompressed,
    "write what compress wrote as H.264, at its full size",
    "  vdlab decompress small.mp4 everywhere.mp4",
    *FILM,
)
