from . import backend, devices, loop, shot_layers, weights

__all__ = ["backend", "devices", "loop", "shot_layers", "weights"]
