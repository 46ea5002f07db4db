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
from .flow_model import FlowModel as FlowModel
from .flow_model import load_flow as load_flow
from .flow_training import train_flow as train_flow
from .pixel_toy import train_pixel_flow as train_pixel_flow
