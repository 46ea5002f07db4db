from . import costs, measurement

__all__ = ["costs", "measurement"]
