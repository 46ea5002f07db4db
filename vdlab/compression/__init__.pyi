from . import article_codec, codec, rate_curves, rate_search, shot_choice, sidecar
from .codec import compare, decode, decode_pictures, encode

__all__ = [
    "article_codec",
    "codec",
    "compare",
    "decode",
    "decode_pictures",
    "encode",
    "rate_curves",
    "rate_search",
    "shot_choice",
    "sidecar",
]
