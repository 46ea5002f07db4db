from . import (
    annotations,
    backdrop,
    background,
    click,
    click_evidence,
    click_graphs,
    click_request,
    click_walk,
    downsizing,
    formats,
    fragments,
    grabcut,
    motion_saliency,
    object_network,
    objects,
    outlines,
    overlay_growth,
    overlay_removal,
    overlays,
    reidentification,
    run_lengths,
    scenes,
    segmented_files,
    shot_by_shot,
    superpixels,
    tracks,
    voting,
    watchers,
    whole_clip,
)
from .annotations import FORMATS as FORMATS
from .annotations import Annotations as Annotations
from .annotations import load_annotations as load_annotations
from .click import ClickableShot as ClickableShot
from .click import pick_object as pick_object
from .scenes import find_scenes as find_scenes
from .segmented_files import segment_file as segment_file
from .tracks import Track as Track
from .whole_clip import annotate as annotate
from .whole_clip import annotate_file as annotate_file
from .whole_clip import as_tracks as as_tracks
from .whole_clip import find_objects as find_objects
