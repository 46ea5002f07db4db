from . import article_codec, codec, decoded_files, peer_codecs, rate_curves, rate_search, shot_choice, sidecar
from .codec import compare, decode, decode_pictures, encode
from .decoded_files import decode_file

__all__ = [
    "article_codec",
    "codec",
    "compare",
    "decode",
    "decode_file",
    "decode_pictures",
    "decoded_files",
    "encode",
    "peer_codecs",
    "rate_curves",
    "rate_search",
    "shot_choice",
    "sidecar",
]
