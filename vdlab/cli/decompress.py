"""`vdlab decompress`: what `vdlab compress` wrote, as this kit shows it, for any player."""

from .file_verb import add_file_verb, add_film_options, run_on_film


def write_decompressed(options, argv) -> int:
    """Write OUT as H.264, enlarged where the note in IN says."""
    from .. import compression

    return run_on_film(options, compression.decode_file)


def add(commands) -> None:
    """Add this verb to the command line."""
    sub = add_file_verb(
        commands,
        "decompress",
        write_decompressed,
        "write what compress wrote as H.264, at its full size",
        "  vdlab decompress small.mp4 everywhere.mp4",
    )
    add_film_options(sub)
