from . import (
    clip_memory,
    flow_model,
    flow_settings,
    flow_training,
    pixel_toy,
    prediction,
    samplers,
    schedules,
    storyboard,
    unet,
)
from .flow_model import FlowModel, load_flow
from .flow_training import train_flow
from .pixel_toy import train_pixel_flow

__all__ = [
    "FlowModel",
    "clip_memory",
    "flow_model",
    "flow_settings",
    "flow_training",
    "load_flow",
    "pixel_toy",
    "prediction",
    "samplers",
    "schedules",
    "storyboard",
    "train_flow",
    "train_pixel_flow",
    "unet",
]
