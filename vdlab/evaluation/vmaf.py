"""What viewers would say of a repaired or compressed clip, 0 to 100, as Netflix's model guesses it from the true one:
VMAF.

Li et al. 2016, "Toward a practical perceptual video quality metric": features of detail kept, of detail lost and of
motion, weighed as viewers of 1080p television weighed them. It rewards contrast that the truth does not have, so that
sharpening alone can raise it; VMAF-NEG ("no enhancement gain", Li et al. 2020) takes that reward away. Both come with
the FFmpeg of the `imageio-ffmpeg` wheel. A number is for comparing clips of one size: a small picture is judged as if
it were seen from as near as a large one.
"""

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..base import checks
from ..base.errors import ParameterError, VdlabError
from ..video.images import to_rgb8
from ..video.opencv import cv2

MODELS = {"vmaf": "vmaf_v0.6.1", "neg": "vmaf_v0.6.1neg"}
MIN_SIDE = 32  # pixels a side: the coarsest of the four scales that it looks at has four
# BT.601, limited range; all that the model sees
LUMA = np.array([[65.481, 128.553, 24.966, 16]], np.float32) / [[255, 255, 255, 1]]


def score_frames(frames, truth, *, neg: bool = False) -> np.ndarray:
    """Return the score of each frame, float64 (N,), 0 … 100; `neg`: without reward for contrast that the truth lacks.

    `frames`, `truth`: uint8 RGB (N, H, W, 3), or sequences of (H, W, 3). The same clips give the same numbers. Raises
    `ParameterError` for clips that differ in shape, are empty or have a side below 32 pixels, `VdlabError` where there
    is no FFmpeg with libvmaf.
    """
    lumas = lambda clip: [cv2.transform(to_rgb8(frame), LUMA) for frame in checks.frames(clip)]
    return score_lumas(lumas(frames), lumas(truth), models=("neg" if neg else "vmaf",))[0]


def score_lumas(frames, truth, *, models: Sequence[str] = tuple(MODELS), threads: int = 1) -> np.ndarray:
    """The same for lumas in limited range, uint8 (N, H, W): float64 (models, N). Raises as `score_frames` does."""
    if len(frames) != len(truth) or not len(truth):
        raise ParameterError(
            f"VMAF compares frame by frame, one or more: there are {len(frames)} beside {len(truth)} true ones."
        )
    height, width = truth[0].shape
    if min(height, width) < MIN_SIDE:
        raise ParameterError(f"VMAF needs pictures of {MIN_SIDE} pixels a side or more, not {width}×{height}.")
    with tempfile.TemporaryDirectory() as folder:
        for name, clip in (("seen", frames), ("truth", truth)):
            _write(Path(folder) / name, clip, (height, width))
        raw = f"-f rawvideo -pix_fmt yuv420p -s {width}x{height} -r 25"
        asked = "|".join(f"version={MODELS[name]}\\:name={name}" for name in models)
        judge = f"libvmaf=model='{asked}':n_threads={threads}:log_fmt=json:log_path=log"
        inputs = f"-nostdin -v error -filter_complex_threads 1 {raw} -i seen {raw} -i truth"
        command = [ffmpeg_path(), *inputs.split(), "-filter_complex", judge, *"-f null -".split()]
        try:
            end = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace")
        except OSError as error:
            raise VdlabError(
                f"{command[0]}: FFmpeg does not start ({error.strerror}). Install imageio-ffmpeg anew."
            ) from None
        if end.returncode:
            if "No such filter" in end.stderr:
                raise VdlabError(
                    f"{command[0]}: this FFmpeg was built without libvmaf. That of imageio-ffmpeg has it: unset "
                    "IMAGEIO_FFMPEG_EXE."
                )
            raise VdlabError(f"VMAF could not be measured: {end.stderr.strip()[-300:]}")
        log = json.loads((Path(folder) / "log").read_text("utf8"))
    return np.array([[frame["metrics"][name] for frame in log["frames"]] for name in models])


def _write(path: Path, lumas, shape: tuple[int, int]) -> None:
    """Lumas as raw 4:2:0 video without colour: the model does not look at it."""
    height, width = shape
    grey = bytes([128]) * (2 * ((height + 1) // 2) * ((width + 1) // 2))
    with open(path, "wb") as file:
        for luma in lumas:
            if luma.shape != shape:
                raise ParameterError(
                    f"frames: one is {luma.shape[1]}×{luma.shape[0]}, the true ones are {width}×{height}."
                )
            file.write(luma.tobytes() + grey)


def ffmpeg_path() -> str:
    """Return the path of the wheel's FFmpeg. Raises `VdlabError` where it is not installed."""
    try:
        import imageio_ffmpeg

        return imageio_ffmpeg.get_ffmpeg_exe()
    except (ImportError, RuntimeError) as error:
        raise VdlabError(f"VMAF needs the FFmpeg of the package imageio-ffmpeg: {error}.") from None
