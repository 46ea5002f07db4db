"""Frames as a trajectory of codes, and back: principal components of a shot.

    basis = eigenframes.fit(frames, k=32)
    codes = basis.encode(frames)                        # float32 (N, 32)

Level 3; the space in which chapters 04 and 10 work. `eigenframes` is one shot's basis, `trajectory` a clip of many
shots, its windows and paths along it, `motion_decoder` draws codes without ghosts. Saved models rely on `Eigenframes`
and `Trajectory`. Runs without TensorFlow.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
