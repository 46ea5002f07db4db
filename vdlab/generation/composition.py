"""New in space, not only in time: a clip recomposed from its own pieces, and made whole again patch by patch.
Nothing is trained.

The GAN on codes bends how a scene moves; it cannot put a thing where no such thing was. VGPNN can (Haim et al. 2022,
arXiv:2109.08591): it starts from a noisy thumbnail and replaces every space-time patch by the nearest real one, coarse
to fine. Here the noise is in the *places*: a thumbnail gets a new layout (`layout_search`), along cuts that are seen
least and cross no object that was found. Then, as there, nearest patches mend what is left of the seams. Only the field
of places goes up the pyramid; at the clip's own size real pixels are copied from there (`full_size`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from functools import cache

import numpy as np

from ..base import checks
from ..base.errors import ParameterError
from ..codes.trajectory import reflect_into_range, split_shots
from ..segmentation.overlays import Overlay, find_overlay
from ..training import weights
from ..video.opencv import cv2
from . import full_size, layout_search, patch_field, pyramid
from .composition_settings import PRESETS, CompositionSettings
from .composition_wish import Wish, checked_wish
from .layout import Layout
from .overlay_layers import LaidOver
from .patch_field import PatchLevel


class ComposeModel:
    """A clip ready to be recomposed: its shots, and the pyramids of their patches, built when first drawn from.

    `notes` says what a reader should know: of the clip at once, of objects that no layout left whole when drawn.
    """

    def __init__(self, settings: CompositionSettings, shots: Sequence[np.ndarray]):
        self.settings, self.shots, self.cut_objects = settings, [*shots], 0
        self.laid_over: dict[int, Overlay] = {}  # by shot, as far as drawn from
        self.other_counts: list[tuple[int, int]] = []  # objects that were asked for, and that move, where these differ
        self._laid_over = cache(lambda shot: LaidOver(self.shots[shot], find_overlay(self.shots[shot])))
        self._pyramid = cache(lambda shot: pyramid.build_pyramid(self._laid_over(shot).picture, settings))

    @property
    def notes(self) -> tuple[str, ...]:
        """What is worth knowing of the clip and of what was drawn so far."""
        still, out = sum(not np.ptp(s, axis=0).any() for s in self.shots), []
        if still:
            out.append(f"Still shots: {still} of {len(self.shots)}. What is composed from one is still, too.")
        if self.cut_objects:
            out.append(
                "Where no layout left every moving object whole, what cuts least was taken: clips so made, "
                f"{self.cut_objects}."
            )
        marks = sum(len(overlay.marks) for overlay in self.laid_over.values())
        if marks:
            out.append(f"Logos, captions and other marks that lie over the picture and stay in their place: {marks}.")
        for asked, made in dict.fromkeys(self.other_counts):
            why = "what is behind the others is never seen" if made > asked else "no other could be put in whole"
            out.append(f"objects: {asked} asked for, {made} {'moves' if made == 1 else 'move'}: {why}.")
        return tuple(out)

    def sample(
        self, n: int, length: int | None = None, *, seed: int = 0, shot: int | None = None, **asked
    ) -> np.ndarray:
        """Return `n` new clips uint8 (n, length, H, W, 3), each recomposed within one shot: the given one, or long
        shots more often. What else may be `asked`: see `stream`.

        Raises `ParameterError` for no clips, no frames, no pieces or a shot that there is not.
        """
        return np.stack([np.stack([*frames]) for frames in self._draw(n, length, seed, shot, asked)])

    def stream(
        self,
        length: int | None = None,
        *,
        seed: int = 0,
        shot: int | None = None,
        pieces: int | None = None,
        newness: float | None = None,
        keep: tuple[int, int, int, int] | None = None,
        size: tuple[int, int] | None = None,
        loop: bool = False,
        objects: int | None = None,
        first: int = 0,
    ) -> Iterator[np.ndarray]:
        """Yield the frames uint8 (H, W, 3) of the first clip of `sample`, one after the other.

        `length` in frames, longer than the shot if need be; `pieces` at most, in place of the settings'; `newness` from
        0, a variation with everything in its place, to 1, a new layout; `keep`, a region (left, top, width, height) in
        pixels that stays as it is; `size`, (width, height) of the new picture, whose shape is reached by more or fewer
        pieces and not by stretching; `loop`: the end goes on in the beginning; `objects`: how many move in the new
        picture of a standing camera, as far as there is room. Where the camera stands, objects go to other places and
        times, and the picture behind them is laid out anew for `newness` 1 alone. `first`: the frame to begin with; it
        and those after it are as they would be. Raises `ParameterError`.
        """
        asked = dict(pieces=pieces, newness=newness, keep=keep, size=size, loop=loop, objects=objects)
        yield from next(iter(self._draw(1, length, seed, shot, asked, first=first)))

    def stream_shots(self, rhythm: float | Sequence[int] = 1.0, *, seed: int = 0, **asked) -> Iterator[np.ndarray]:
        """Yield the frames of a new clip of all shots, one after the other as in the clip: each as long as there, times
        `rhythm`; or `rhythm` frames long, a number for each shot. What else may be `asked`: see `stream`.

        Raises `ParameterError` for other than a number above 0, or one of at least 1 for each shot.
        """
        if isinstance(rhythm, Sequence) and len(rhythm) != len(self.shots):
            raise ParameterError(f"rhythm: {len(rhythm)} lengths for {len(self.shots)} shots; one for each is needed.")
        if isinstance(rhythm, Sequence):
            lengths = [checks.number("rhythm", length, 1, whole=True) for length in rhythm]
        else:
            checks.number("rhythm", rhythm, 0, above=True)
            lengths = [max(round(len(shot) * rhythm), 1) for shot in self.shots]
        for shot, length in enumerate(lengths):
            yield from self.stream(length, seed=(checks.seed(seed) + shot) % 2**32, shot=shot, **asked)

    def stages(self, length: int | None = None, *, seed: int = 0, shot: int | None = None, **asked) -> list[np.ndarray]:
        """Return how the first clip of `sample` came about, uint8 (T, H, W, 3) each: laid out, mended at every larger
        size, and at the clip's own.
        """
        early: list = []
        last = np.stack([*next(iter(self._draw(1, length, seed, shot, asked, early)))])
        return [*(patch_field.vote_pixels(*stage) for stage in early), last]

    def windows(self, n: int, *, seed: int = 0) -> np.ndarray:
        """Return `n` new clips of the settings' window."""
        return self.sample(n, seed=seed)

    def save(self, path) -> None:
        """Write the model to one .npz of plain arrays, which is the clip's own pixels: nothing in it is executed on
        load, see `load`.
        """
        weights.store_arrays(
            path,
            kind="compose",
            settings=asdict(self.settings),
            shots=len(self.shots),
            arrays={f"shot{i}": s for i, s in enumerate(self.shots)},
        )

    def _draw(self, n, length, seed, shot, asked, early=None, first=0) -> Iterator[Iterator[np.ndarray]]:
        length = self.settings.window if length is None else length
        height, width = self.shots[0].shape[1:3]
        wish = checked_wish((height, width), (self.settings.pieces, self.settings.newness), **asked)
        checks.sample(n, length, shot, shots=len(self.shots), size=3 * wish.size[0] * wish.size[1])
        rng, lengths = np.random.default_rng(checks.seed(seed)), np.array([len(s) for s in self.shots])
        chance = lengths * (lengths >= min(length, lengths.max()))
        moments = np.stack(
            [(rng.permutation(n) + rng.random(n)) / n for _ in range(wish.pieces)], 1
        )  # n clips share each piece's moments evenly
        shots = rng.choice(len(lengths), n, p=chance / chance.sum()) if shot is None else [shot] * n
        for s, begin in zip(shots, moments):
            drawn = np.random.default_rng(int(rng.integers(2**31)))
            yield self._compose(int(s), length, wish, begin, drawn, [] if early is None else early, first)

    def _compose(self, shot, length, wish: Wish, begin, rng, early, first) -> Iterator[np.ndarray]:
        """The frames of one composition; `early` receives its stages (level, field)."""
        over = self._laid_over(shot)
        self.laid_over[shot] = over.overlay
        (thumb, levels), settings, frames = self._pyramid(shot), self.settings, over.picture
        height, width = frames.shape[1:3]
        whole, wish = wish, over.inner_wish(wish)
        returns = wish.loop and not thumb.standing  # a camera that went away has to come back
        long = length // 2 + 1 if returns else length
        shapes = [
            (max(round(long * n / len(frames)), level.time), h, max(round(w * wish.width / width), level.side))
            for level in levels
            for n, h, w in [level.shape]
        ]
        asked = layout_search.Request(
            shapes[0],
            wish.pieces,
            settings.tries,
            wish.newness,
            keep=pyramid.at_level(wish.keep, levels[0], (height, width)),
            objects=wish.objects,
            overlap=min(max(shapes[0][0] // 2, 3), shapes[0][0] - 1) if wish.loop and not returns else 0,
        )
        if wish.objects is not None and not layout_search.moves_objects(thumb, asked):
            why = "no moving object was found in it" if thumb.standing else "its camera moves"
            raise ParameterError(f"objects: how many there are cannot be asked of this shot, because {why}.")
        made, cut, missing = layout_search.find_layout(thumb, asked, begin, rng)
        self.cut_objects += cut > 0
        if missing:
            self.other_counts.append((wish.objects, wish.objects - missing))
        for i, level in enumerate(levels):
            field = patch_field.lift_field(*early[-1], level, shapes[i]) if i else layout_field(level, made)
            for _ in range(pyramid.at_scale(settings.rounds, i)):
                field = patch_field.propagate_field(level, level.query(patch_field.vote_pixels(level, field)), field)
            early.append((level, field))
        sources = full_size.field_sources(*early[-1], match_tone=settings.tone)
        if wish.keep:
            sources = full_size.leave_tone(sources, pyramid.at_level(wish.keep, levels[-1], (height, width)))
        sources = full_size.there_and_back(sources, length) if returns else sources
        rendered = full_size.render_frames(frames, sources, (height, wish.width), first=first)
        for t, frame in zip(range(first, length), rendered):
            if over.has_place(whole):
                frame = over.put_back(frame, int(reflect_into_range(np.array(t), long)))
            same = frame.shape[1::-1] == whole.size
            yield frame if same else cv2.resize(frame, whole.size, interpolation=cv2.INTER_AREA)


def build_composition(
    frames: np.ndarray, *, settings: CompositionSettings | str = "compose", cuts: Sequence[int] | None = None
) -> ComposeModel:
    """Return the model of a clip uint8 (N, H, W, 3) of one shot or many, cut at `cuts` (found if not given).

    Raises `VideoError` for what is not a clip, `ParameterError` for an unknown preset or cuts outside the clip.
    """
    checks.clip(frames, floats=False)
    return ComposeModel(checks.preset(PRESETS, settings), split_shots(frames, cuts))


def load_composition(path) -> ComposeModel:
    """Return a model that `ComposeModel.save` wrote. Raises `ParameterError` for any other file."""
    head, arrays = weights.load_arrays(path, kind="compose")
    known = {f.name for f in fields(CompositionSettings)}  # a model of an earlier version may name more
    settings = {name: tuple(v) if isinstance(v, list) else v for name, v in head["settings"].items() if name in known}
    return ComposeModel(CompositionSettings(**settings), [arrays[f"shot{i}"] for i in range(head["shots"])])


def layout_field(level: PatchLevel, made: Layout) -> np.ndarray:
    """Return the field of a layout at the level of its thumbnail: each patch comes from where its middle does."""
    n, h, w = patch_field.patch_grid(made.moments.shape, (level.time, level.side))
    back, in_ = level.time // 2, level.side // 2
    middle = slice(back, back + n), slice(in_, in_ + h), slice(in_, in_ + w)
    return level.index(made.moments[middle] - back, np.arange(h)[:, None], made.columns[middle] - in_)
