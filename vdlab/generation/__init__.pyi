from . import (
    article_program,
    composition,
    composition_settings,
    composition_wish,
    dcgan,
    full_size,
    gan_game,
    gan_model,
    gan_settings,
    gan_training,
    generated_files,
    layout,
    layout_search,
    networks,
    patch_field,
    seams,
    smooth_noise,
    thumbnail,
    tubes,
)
from .article_program import try_faults
from .composition import ComposeModel, build_composition
from .dcgan import train_dcgan
from .gan_model import GanModel, load_model
from .gan_training import train_gan
from .generated_files import generate_file

__all__ = [
    "ComposeModel",
    "GanModel",
    "article_program",
    "build_composition",
    "composition",
    "composition_settings",
    "composition_wish",
    "dcgan",
    "full_size",
    "gan_game",
    "gan_model",
    "gan_settings",
    "gan_training",
    "generate_file",
    "generated_files",
    "layout",
    "layout_search",
    "load_model",
    "networks",
    "patch_field",
    "seams",
    "smooth_noise",
    "thumbnail",
    "train_dcgan",
    "train_gan",
    "try_faults",
    "tubes",
]
