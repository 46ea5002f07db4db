from . import (
    bars,
    boosting,
    clip_stretch,
    cut_records,
    cutlists,
    cuts,
    dissolves,
    edit_lists,
    fades,
    key_frame_files,
    selection,
    shots,
    similarity,
    split_script,
    steady_clock,
    sweep_plans,
    sweeps,
    thresholds,
    thumbnails,
    transitions,
)
from .key_frame_files import write_key_frames as write_key_frames
from .selection import blend_between as blend_between
from .selection import select_key_frames as select_key_frames
from .selection import shot_coverage as shot_coverage
from .shots import KEYS as KEYS
from .shots import Shot as Shot
from .shots import ShotSettings as ShotSettings
from .shots import Survey as Survey
from .shots import choose_key_frame as choose_key_frame
from .shots import find_shots as find_shots
from .shots import survey_clip as survey_clip
from .shots import unmixed_frames as unmixed_frames
from .thresholds import difference_curve as difference_curve
from .thresholds import frames_above_threshold as frames_above_threshold
from .thresholds import frames_at_interval as frames_at_interval
from .thresholds import suggest_threshold as suggest_threshold
