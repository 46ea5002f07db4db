"""Recordings whose picture flashes while their sound beeps, in any container and codec, and what of that a file holds.

So sound that went out of step shows.
"""

from __future__ import annotations

import heapq
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE, SOUND = 25, 48000  # frames and samples a second
FLASH = Fraction(1)  # seconds, when it flashes and beeps
LOUD = 0.2  # of full scale


def record(
    path: Path,
    *,
    seconds: Fraction = Fraction(2),
    pictures: str = "libx264",
    sounds=("aac",),
    languages=(),
    picture_at=0,
    sound_at=0,
    options=None,
    aspect: Fraction = Fraction(1),
    size=(160, 120),
    channels: str = "stereo",
    rate: int = SOUND,
    container=None,
    prepare=lambda out: None,
) -> Path:
    """Write a clip, black but for a white tenth of a second at FLASH, and tracks of sound, silent but for a beep then.

    Each begins at its own time, seconds.
    """
    with av.open(str(path), "w", options=container or {}) as out:
        stream = out.add_stream(
            pictures, rate=RATE, options=options or ({"crf": "30"} if pictures == "libx264" else {})
        )
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.sample_aspect_ratio = aspect
        heard = []
        for codec, language in zip(sounds, [*languages, *[""] * len(sounds)]):
            track = out.add_stream(codec, rate=rate)
            track.codec_context.layout = channels
            track.metadata.update({"language": language} if language else {})
            heard.append(track)
        prepare(out)
        ways = [
            _pictures(stream, seconds, Fraction(picture_at)),
            *(_sound(t, seconds, Fraction(sound_at), rate, channels) for t in heard),
        ]
        for packet in heapq.merge(*ways, key=lambda p: p.dts * p.time_base if p.dts is not None else 0):
            out.mux(packet)
    return path


def _pictures(stream, seconds, begin):
    for n in range(int(seconds * RATE)):
        light = 255 * (FLASH <= Fraction(n, RATE) < FLASH + Fraction(1, 10))
        image = np.full((stream.height, stream.width, 3), light, np.uint8)
        image[:8, :8] = 60 + n % 25 * 4  # no two alike, so that none is dropped
        frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")
        frame.pts, frame.time_base = n + int(begin * RATE), Fraction(1, RATE)
        yield from stream.encode(frame)
    yield from stream.encode()


def _sound(stream, seconds, begin, rate, channels):
    count, width = int(seconds * rate), len(av.AudioLayout(channels).channels)
    moments = np.arange(count) / rate
    wave = np.where((moments >= FLASH) & (moments < FLASH + 0.1), 0.8 * np.sin(2 * np.pi * 1000 * moments), 0).astype(
        np.float32
    )
    for at in range(0, count, 1000):
        frame = av.AudioFrame.from_ndarray(np.stack([wave[at : at + 1000]] * width), format="fltp", layout=channels)
        frame.sample_rate, frame.pts, frame.time_base = rate, at + int(begin * rate), Fraction(1, rate)
        yield from stream.encode(frame)
    yield from stream.encode()


def flashes(path) -> list[float]:
    """When a file's picture turns white, seconds by its own clock."""
    found, before = [], 0.0
    with av.open(str(path)) as source:
        for frame in source.decode(video=0):
            light = frame.reformat(format="gray").to_ndarray().mean()
            if light > 128 >= before:
                found.append(float(frame.pts * frame.time_base))
            before = light
    return found


def beeps(path, track: int = 0) -> list[float]:
    """When a track of a file's sound begins to beep, seconds by the same clock."""
    found, last = [], -1.0
    with av.open(str(path)) as source:
        even = av.AudioResampler("fltp")
        for frame in source.decode(audio=track):
            for part in even.resample(frame):
                for at in np.flatnonzero(np.abs(part.to_ndarray()).max(0) > LOUD):
                    now = float(part.pts * part.time_base) + at / part.sample_rate
                    if not found or now - last > 0.05:
                        found.append(now)
                    last = now
    return found


def apart(path, track: int = 0) -> list[float]:
    """By how many seconds each beep comes after its flash."""
    seen, heard = flashes(path), beeps(path, track)
    assert len(seen) == len(heard) > 0, (seen, heard)
    return [b - a for a, b in zip(seen, heard)]
