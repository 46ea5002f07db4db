from . import adam, backend, descent, devices, loop, shot_layers, weights
