"""What a reader would use instead: encoders at about the effort of ours, tuned for what the curves measure.

x264 and x265 spend bytes on how a picture looks, by what PSNR counts as an error; `tune=psnr` turns that off. SVT-AV1
is tuned for PSNR unless it is told otherwise. SVT-AV1 at the very preset that ours uses shows what the preset alone
gives; at preset 8, it is what a reader in a hurry takes.
"""

from ..video import codecs
from ..video.codecs import Codec
from .shot_choice import EncodeSettings

# The crf of four files, from good to poor; each codec has a scale of its own
QUANTISERS = {"libx264": (24, 29, 34, 40), "libx265": (24, 30, 36, 42), "libsvtav1": (35, 45, 54, 62)}
IN_A_HURRY = 8  # SVT-AV1's preset
PATIENT = 3  # SVT-AV1's preset from which on x265 at veryslow, not at slow, takes about as long


def tuned_for_psnr(encoder: str, preset: str) -> Codec:
    """x264 ('libx264') or x265 ('libx265') at one of their presets, without psycho-visual choices."""
    quiet = (("x265-params", "log-level=error"),) if encoder == "libx265" else ()
    return Codec(encoder, (("preset", preset), ("tune", "psnr"), *quiet))


def peers_of(settings: EncodeSettings) -> dict[str, Codec]:
    """Return {name: encoder} to hold beside ours with `settings`, the one of the same preset last."""
    preset = int(dict(settings.codec.options)["preset"])
    x265 = "veryslow" if preset <= PATIENT else "slow"
    return {
        "x264 veryslow": tuned_for_psnr("libx264", "veryslow"),
        f"x265 {x265}": tuned_for_psnr("libx265", x265),
        f"SVT-AV1 preset {IN_A_HURRY}": codecs.av1(IN_A_HURRY),
        f"SVT-AV1 preset {preset}": settings.codec,
    }
