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
    overlay_layers,
    patch_field,
    pyramid,
    seams,
    smooth_noise,
    thumbnail,
    tubes,
)
from .article_program import try_faults as try_faults
from .composition import ComposeModel as ComposeModel
from .composition import build_composition as build_composition
from .dcgan import train_dcgan as train_dcgan
from .gan_model import GanModel as GanModel
from .gan_model import load_model as load_model
from .gan_training import train_gan as train_gan
from .generated_files import generate_file as generate_file
