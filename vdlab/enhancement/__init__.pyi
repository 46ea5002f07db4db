from . import film_damage, film_paths, film_repair, restoration, sharpening, superres, train_superres, upscaling
from .film_repair import repair_film as repair_film
from .restoration import enhance_file as enhance_file
from .restoration import repair_file as repair_file
from .restoration import restore_file as restore_file
from .sharpening import sharpen as sharpen
from .upscaling import upscale as upscale
