"""The photographs that super-resolution is trained on: from Debian's packages and scikit-image."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vdlab.base.errors import VideoError
from vdlab.video.images import read_image, resize_to_width

# Photographs by file name; the packages' drawings are left out.
DEBIAN = """Aqua Blinds Dune FreshFlower Garden GreenMeadow LadyBird RainDrops Storm TwoWings Wood YellowFlower
Bridge_by_Sander_Klootwijk Dragonfly_by_Bolly Kleiber_by_Lukas_Baubkus Picture_0B_by_freespace Picture_1A_by_freespace
Wine_by_Jakkub_Mede aitzgorri_by_Aitzol_Berasategi analogpattern_by_Peter_Nerlich free_by_Peter_Nerlich
friends_by_Aitzol_Berasategi greentock_by_Peter_Nerlich life_by_Aitzol_Berasategi picosdeeuropa_by_Aitzol_Berasategi
seeding_by_Clements_Engelhardt sunset_by_Aitzol_Berasategi BytheWater ColdRipple ColorfulCups EveningGlow FallenLeaf
Grey Kite OneStandsOut Path""".split()

SCIKIT_IMAGE = [
    "astronaut.png",
    "coffee.png",
    "chelsea.png",
    "rocket.jpg",
    "motorcycle_left.png",
    "motorcycle_right.png",
    "brick.png",
    "grass.png",
    "gravel.png",
]

WIDTHS = (1100, 700)  # pixels; shrunk so far, a desktop photograph is full of detail and free of JPEG's errors


def load_photographs(folder) -> list[np.ndarray]:
    """Return the photographs in the unpacked packages under `folder`, and scikit-image's, uint8 (H, W, 3) in an order
    that is always the same.

    Raises `VideoError` where one is missing.
    """
    from skimage import data

    there: dict[str, Path] = {}
    for path in sorted(Path(folder).rglob("*.jpg")):
        named = path.parts[-4] if path.parent.name == "images" else path.stem  # Plasma's are called by their size
        if path.parent.name != "images" or path.stem == "2560x1600":
            there.setdefault(named, path)
    if missing := [n for n in DEBIAN if n not in there]:
        raise VideoError(
            f"{folder}: {', '.join(missing)} not found. Unpack the four packages there, as this file's head says."
        )
    found = []
    for name in DEBIAN:
        image = read_image(there[name])
        found += [resize_to_width(image, width) for width in WIDTHS if width < image.shape[1]]
    own = [read_image(Path(data.__file__).parent / n) for n in SCIKIT_IMAGE]
    return found + own + [resize_to_width(i, i.shape[1] * 2 // 3) for i in own]
