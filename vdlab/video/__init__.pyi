from . import (
    animated_webp,
    asked,
    audio,
    av1_render_size,
    clock,
    codecs,
    container,
    conversion_losses,
    cropping,
    cut_short,
    deinterlacing,
    demuxers,
    file_to_file,
    files,
    filter_graph,
    frame_rate,
    image_sequence,
    images,
    metadata,
    metadata_formats,
    mp4_boxes,
    mux,
    neighbours,
    opencv,
    optical_flow,
    planes,
    png_chunks,
    probing,
    quantisers,
    reading,
    resampling,
    sample_clips,
    shown_pictures,
    sources,
    ticks,
    timecode,
    timeline,
    tone_mapping,
    transparent,
    unfinished,
    writing,
)
from .probing import ClipInfo as ClipInfo
from .probing import coded_pictures as coded_pictures
from .probing import probe as probe
from .probing import sha256 as sha256
from .quantisers import coding_error as coding_error
from .reading import Frame as Frame
from .reading import display_name as display_name
from .reading import frames_at as frames_at
from .reading import glimpse as glimpse
from .reading import read as read
from .reading import read_to_file as read_to_file
from .reading import stream as stream
from .writing import write as write
