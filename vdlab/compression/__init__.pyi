from . import (
    article_codec,
    artifact_network,
    codec,
    rate_curves,
    rate_search,
    shot_choice,
    sidecar,
    train_artifact_network,
)
from .codec import compare, decode, decode_pictures, encode

__all__ = [
    "article_codec",
    "artifact_network",
    "codec",
    "compare",
    "decode",
    "decode_pictures",
    "encode",
    "rate_curves",
    "rate_search",
    "shot_choice",
    "sidecar",
    "train_artifact_network",
]
