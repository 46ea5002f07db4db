"""`vdlab denoise`: a whole file without its noise."""

from .file_verb import add_file_verb, add_film_options, run_on_film


def write_denoised(options, argv) -> int:
    """Write OUT without the noise of IN."""
    from .. import denoising

    return run_on_film(options, denoising.denoise_file, sigma=options.sigma, preset=options.preset)


def add(commands) -> None:
    """Add this verb to the command line."""
    sub = add_file_verb(
        commands,
        "denoise",
        write_denoised,
        "take the noise out of a whole file",
        "  vdlab denoise holiday.mp4 clean.mp4\n"
        "  vdlab denoise holiday.mp4 clean.mp4 --sigma 12 --preset live --dry-run",
    )
    sub.add_argument("--sigma", type=float, metavar="GREY", help="grey levels of noise (default: measured)")
    sub.add_argument("--preset", default="best", metavar="NAME", help="best or live (default: best)")
    add_film_options(sub)
