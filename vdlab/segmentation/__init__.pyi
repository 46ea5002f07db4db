from . import (
    annotations,
    background,
    click,
    formats,
    grabcut,
    motion_saliency,
    objects,
    outlines,
    reidentification,
    run_lengths,
    scenes,
    segmented_files,
    shot_by_shot,
    superpixels,
    tracks,
    voting,
    whole_clip,
)
from .annotations import FORMATS, Annotations, load_annotations
from .click import ClickableShot, pick_object
from .scenes import find_scenes
from .segmented_files import segment_file
from .tracks import Track
from .whole_clip import annotate, annotate_file, as_tracks, find_objects

__all__ = [
    "Annotations",
    "ClickableShot",
    "FORMATS",
    "Track",
    "annotate",
    "annotate_file",
    "annotations",
    "as_tracks",
    "background",
    "click",
    "find_objects",
    "find_scenes",
    "formats",
    "grabcut",
    "load_annotations",
    "motion_saliency",
    "objects",
    "outlines",
    "pick_object",
    "reidentification",
    "run_lengths",
    "scenes",
    "segment_file",
    "segmented_files",
    "shot_by_shot",
    "superpixels",
    "tracks",
    "voting",
    "whole_clip",
]
