"""Which kinds of files are opened, and their packets: those that hold their pictures themselves, by an allow-list.

FFmpeg tells a kind by a file's bytes, whatever it is called. A playlist (m3u8, DASH), a script (ffconcat) or a pattern
of names called holiday.mp4 would make it read other files of the machine, which no hash of the clip covers; capture
devices and drawn sources are kinds as well.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import av

from .image_sequence import ImageSequence

FROM_CAMERAS = (
    *"mov,mp4,m4a,3gp,3g2,mj2 matroska,webm avi mpegts mpegtsraw mpeg flv live_flv asf asf_o ogg mxf gxf lxf".split(),
    *"nut wtv ty rm dv dhav nsv nuv pva kux r3d swf xmv ivf ivr".split(),
)
ANIMATIONS = ("gif", "apng", "flic", "roq", "smk", "bink", "film_cpk", "4xm", "webp_pipe")
BARE_STREAMS = (
    *"h261 h263 h264 hevc vvc evc av1 obu m4v mpegvideo mjpeg mjpeg_2000 mpjpeg vc1 vc1test dirac dnxhd".split(),
    *"cavsvideo avs2 avs3 yuv4mpegpipe".split(),
)
SINGLE_IMAGES = tuple(
    f"{kind}_pipe"
    for kind in "bmp dds dpx exr hdr j2k jpeg jpegls jpegxl pam pbm pcx pfm pgm png ppm psd qoi sgi tiff xwd".split()
)
SOUND_ALONE = ("aac", "ac3", "aiff", "amr", "au", "caf", "dts", "eac3", "flac", "mp3", "w64", "wav")  # said to be such
ALLOWED = ",".join((*FROM_CAMERAS, *ANIMATIONS, *BARE_STREAMS, *SINGLE_IMAGES, *SOUND_ALONE))
LISTS = re.compile(
    rb"\s*(\xef\xbb\xbf)?(ffconcat version|#EXTM3U|;FFMETADATA|\[playlist\]|v=0\r?\no=|<[^>]*asx\b)", re.I
)
MANIFEST = re.compile(rb"<(MPD|SmoothStreamingMedia|smil)\b", re.I)


def is_list_of_files(path: Path | ImageSequence) -> bool:
    """Whether a file is a playlist, a script or a manifest: text that says where pictures are, and holds none."""
    with open(path, "rb") as file:
        head = file.read(4096)
    return bool(LISTS.match(head)) or head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" and bool(MANIFEST.search(head))


def packets(container, *streams) -> Iterator[av.Packet]:
    """Yield what `container.demux` does, also of a file that tells of further streams only later on (FLV, TS).

    PyAV ends by emptying every stream that there is by then, those before first, and has no place for the others.
    """
    try:
        yield from container.demux(*streams)
    except IndexError:
        return
