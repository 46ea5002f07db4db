from . import article_codec, codec, peer_codecs, rate_curves, rate_search, shot_choice, sidecar
from .codec import compare as compare
from .codec import decode as decode
from .codec import decode_file as decode_file
from .codec import decode_pictures as decode_pictures
from .codec import encode as encode
