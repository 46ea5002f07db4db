from . import eigenframes, motion_decoder, trajectory

__all__ = ["eigenframes", "motion_decoder", "trajectory"]
