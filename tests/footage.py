"""Small clips of a known content, written by FFmpeg: every picture's brightness says which one it is."""

import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np

from vdlab import video
from vdlab.evaluation.vmaf import ffmpeg_path
from vdlab.video import reading

X264 = ("-c:v", "libx264", "-crf", "4", "-pix_fmt", "yuv420p")
B_FRAMES = (*X264, "-x264-params", "bframes=2:b-adapt=0:keyint=12:scenecut=0")


def numbered(count: int, *, height: int = 32, width: int = 48) -> np.ndarray:
    """uint8 RGB (count, height, width, 3): picture n has brightness 20 + 8 n, and a bright corner at the upper left."""
    frames = np.stack([np.full((height, width, 3), 20 + 8 * n, np.uint8) for n in range(count)])
    frames[:, : height // 4, : width // 4] = 250
    return frames


def numbers(frames) -> list[int]:
    """Which pictures of `numbered` these are."""
    return [round((float(f[f.shape[0] // 2 :, f.shape[1] // 2 :].mean()) - 20) / 8) for f in frames]


def run(*arguments, given: bytes | None = None) -> bytes:
    """FFmpeg's standard output."""
    end = subprocess.run([ffmpeg_path(), "-y", "-v", "error", *map(str, arguments)], input=given, capture_output=True)
    assert end.returncode == 0, end.stderr.decode()
    return end.stdout


def coded(path: Path, frames: np.ndarray, *options, rate=25) -> Path:
    """Write frames to `path` with FFmpeg's `options` at `rate` frames a second."""
    size = f"{frames.shape[2]}x{frames.shape[1]}"
    run(
        "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", rate, "-i", "-", *options, path, given=frames.tobytes()
    )
    return path


def copied(path: Path, source: Path, *options, before=()) -> Path:
    """The packets of `source` in another container or cut, not coded anew."""
    run(*before, "-i", source, "-c", "copy", *options, path)
    return path


def joined(path: Path, *parts: Path) -> Path:
    """What `cat` makes of several files."""
    path.write_bytes(b"".join(p.read_bytes() for p in parts))
    return path


def played(path: Path) -> list[Fraction]:
    """The times at which FFmpeg shows pictures, from the first, in seconds."""
    lines = (
        run("-i", path, "-map", "0:v:0", "-fps_mode", "passthrough", "-enc_time_base", "demux", "-f", "framecrc", "-")
        .decode()
        .splitlines()
    )
    base = next(Fraction(*map(int, line.split()[-1].split("/"))) for line in lines if line.startswith("#tb"))
    ticks = [int(line.split(",")[2]) for line in lines if not line.startswith("#")]
    return [(t - ticks[0]) * base for t in ticks]


def agrees(path, *, pictures=None, duration=None, tolerance=Fraction(1, 500)) -> video.ClipInfo:
    """Read a clip in every way; check that the ways agree, that times rise, and what is expected; return its facts."""
    info, shown = video.probe(path), [*video.stream(path)]
    times = [f.time for f in shown]
    assert len(shown) == info.frames
    assert times == reading.times(path)
    assert all(b > a for a, b in zip(times, times[1:])), times
    if pictures is not None:
        assert numbers(f.image for f in shown) == list(pictures)
    if duration is not None:
        assert abs(info.duration - Fraction(duration)) <= tolerance, float(info.duration)
    return info
