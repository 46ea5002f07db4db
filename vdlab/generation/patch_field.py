"""A video made of another one's space-time patches: where each patch comes from, what is like it, what they make
together.

A *field* says for every patch of the new video which patch of the clip stands there: int (t, y, x), flat indices into a
`Level`'s patches. Colours never pass from one scale to the next, only the field does: at any scale the picture is voted
anew from the clip's own pixels, so nothing blurs on the way up. Patches are compared by a few dozen principal
components; nearer ones are found by what the neighbours found (propagation as in PatchMatch: Barnes et al. 2009, sec.
3.2). NumPy and OpenCV alone.
"""

import numpy as np

from ..video.opencv import cv2

COMPONENTS = 24  # principal components of a patch, and of one frame of it
SAMPLED_PATCHES = 8000  # patches from which these are found
BLOCK = 1 << 15  # patches projected at once


class PatchLevel:
    """One scale of the clip, uint8 (N, H, W, 3), and its patches of (time, side, side): `grid` of them, features
    float32 (patches, ≤ 24).

    `seen` is what the features are taken from, where that is not the clip itself; None for neither: a level only voted
    at.
    """

    def __init__(
        self, clip: np.ndarray, size: tuple[int, int], *, seen: np.ndarray | None = None, features: bool = True
    ):
        self.time, self.side = size
        self.shape = clip.shape[:3]
        self.grid = patch_grid(self.shape, size)
        self.pixels = (
            np.pad(clip, ((0, 0),) * 3 + ((0, 1),)).view(np.uint32).ravel()
        )  # a pixel is one number: quick to fetch
        if features:
            self._learn(clip if seen is None else seen)

    def query(self, clip: np.ndarray) -> np.ndarray:
        """Return the features (patches, P) of the patches of a video uint8 (T, H, W, 3), in this level's components."""
        return self._through_time(self._of_frames(clip))

    def index(self, t, y, x) -> np.ndarray:
        """Return the flat indices of patches by their first corner; what lies outside is moved to the rim."""
        n, h, w = self.grid
        return (np.clip(t, 0, n - 1) * h + np.clip(y, 0, h - 1)) * w + np.clip(x, 0, w - 1)

    def corner(self, index: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the first corner (t, y, x) of patches."""
        rest, x = np.divmod(index, self.grid[2])
        return *np.divmod(rest, self.grid[1]), x

    @property
    def itself(self) -> np.ndarray:
        """The field of the clip itself."""
        return np.arange(np.prod(self.grid)).reshape(self.grid)

    def _learn(self, clip: np.ndarray) -> None:
        rng = np.random.default_rng(0)
        (n, h, w), k = self.grid, self.side
        drawn = zip(*(rng.integers(0, m, SAMPLED_PATCHES) for m in (len(clip), h, w)))
        self.mean, self.basis = _components(
            np.stack([clip[t, y : y + k, x : x + k].ravel() for t, y, x in drawn]).astype(np.float32) / 255
        )
        frames = self._of_frames(clip)
        chosen, flat = rng.integers(0, n * h * w, SAMPLED_PATCHES), frames.reshape(-1, frames.shape[-1])
        self.centre, self.turn = _components(np.concatenate([flat[chosen + i * h * w] for i in range(self.time)], 1))
        self.features = self._through_time(frames)

    def _of_frames(self, clip: np.ndarray) -> np.ndarray:
        k, out = self.side, []
        for frame in clip.astype(np.float32) / 255:
            down, right, deep = frame.strides
            h, w = frame.shape[0] - k + 1, frame.shape[1] - k + 1
            patches = np.lib.stride_tricks.as_strided(
                frame, (h, w, k, k * 3), (down, right, down, deep), writeable=False
            )
            out.append(((patches.reshape(h * w, -1) - self.mean) @ self.basis).reshape(h, w, -1))
        return np.stack(out)

    def _through_time(self, frames: np.ndarray) -> np.ndarray:
        """Components of stacks of frames' components, without ever stacking them: a projection is a sum."""
        n, h, w, parts = frames.shape
        flat, area, count = frames.reshape(-1, parts), h * w, (n - self.time + 1) * h * w
        out = np.tile(-self.centre @ self.turn, (count, 1))
        for i in range(self.time):
            turn = self.turn[i * parts : (i + 1) * parts]
            for a in range(0, count, BLOCK):
                out[a : a + BLOCK] += flat[i * area + a : i * area + min(a + BLOCK, count)] @ turn
        return out


def patch_grid(shape: tuple[int, int, int], size: tuple[int, int]) -> tuple[int, int, int]:
    """Return how many patches of (time, side) a video of (T, H, W) has, in time, height and width."""
    return shape[0] - size[0] + 1, shape[1] - size[1] + 1, shape[2] - size[1] + 1


def vote_pixels(level: PatchLevel, field: np.ndarray) -> np.ndarray:
    """Return the video uint8 (T, H, W, 3) of a field: each pixel the mean of what the patches over it say."""
    (_, h, w), (n, rows, columns) = level.shape, field.shape
    t, y, x = level.corner(field)
    first, (k, deep) = (t * h + y) * w + x, (level.side, level.time)
    total = np.zeros((n + deep - 1, rows + k - 1, columns + k - 1, 4), np.uint16)  # 255 times 147 patches fit
    for a in range(deep):
        for b in range(k):
            for c in range(k):
                total[a : a + n, b : b + rows, c : c + columns] += (
                    level.pixels[first + ((a * h + b) * w + c)].view(np.uint8).reshape(*field.shape, 4)
                )
    seen = [np.convolve(np.ones(m, np.uint16), np.ones(s, np.uint16)) for m, s in zip(field.shape, (deep, k, k))]
    count = (seen[0][:, None, None] * seen[1][:, None] * seen[2])[..., None]
    return ((total[..., :3] + count // 2) // count).astype(np.uint8)


def propagate_field(level: PatchLevel, query: np.ndarray, field: np.ndarray, *, reach: int = 0, rng=None) -> np.ndarray:
    """Return a field at least as near to the query: each patch tries what continues its neighbours' (8, 4, 2 and 1
    patches away, in time, height, width), and with `reach` a random place that near to its own, then half as near, and
    so on."""
    best = field.ravel().copy()
    far = np.square(query - level.features[best]).sum(1)

    def offer(candidates):
        new = np.flatnonzero(candidates != best)
        apart = np.square(query[new] - level.features[candidates[new]]).sum(1)
        better = apart < far[new]
        best[new[better]], far[new[better]] = candidates[new[better]], apart[better]

    for step in (4, 2, 1, 1):
        for axis in range(3):
            for way in (step, -step):
                if step < field.shape[axis]:
                    shifted = [
                        *level.corner(np.roll(best.reshape(field.shape), way, axis))
                    ]  # what rolls over the rim is moved, and judged
                    shifted[axis] = shifted[axis] + way
                    offer(level.index(*shifted).ravel())
    while reach:
        offer(level.index(*(c + rng.integers(-reach, reach + 1, c.shape) for c in level.corner(best))))
        reach //= 2
    return best.reshape(field.shape)


def lift_field(coarse: PatchLevel, field: np.ndarray, fine: PatchLevel, shape: tuple[int, int, int]) -> np.ndarray:
    """Return the field of a finer level for a video of `shape` (T, H, W): each patch comes from where the coarse one at
    its middle does; where that runs backwards in time, backwards too.
    """
    at, off, sizes = [], [], [(coarse.time, fine.time), (coarse.side, fine.side), (coarse.side, fine.side)]
    for axis, ((old, new), count) in enumerate(zip(sizes, field.shape)):
        middle = np.arange(shape[axis] - new + 1) + new / 2
        place = middle * (count + old - 1) / shape[axis] - old / 2
        near = np.clip(np.round(place), 0, count - 1).astype(int)
        at.append(near)
        off.append((place - near).reshape([-1 if a == axis else 1 for a in range(3)]))
    if len(field) > 1:
        run = np.gradient(coarse.corner(field)[0].astype(np.float32), axis=0)  # 1 forwards, -1 backwards, 0 at a turn
        off[0] = off[0] * np.where(np.abs(run) < 0.25, 0, np.where(np.abs(run + 1) < 0.25, -1, 1))[np.ix_(*at)]
    corners = coarse.corner(field[np.ix_(*at)])
    scaled = (
        (c + o + old / 2) * (new_length / length) - new / 2
        for c, o, (old, new), new_length, length in zip(corners, off, sizes, fine.shape, coarse.shape)
    )
    return fine.index(*(np.floor(s + 0.5).astype(np.int64) for s in scaled))


def resize_clip(clip: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Return a clip at another size (T, H, W), no larger: the mean over the area, and the time, that a pixel stands
    for.
    """
    length, height, width = shape
    small = np.stack([cv2.resize(f, (width, height), interpolation=cv2.INTER_AREA) for f in clip])
    if length == len(clip):
        return small
    edges, frame = np.linspace(0, len(clip), length + 1), np.arange(len(clip))
    share = np.clip(np.minimum(frame + 1, edges[1:, None]) - np.maximum(frame, edges[:-1, None]), 0, 1).astype(
        np.float32
    )
    flat = (share / share.sum(1, keepdims=True)) @ small.reshape(len(clip), -1).astype(np.float32)
    return np.uint8(flat + 0.5).reshape(length, height, width, 3)


def _components(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean (D,) and the first principal directions (D, ≤ PARTS) of rows (n, D)."""
    mean = rows.mean(0)
    _, vectors = np.linalg.eigh((rows - mean).T @ (rows - mean) / len(rows))
    return mean, np.ascontiguousarray(vectors[:, ::-1][:, :COMPONENTS])
