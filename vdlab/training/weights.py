"""Trained models on disk: one .npz of plain arrays and one line of JSON, so that loading executes nothing.

Also the checkpoints of a training run: written beside, then moved into place, so that a run killed at any moment leaves
the last complete one.
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..base import files
from ..base.arrays import read_arrays
from ..base.errors import ParameterError
from ..codes.eigenframes import Eigenframes
from ..codes.trajectory import Trajectory

FORMAT = 2


@dataclass(frozen=True)
class StoredModel:
    """What a model's file holds; `arrays` are its networks' weights."""

    settings: Any
    seed: int
    trajectory: Trajectory
    curves: dict[str, np.ndarray]
    notes: tuple[str, ...]
    arrays: dict[str, np.ndarray]

    def restore(self, **networks) -> None:
        """Put the weights into networks of these names. Raises `ParameterError` where one has another shape."""
        try:
            for name, network in networks.items():
                network.set_weights([self.arrays[f"{name}/{i}"] for i in range(len(network.get_weights()))])
        except (KeyError, ValueError):
            raise ParameterError(
                "the file's weights do not fit the network its settings describe: it is damaged."
            ) from None


def write_model(path, *, kind: str, model, **networks) -> None:
    """Write a model's settings, seed, trajectory, curves and notes, and the weights of its networks, by name.

    Eigenframes are kept in half precision, scaled by √pixels: an error far below one grey level.
    """
    out = {f"{name}/{i}": w for name, network in networks.items() for i, w in enumerate(network.get_weights())}
    out |= {f"curve/{name}": curve for name, curve in model.curves.items()}
    trajectory = model.trajectory
    for s, (basis, codes) in enumerate(zip(trajectory.bases, trajectory.codes)):
        out |= {
            f"shot{s}/mean": basis.mean,
            f"shot{s}/sigma": basis.sigma,
            f"shot{s}/codes": codes,
            f"shot{s}/basis": (basis.basis * np.sqrt(basis.mean.size)).astype(np.float16),
        }
    head = dict(window=trajectory.window, scales=list(trajectory.scales), notes=list(model.notes))
    store_arrays(path, kind=kind, settings=asdict(model.settings), seed=model.seed, arrays=out, **head)


def read_model(path, *, kind: str, settings: type) -> StoredModel:
    """Return what `write_model` wrote. Raises `ParameterError` for a file that is not such a model."""
    head, arrays = load_arrays(path, kind=kind)
    bases, codes = [], []
    for s in range(len(head["scales"])):
        mean, sigma, basis, code = (arrays.pop(f"shot{s}/{name}") for name in ("mean", "sigma", "basis", "codes"))
        bases.append(Eigenframes(mean, basis.astype(np.float32) / np.float32(np.sqrt(mean.size)), sigma))
        codes.append(code)
    trajectory = Trajectory(tuple(bases), tuple(codes), tuple(head["scales"]), head["window"])
    curves = {k.removeprefix("curve/"): arrays.pop(k) for k in [*arrays] if k.startswith("curve/")}
    return StoredModel(settings(**head["settings"]), head["seed"], trajectory, curves, tuple(head["notes"]), arrays)


def store_arrays(path, *, kind: str, arrays: dict, **head) -> None:
    """Write plain arrays, and what else is known of them as JSON, under the name of their kind."""
    _save(path, dict(format=FORMAT, kind=kind, **head), arrays)


def load_arrays(path, *, kind: str) -> tuple[dict, dict]:
    """Return (head, arrays) as `store_arrays` wrote them. Raises `ParameterError` for another file, kind or version."""
    head, arrays = _load(path)
    if head.get("kind") != kind or head.get("format") != FORMAT:
        raise ParameterError(
            f"{Path(path).name}: holds {head.get('kind') or 'something else'}, not a {kind} model of this version."
        )
    return head, arrays


def model_kind(path) -> str:
    """Return the kind of model that a file says it holds. Raises `ParameterError` for what this kit did not write."""
    return _load(path, only=("head",))[0].get("kind", "")


def run_fingerprint(settings, seed: int, data: np.ndarray) -> str:
    """Return what tells one training run from another."""
    text = json.dumps([asdict(settings), seed, list(data.shape)]).encode()
    return hashlib.sha256(text + np.ascontiguousarray(data).tobytes()).hexdigest()


def write_checkpoint(path, values: list[np.ndarray], *, step: int, rows: list, key: str) -> None:
    """Write a checkpoint in place of the last one."""
    arrays = {"rows": np.array(rows), **{f"state/{i}": v for i, v in enumerate(values)}}
    _save(path, dict(format=FORMAT, kind="checkpoint", step=step, key=key), arrays)


def read_checkpoint(path, variables: list, *, key: str) -> tuple[int, list]:
    """Put a checkpoint's state back, and return its step and curves; step 0 when there is none of this very run."""
    if not Path(path).exists():
        return 0, []
    try:
        head, arrays = _load(path)
    except ParameterError:
        return 0, []
    if head.get("kind") != "checkpoint" or head.get("key") != key or not _fits(arrays, variables):
        return 0, []
    for i, variable in enumerate(variables):
        variable.assign(arrays[f"state/{i}"])
    return head["step"], arrays["rows"].tolist()


def checkpoint_step(path) -> int:
    """Return the step of a checkpoint; 0 where there is none."""
    try:
        return int(_load(path)[0].get("step", 0))
    except (ParameterError, OSError):
        return 0


def _fits(arrays: dict, variables: list) -> bool:
    """Whether a checkpoint holds these variables: another version of the kit may keep others."""
    names = {f"state/{i}": tuple(v.shape) for i, v in enumerate(variables)}
    return {n: a.shape for n, a in arrays.items() if n.startswith("state/")} == names


def _save(path, head: dict, arrays: dict) -> None:
    path = Path(path)
    with files.whole(path) as partial, open(partial, "wb") as handle:
        np.savez(handle, head=np.frombuffer(json.dumps(head).encode(), np.uint8), **arrays)
        handle.flush()
        os.fsync(handle.fileno())


def _load(path, only: tuple[str, ...] = ()) -> tuple[dict, dict]:
    path = Path(path)
    if not path.exists():
        raise ParameterError(f"{path}: there is no such file.")
    try:
        arrays = read_arrays(path, only=only, most=1 << 33)
        return json.loads(arrays.pop("head").tobytes()), arrays
    except (ValueError, KeyError, OSError) as error:
        raise ParameterError(f"{path.name}: not a model that this kit wrote ({error}).") from None
