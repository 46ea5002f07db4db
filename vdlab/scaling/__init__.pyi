from . import costs, measurement
