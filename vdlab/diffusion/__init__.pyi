from . import (
    clip_memory,
    clip_paths,
    flow_model,
    flow_settings,
    pixel_toy,
    prediction,
    samplers,
    schedules,
    storyboard,
    train_step,
    unet,
)
from .flow_model import FlowModel, load_flow, train_flow
from .pixel_toy import train_pixel_flow

__all__ = [
    "FlowModel",
    "clip_memory",
    "clip_paths",
    "flow_model",
    "flow_settings",
    "load_flow",
    "pixel_toy",
    "prediction",
    "samplers",
    "schedules",
    "storyboard",
    "train_flow",
    "train_pixel_flow",
    "train_step",
    "unet",
]
