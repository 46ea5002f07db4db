from . import (
    article_rules,
    cut_records,
    cutlists,
    edit_lists,
    key_frame_files,
    selection,
    shots,
    similarity,
    split_script,
    thumbnails,
    transition_window,
    transitions,
)
from .article_rules import difference_curve, frames_above_threshold, frames_at_interval, suggest_threshold
from .key_frame_files import write_key_frames
from .selection import blend_between, select_key_frames, shot_coverage
from .shots import KEYS, Shot, ShotSettings, Survey, choose_key_frame, find_shots, survey_clip, unmixed_frames

__all__ = [
    "KEYS",
    "Shot",
    "ShotSettings",
    "Survey",
    "article_rules",
    "blend_between",
    "choose_key_frame",
    "cut_records",
    "cutlists",
    "difference_curve",
    "edit_lists",
    "find_shots",
    "frames_above_threshold",
    "frames_at_interval",
    "key_frame_files",
    "select_key_frames",
    "selection",
    "shot_coverage",
    "shots",
    "similarity",
    "split_script",
    "suggest_threshold",
    "survey_clip",
    "thumbnails",
    "transition_window",
    "transitions",
    "unmixed_frames",
    "write_key_frames",
]
