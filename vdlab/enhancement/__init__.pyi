from . import (
    film_damage,
    film_repair,
    onnx_writer,
    photographs,
    quantisers,
    restoration,
    sharpening,
    superres,
    train_detail,
    train_superres,
    upscaling,
)
from .film_repair import repair_film
from .quantisers import coding_error
from .restoration import enhance_file, repair_file, restore_file
from .sharpening import sharpen
from .upscaling import upscale

__all__ = [
    "coding_error",
    "enhance_file",
    "film_damage",
    "film_repair",
    "onnx_writer",
    "photographs",
    "quantisers",
    "repair_file",
    "repair_film",
    "restoration",
    "restore_file",
    "sharpen",
    "sharpening",
    "superres",
    "train_detail",
    "train_superres",
    "upscale",
    "upscaling",
]
