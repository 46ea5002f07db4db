"""What each step costs (chapter 11; the article's 8.4).

    costs.count_operations(size); measurement.measure_steps("clip.mp4")

Level 7. `costs` counts operations and fits power laws, `measurement` times the steps of the flow at several sizes.
Nothing relies on this room.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
