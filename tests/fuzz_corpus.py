"""What is mutated: small clips in many containers and codings, with sound, images, and files of annotations."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from tests.heif import heic
from vdlab import segmentation
from vdlab.compression import sidecar
from vdlab.segmentation.tracks import Track
from vdlab.video.images import encode_image

# A kind is the file's ending; its pictures' coder, its sound's, and FFmpeg's name of the container where it is another.
CLIPS = {
    "mp4": ("libx264", "aac", ""),
    "webm": ("libvpx-vp9", "libopus", ""),
    "avi": ("mpeg4", "mp2", ""),
    "ts": ("mpeg2video", "mp2", "mpegts"),
    "mov": ("mjpeg", "pcm_s16le", ""),
    "mkv": ("ffv1", "aac", "matroska"),
    "flv": ("flv", "pcm_u8", ""),
    "hevc.mp4": ("libx265", "aac", "mp4"),
    "av1.mkv": ("libsvtav1", "", "matroska"),
    "prores.mov": ("prores_ks", "", "mov"),
    "wmv": ("wmv2", "pcm_s16le", "asf"),
    "ogg": ("libvpx", "libopus", ""),
    "gif": ("gif", "", ""),
}
FORMATS = {"flv": "yuv420p", "gif": "rgb8", "mjpeg": "yuvj420p", "prores_ks": "yuv422p10le"}
OPTIONS = {"libx265": {"x265-params": "log-level=0:pools=1", "preset": "ultrafast"}, "libsvtav1": {"preset": "12"}}
# Where headers keep what can lie: a name in the file, bytes from its beginning to the field, the field's format.
FIELDS = {
    "mp4": [
        (b"mvhd", 16, ">I"),
        (b"mvhd", 20, ">I"),
        (b"mdhd", 16, ">I"),
        (b"mdhd", 20, ">I"),
        (b"tkhd", 78, ">I"),
        (b"tkhd", 82, ">I"),
        (b"avc1", 28, ">H"),
        (b"avc1", 30, ">H"),
        (b"stts", 8, ">I"),
        (b"stts", 12, ">I"),
        (b"stts", 16, ">I"),
        (b"stsz", 12, ">I"),
        (b"stsz", 16, ">I"),
        (b"stsc", 8, ">I"),
        (b"stsc", 16, ">I"),
        (b"stco", 8, ">I"),
        (b"stco", 12, ">I"),
        (b"ctts", 8, ">I"),
        (b"ctts", 16, ">I"),
        (b"elst", 16, ">I"),
        (b"moov", -4, ">I"),
        (b"stsd", 8, ">I"),
        (b"mdat", -4, ">I"),
        (b"avcC", 8, ">I"),
    ],
    "avi": [
        (b"avih", 8, "<I"),
        (b"avih", 24, "<I"),
        (b"avih", 32, "<I"),
        (b"avih", 40, "<I"),
        (b"avih", 44, "<I"),
        (b"strh", 28, "<I"),
        (b"strh", 32, "<I"),
        (b"strh", 40, "<I"),
        (b"strf", 12, "<i"),
        (b"strf", 16, "<i"),
        (b"strf", 4, "<I"),
        (b"movi", -4, "<I"),
        (b"idx1", 4, "<I"),
        (b"idx1", 16, "<I"),
        (b"00dc", 4, "<I"),
        (b"RIFF", 4, "<I"),
    ],
    "webm": [
        (b"\x2a\xd7\xb1", 4, ">H"),
        (b"\x44\x89", 3, ">I"),
        (b"\xb0\x82", 2, ">H"),
        (b"\xba\x82", 2, ">H"),
        (b"\xb0\x81", 2, "B"),
        (b"\xba\x81", 2, "B"),
        (b"\x1f\x43\xb6\x75", 4, ">I"),
        (b"\x15\x49\xa9\x66", 4, ">I"),
        (b"\xe7\x81", 1, "B"),
        (b"\xa3", 1, ">H"),
        (b"\x16\x54\xae\x6b", 4, ">I"),
        (b"\x23\xe3\x83", 4, ">I"),
    ],
}
FIELDS |= {
    "mov": [(name if name != b"avc1" else b"jpeg", *rest) for name, *rest in FIELDS["mp4"]]
    + [(b"\xff\xc0", 5, ">H"), (b"\xff\xc0", 7, ">H")],
    "mkv": FIELDS["webm"],
    "ts": [
        (b"\x00\x00\x01\xb3", 4, ">I"),
        (b"\x00\x00\x01\xe0", 4, ">H"),
        (b"\x00\x00\x01\xe0", 9, ">I"),
        (b"\x00\x00\x01\xb5", 4, ">I"),
    ],
}
FIELDS["images"] = [
    (b"IHDR", 4, ">I"),
    (b"IHDR", 8, ">I"),
    (b"IHDR", 12, ">H"),
    (b"\xff\xc0", 5, ">H"),
    (b"\xff\xc0", 7, ">H"),
    (b"IDAT", -4, ">I"),
]
LIES = 0, 1, 2, 255, 4095, 16384, 32767, 65535, 1 << 20, (1 << 31) - 1, 1 << 31, (1 << 32) - 1
FIELDS["hevc.mp4"] = [(name if name != b"avc1" else b"hev1", *rest) for name, *rest in FIELDS["mp4"]]
FIELDS["prores.mov"] = FIELDS["mp4"]
FIELDS["av1.mkv"] = FIELDS["webm"]
FIELDS["flv"] = [(b"onMetaData", -13, ">I"), (b"width", 5, ">I"), (b"duration", 8, ">I"), (b"FLV", 5, ">I")]
FIELDS["gif"] = [(b"GIF89a", 6, "<H"), (b"GIF89a", 8, "<H"), (b"NETSCAPE2.0", 12, "<H"), (b"\x21\xf9", 4, "<H")]
FIELDS["ogg"] = [(b"OggS", 5, "B"), (b"OggS", 6, "<I"), (b"OggS", 14, "<I"), (b"OggS", 18, "<I"), (b"OggS", 26, "B")]
FIELDS["wmv"] = [
    (b"\x30\x26\xb2\x75", 16, "<I"),
    (b"\x30\x26\xb2\x75", 24, "<I"),
    (b"\xa1\xdc\xab\x8c", 16, "<I"),
    (b"\x91\x07\xdc\xb7", 16, "<I"),
]
FIELDS["webp"] = [(b"RIFF", 4, "<I"), (b"VP8X", 12, "<I"), (b"ANMF", 4, "<I"), (b"ANMF", 14, "<I"), (b"VP8 ", 4, "<I")]
FIELDS["tif"] = [
    (b"II*\0", 4, "<I"),
    (b"\x00\x01\x03\0", 8, "<I"),
    (b"\x11\x01\x04\0", 8, "<I"),
    (b"\x17\x01\x04\0", 8, "<I"),
]
FIELDS["heic"] = [
    (b"iloc", 10, ">H"),
    (b"iloc", 20, ">I"),
    (b"iloc", 24, ">I"),
    (b"ispe", 8, ">I"),
    (b"iinf", 8, ">H"),
    (b"infe", 8, ">H"),
    (b"meta", -4, ">I"),
    (b"ipma", 8, ">I"),
]
FIELDS["cvat"] = [(b"frame=", 7, "B"), (b"<width>", 7, ">H"), (b"points=", 9, ">H"), (b"<track", 0, ">I")]
FIELDS["coco"] = [(b'"size"', 9, ">H"), (b'"counts"', 11, ">H"), (b'"image_id"', 12, "B"), (b'"bbox"', 9, ">H")]


def pictures(count: int = 10) -> np.ndarray:
    """Frames (count, 64, 80, 3), with something moving."""
    frames = np.stack([np.random.default_rng(i // 5).integers(0, 255, (64, 80, 3)) // 2 for i in range(count)])
    for i in range(count):
        frames[i, 10 + i : 30 + i, 4 * i : 4 * i + 20] = 220
    return frames.astype(np.uint8)


def clip(path: Path, coder: str, sound: str = "", form: str = "") -> bytes:
    """Ten frames, 80×64, written by PyAV alone, with half a second of sound."""
    with av.open(str(path), "w", format=form or None) as container:
        stream = container.add_stream(coder, rate=25, options=OPTIONS.get(coder, {}))
        stream.width, stream.height, stream.pix_fmt = 80, 64, FORMATS.get(coder, "yuv420p")
        stream.codec_context.thread_count = 1
        heard = container.add_stream(sound, rate=48000 if sound not in ("pcm_u8",) else 44100) if sound else None
        if heard:
            heard.codec_context.layout = "mono"
        for frame in pictures():
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
        if heard:
            form = heard.codec_context.format.name
            wave = (np.sin(np.arange(24000) / 9) * 9000).astype(np.int16)
            tone = av.AudioFrame.from_ndarray(wave[None], format="s16", layout="mono")
            tone.sample_rate = heard.codec_context.sample_rate
            size = heard.codec_context.frame_size or 1024
            change = av.AudioResampler(form, "mono", heard.codec_context.sample_rate, frame_size=size)
            for piece in (*change.resample(tone), *change.resample(None)):
                container.mux(heard.encode(piece))
            container.mux(heard.encode())
    return path.read_bytes()


def corpus(folder: Path) -> dict[str, bytes]:
    """Return {kind: the whole file}."""
    made = {kind: clip(folder / f"whole.{kind}", *how) for kind, how in CLIPS.items()}
    noted = sidecar.Sidecar(79, 63, (sidecar.ShotNote(4, 30, True), sidecar.ShotNote(6, 40)))
    made["mp4"] += sidecar.box(noted)
    made["heic"] = heic(90, item=(b"Exif", b"", b"\0\0\0\6Exif\0\0MM\0*\0\0\0\x08"))
    stills = [Image.fromarray(frame) for frame in pictures(3)]
    for kind, how in (("webp", {"duration": 40}), ("tif", {})):
        kept = io.BytesIO()
        stills[0].save(kept, {"tif": "tiff"}.get(kind, kind), save_all=True, append_images=stills[1:], **how)
        made[kind] = kept.getvalue()
    masks = np.zeros((3, 64, 80), bool)
    masks[:, 9:30, 5:40] = True
    times = tuple(Fraction(i, 25) for i in range(4))
    found = segmentation.Annotations("whole.mp4", 80, 64, 3, times, tracks=(Track(2, 0, masks), Track(5, 1, masks[:2])))
    for kind, name in (("cvat", "found.xml"), ("coco", "found.json")):
        made[kind] = found.save(folder / name, kind).read_bytes()
    return made


def still(form: str) -> bytes:
    """One image of a folder."""
    return encode_image(np.zeros((64, 80, 3), np.uint8) + 90, form)
