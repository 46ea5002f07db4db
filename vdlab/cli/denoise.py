"""`vdlab denoise`: a whole file without its noise."""

from .command import value
from .file_verb import FILM, run_on_film, verb_of_files


def write_denoised(options, argv) -> int:
    """Write OUT without the noise of IN."""
    from .. import denoising

    return run_on_film(options, denoising.denoise_file, sigma=options.sigma, preset=options.preset)


add = verb_of_files(
    "denoise",
    write_denoised,
    "take the noise out of a whole file",
    "  vdlab denoise holiday.mp4 clean.mp4\n  vdlab denoise holiday.mp4 clean.mp4 --sigma 12 --preset live --dry-run",
    value("--sigma", "GREY", "grey levels of noise (default: measured)", float),
    value("--preset", "NAME", "best or live (default: best)", default="best"),
    *FILM,
)
