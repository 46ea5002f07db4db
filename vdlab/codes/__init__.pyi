from . import eigenframes, motion_decoder, trajectory
