"""TensorFlow: imported in one place, and what every training needs.

Level 4; no chapter of its own. `backend` imports TensorFlow and Keras quietly and makes runs repeatable, `loop` runs
steps with checkpoints and undoes a divergence, `adam` is the optimiser, `descent` one network's training, `weights`
keeps models as plain arrays, `devices` shares a batch among devices, `shot_layers` are layers that depend on the shot.
Importing any of these but `weights` loads TensorFlow: rooms of lower levels never do. Saved models rely on the format
of `weights`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
