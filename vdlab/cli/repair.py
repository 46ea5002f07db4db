"""`vdlab repair`: a whole old film with even light, steady, and without dirt."""

from .command import value
from .file_verb import FILM, run_on_film, verb_of_files


def write_repaired(options, argv) -> int:
    """Write OUT, the film IN repaired."""
    from .. import enhancement
    from ..enhancement.film_repair import FilmSettings

    given = {name: getattr(options, name) for name in ("light", "place", "dirt") if getattr(options, name) is not None}

    return run_on_film(options, enhancement.repair_file, settings=FilmSettings(**given))


add = verb_of_files(
    "repair",
    write_repaired,
    "repair a whole old film: flicker, a picture that jumps, dirt",
    "  vdlab repair wedding-1962.mp4 wedding.mp4\n  vdlab repair wedding-1962.mp4 wedding.mp4 --place 0 --dry-run",
    value("--light", "SECONDS", "even the light over so long either way; 0: not (default: 0.2)", float),
    value("--place", "SECONDS", "steady it over so long either way; 0: not (default: 0.4)", float),
    value("--dirt", "GREY", "grey levels by which dirt stands out; 0: leave it (default: 20)", float),
    *FILM,
)
