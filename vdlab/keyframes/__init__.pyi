from . import (
    article_rules,
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
    thumbnails,
    transitions,
)
from .article_rules import difference_curve as difference_curve
from .article_rules import frames_above_threshold as frames_above_threshold
from .article_rules import frames_at_interval as frames_at_interval
from .article_rules import suggest_threshold as suggest_threshold
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
