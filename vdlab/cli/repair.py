"""`vdlab repair`: a whole old film with even light, steady, and without dirt."""

from .file_verb import add_file_verb, add_film_options, run_on_film


def write_repaired(options, argv) -> int:
    """Write OUT, the film IN repaired."""
    from .. import enhancement
    from ..enhancement.film_repair import FilmSettings

    given = {name: getattr(options, name) for name in ("light", "place", "dirt") if getattr(options, name) is not None}

    return run_on_film(options, enhancement.repair_file, settings=FilmSettings(**given))


def add(commands) -> None:
    """Add this verb to the command line."""
    sub = add_file_verb(
        commands,
        "repair",
        write_repaired,
        "repair a whole old film: flicker, a picture that jumps, dirt",
        "  vdlab repair wedding-1962.mp4 wedding.mp4\n  vdlab repair wedding-1962.mp4 wedding.mp4 --place 0 --dry-run",
    )
    sub.add_argument(
        "--light", type=float, metavar="SECONDS", help="even the light over so long either way; 0: not (default: 0.2)"
    )
    sub.add_argument(
        "--place", type=float, metavar="SECONDS", help="steady it over so long either way; 0: not (default: 0.4)"
    )
    sub.add_argument(
        "--dirt", type=float, metavar="GREY", help="grey levels by which dirt stands out; 0: leave it (default: 20)"
    )
    add_film_options(sub)
