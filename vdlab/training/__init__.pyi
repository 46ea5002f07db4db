from . import adam, backend, descent, devices, loop, shot_layers, weights

__all__ = ["adam", "backend", "descent", "devices", "loop", "shot_layers", "weights"]
