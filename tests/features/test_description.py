"""Features of frames: what each number must be, what must not change it, and what a table keeps."""

import gc
import subprocess
import sys
import warnings

import numpy as np
import pytest
from scipy.ndimage import map_coordinates
from skimage.color import rgb2hsv
from skimage.feature import local_binary_pattern
from skimage.filters import gabor

from vdlab import features, video
from vdlab.base.errors import ParameterError, VdlabError, VideoError
from vdlab.codes import eigenframes
from vdlab.features import color, comparison, copies, drawing, motion, shape, texture
from vdlab.features.copies import fingerprints, shared_stretches
from vdlab.video import sample_clips
from vdlab.video.opencv import cv2

ALL = ("color", "texture", "shape", "motion")


@pytest.fixture(scope="module")
def bikes():
    return video.read(sample_clips.sample_path("bikes"), width=320)


@pytest.fixture(scope="module")
def frame(bikes):
    return bikes[131]


@pytest.fixture(scope="module")
def grey(frame):
    return drawing.luma_image(frame)


@pytest.fixture(autouse=True, scope="module")
def swept():
    """What other tests of this process left open is collected now, and not while a warning is an error."""
    gc.collect()


@pytest.fixture(autouse=True)
def silent():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


# Colour


def test_a_histogram_counts_every_pixel_once_in_the_bin_of_its_hsv(frame):
    hsv = rgb2hsv(frame[::4, ::4])  # an independent conversion; ours rounds to 8 bits
    ours = color.hsv_histogram(np.ascontiguousarray(frame[::4, ::4]))
    theirs, _ = np.histogramdd(hsv.reshape(-1, 3), bins=color.HSV_BINS, range=[(0, 1)] * 3)
    assert ours.sum() == pytest.approx(1, abs=1e-6)
    assert np.abs(ours - theirs / theirs.sum()).sum() < 0.06


def test_a_picture_of_one_colour_fills_one_bin_and_that_bin_has_its_colour():
    card = np.full((40, 50, 3), (220, 40, 40), np.uint8)
    histogram = color.hsv_histogram(card).ravel()
    assert histogram.max() == 1
    assert np.count_nonzero(histogram) == 1
    hue, saturation, value = np.unravel_index(histogram.argmax(), color.HSV_BINS)
    assert hue == 0  # red: 0° to 45°
    assert saturation == 3
    assert value == 3


def test_moments_agree_with_their_definition_over_pixels(frame):
    pixels = frame.reshape(-1, 3).astype(np.float64)
    centred = pixels - pixels.mean(0)
    expected = np.stack([pixels.mean(0), centred.std(0), np.cbrt((centred**3).mean(0))], 1)
    assert np.abs(color.moments(frame) - expected).max() < 1e-6


def test_moments_of_a_symmetric_picture_have_no_skew():
    ramp = np.tile(np.arange(256, dtype=np.uint8)[:, None, None], (1, 8, 3))
    mean, deviation, skew = color.moments(ramp)[0]
    assert (mean, skew) == (127.5, 0)
    assert deviation == pytest.approx(np.sqrt((256**2 - 1) / 12))


def test_equalising_flattens_the_luma_and_cancels_exposure(frame):
    dark = color.change_exposure(frame, gamma=2)
    plain = comparison.transport_distances([color.luma_histogram(f) for f in (frame, dark)])[0, 1]
    equal = comparison.transport_distances([color.luma_histogram(drawing.equalised_image(f)) for f in (frame, dark)])[
        0, 1
    ]
    assert plain > 30
    assert equal < plain / 10
    cumulative = np.cumsum(color.luma_histogram(drawing.equalised_image(frame)))
    assert np.abs(cumulative - np.arange(1, 257) / 256).max() < 0.05


# Texture


@pytest.mark.parametrize("at", [13, 48, 131, 169, 215, 246])
def test_lbp_histograms_agree_with_scikit_image(bikes, at):
    luma = drawing.luma_image(bikes[at])
    theirs = local_binary_pattern(luma, 8, 1, "uniform").astype(int)
    assert np.abs(texture.lbp_histogram(luma) - np.bincount(theirs.ravel(), minlength=10) / theirs.size).sum() <= 0.005


@pytest.mark.parametrize("points, radius", [(8, 1), (16, 2)])
@pytest.mark.parametrize("at", [13, 131, 246])
def test_lbp_codes_differ_from_scikit_image_only_where_a_neighbour_ties_with_the_pixel(bikes, at, points, radius):
    luma = drawing.luma_image(bikes[at])
    differ = texture.lbp(luma, points=points, radius=radius) != local_binary_pattern(luma, points, radius, "uniform")
    angle = 2 * np.pi * np.arange(points)[:, None] / points
    y, x = np.nonzero(differ)
    circle = map_coordinates(
        luma.astype(float), [y - radius * np.sin(angle), x + radius * np.cos(angle)], order=1, mode="constant"
    )
    assert (np.abs(circle - luma[differ]).min(0, initial=np.inf) < 1e-4).all() if differ.any() else True
    assert differ.mean() < 0.01


def test_lbp_decides_every_pixel_as_exact_arithmetic_does_ties_included():
    """A diagonal neighbour minus the pixel is (A + B √2) / 2 with whole A and B, so its sign can be had without
    rounding.
    """
    luma = drawing.luma_image(video.read(sample_clips.sample_path("bigbuckbunny"), start=40, stop=41)[0]).astype(
        np.int64
    )
    p = np.pad(luma, 1)
    height, width = luma.shape
    at = {(y, x): p[1 + y : 1 + y + height, 1 + x : 1 + x + width] for y in (-1, 0, 1) for x in (-1, 0, 1)}
    bits = []
    for y, x in ((0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0), (1, 1)):
        if 0 in (y, x):
            bits.append(at[y, x] >= luma)
        else:
            b = at[y, 0] + at[0, x] - 2 * luma
            a = luma - at[y, 0] - at[0, x] + at[y, x]
            bits.append(np.where(b >= 0, (a >= 0) | (a * a <= 2 * b * b), (a >= 0) & (a * a >= 2 * b * b)))
    changes = (np.array(bits) ^ np.roll(bits, 1, 0)).sum(0)
    exact = np.where(changes <= 2, np.sum(bits, 0), 9)
    ours = texture.lbp(luma.astype(np.uint8))
    theirs = local_binary_pattern(luma.astype(np.uint8), 8, 1, "uniform")
    assert (ours != exact).mean() < 1e-4 < (theirs != exact).mean()


@pytest.mark.parametrize("points, radius", [(8, 1), (16, 2)])
def test_lbp_calls_equal_neighbours_equal(points, radius):
    for level in (0, 1, 77, 128, 255):
        codes = texture.lbp(np.full((32, 40), level, np.uint8), points=points, radius=radius)
        assert (codes[radius:-radius, radius:-radius] == points).all()


def test_lbp_does_not_change_when_the_frame_is_turned(grey):
    turned = texture.lbp_histogram(np.ascontiguousarray(np.rot90(grey)))
    assert np.abs(turned - texture.lbp_histogram(grey)).max() < 1e-6


def test_lbp_does_not_change_with_a_monotone_change_of_brightness_at_whole_pixels(grey):
    lifted = texture.lbp_histogram(grey // 2 + 60)
    assert np.abs(lifted - texture.lbp_histogram(grey // 2)).sum() < 0.02  # the dark surround beyond the border moves


@pytest.mark.parametrize("size", [(136, 320), (97, 131), (20, 31)])
def test_gabor_responses_agree_with_scikit_image_borders_included(frame, size):
    luma = cv2.resize(drawing.luma_image(frame), size[::-1]).astype(np.float32) / 255
    for frequency, angle, response in texture.gabor_responses(luma):
        real, imaginary = gabor(luma.astype(np.float64), frequency, theta=np.deg2rad(angle))
        assert np.abs(response - (real + 1j * imaginary)).max() < 1e-5


def test_gabor_energy_is_largest_for_the_filter_that_fits_a_wave():
    y, x = np.mgrid[:160, :200]
    for i, frequency in enumerate(texture.FREQUENCIES[1:], 1):
        for j, angle in enumerate(np.deg2rad(texture.ANGLES)):
            wave = 0.5 + 0.4 * np.cos(2 * np.pi * frequency * (x * np.cos(angle) + y * np.sin(angle)))
            energy = texture.gabor_energy(wave.astype(np.float32))[..., 0]
            assert np.unravel_index(energy.argmax(), energy.shape) == (i, j)


# Shape


@pytest.mark.parametrize("degrees, bin_index", [(0, 0), (45, 2), (90, 4), (135, 6)])
def test_the_orientation_histogram_says_where_edges_run(degrees, bin_index):
    angle = np.deg2rad(degrees)
    y, x = np.mgrid[:120, :120] - 60
    card = np.where(x * np.sin(angle) + y * np.cos(angle) > 0, 220, 30).astype(
        np.uint8
    )  # an edge that rises by `degrees`
    edge_map = shape.edges(card)
    assert edge_map.any()
    assert shape.orientation_histogram(card, edge_map).argmax() == bin_index


def test_contours_are_counted_and_short_ones_are_not():
    card = np.full((100, 160), 40, np.uint8)
    for x in (30, 80, 130):
        cv2.circle(card, (x, 50), 15, 220, -1)
    cv2.circle(card, (55, 10), 1, 220, -1)
    assert len(shape.contours(shape.edges(card))) == 3


def test_hu_moments_ignore_place_turn_size_and_exposure_and_tell_a_mirror():
    def drawn(centre, angle, size=400):
        card, corners = (
            np.zeros((size, size), np.float32),
            np.array([[-80, -40], [80, -40], [80, 0], [-20, 10], [-40, 80]]),
        )
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        return cv2.fillPoly(card, [np.round((corners @ turn.T + centre) * size / 400).astype(np.int32)], 1.0)

    still = drawn((200, 200), 0)
    own = shape.hu_moments(still)
    for other in (drawn((150, 230), 0), drawn((200, 200), 0.7), drawn((200, 200), 0, size=800), 0.25 * still):
        assert np.abs(shape.hu_moments(other) - own).max() < 0.02 * np.abs(own).max()
    mirrored = shape.hu_moments(np.ascontiguousarray(still[:, ::-1]))
    assert mirrored[:6] == pytest.approx(own[:6], rel=1e-3)
    assert mirrored[6] == pytest.approx(-own[6], rel=1e-3)
    assert abs(own[6]) > 0.01 * np.abs(own).max()


# Motion


@pytest.mark.parametrize("step, bin_index", [((4, 0), 0), ((0, -4), 2), ((-4, 0), 4), ((0, 4), 6)])
def test_motion_says_how_far_and_which_way(grey, step, bin_index):
    before = np.ascontiguousarray(grey[20:-20, 20:-20])
    after = np.ascontiguousarray(grey[20 - step[1] : 116 - step[1], 20 - step[0] : 300 - step[0]])
    found = motion.describe(before, after)["motion"]
    shares = [v for k, v in found.items() if k.startswith("a")]
    assert found["mean"] == pytest.approx(4 * 100 / before.shape[1], rel=0.15)
    assert int(np.argmax(shares)) == bin_index
    assert max(shares) > 0.8


def test_a_still_picture_does_not_move(grey):
    assert set(motion.describe(grey, grey)["motion"].values()) == {0.0}


# One frame, any frame


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (8, 8), (33, 2), (40, 64)])
@pytest.mark.parametrize(
    "make",
    [
        lambda s: np.zeros(s, np.uint8),
        lambda s: np.full((*s, 4), 255, np.uint8),
        lambda s: np.random.default_rng(0).random((*s, 3)),
        lambda s: np.full((*s, 1), np.nan),
    ],
    ids=["black grey", "white with alpha", "noise in floats", "not a number"],
)
def test_any_frame_has_finite_features_and_no_warning(size, make):
    image = make(size)
    found = features.describe(image, kinds=ALL, after=image)
    assert np.isfinite(found.vector).all()
    assert len(set(found.names)) == len(found.vector)
    for draw in (
        drawing.draw_lbp,
        drawing.draw_edges,
        drawing.draw_contours,
        drawing.draw_moments,
        drawing.equalised_image,
    ):
        assert draw(features.prepare(image)).shape == (*size, 3)


def test_grey_and_alpha_do_not_change_what_a_frame_is(frame, grey):
    own = features.describe(frame).vector
    assert (features.describe(np.dstack([frame, np.full(grey.shape, 9, np.uint8)])).vector == own).all()
    assert (features.describe(grey).vector == features.describe(np.dstack([grey] * 3)).vector).all()


def test_a_larger_copy_is_described_nearly_the_same(frame):
    small = cv2.resize(frame, (640, 272), interpolation=cv2.INTER_CUBIC)
    large = cv2.resize(small, (1280, 544), interpolation=cv2.INTER_CUBIC)
    assert np.abs(features.describe(large)["hsv"] - features.describe(small)["hsv"]).sum() < 0.05


def test_features_answer_by_name(frame):
    found = features.describe(frame)
    assert found["moments"].shape == (9,)
    assert found["moments.r_mean"] == pytest.approx(frame[..., 0].mean(), rel=1e-5)
    assert found.groups == ("hsv", "moments", "layout", "lbp1", "lbp2", "gabor", "edges", "contours", "hu")
    with pytest.raises(KeyError, match="hsv, moments"):
        found["colour"]


def test_what_is_no_frame_or_no_kind_is_said(frame):
    with pytest.raises(ParameterError, match="'smell'; there are color, texture"):
        features.describe(frame, kinds=["smell"])
    with pytest.raises(ParameterError, match="motion.*after"):
        features.describe(frame, kinds=["motion"])
    with pytest.raises(ParameterError, match="eigenframes"):
        features.describe(frame, kinds=["learned"])
    with pytest.raises(VideoError, match="shape"):
        features.describe(np.zeros((0, 4, 3), np.uint8))
    with pytest.raises(VideoError, match="shape"):
        features.describe(np.zeros(7, np.uint8))


# Many frames


@pytest.fixture(scope="module")
def table(bikes):
    return features.describe_all(bikes, every=10, kinds=features.KINDS, basis=eigenframes.fit(bikes[::5], k=8))


def test_a_table_has_a_row_a_frame_and_names_its_columns(table, bikes):
    assert table.rows.tolist() == [*range(0, 250, 10)]
    assert table.values.shape == (25, len(table.names))
    alone = features.describe(bikes[30])
    assert (table["hsv"][3] == alone["hsv"]).all()
    assert table["gabor"].shape == (25, 32)
    assert table["learned"].shape == (25, 8)
    assert table.take([3, 1]).rows.tolist() == [30, 10]


@pytest.mark.parametrize("name", ["features.csv", "features.npz"])
def test_a_table_comes_back_from_disk_as_it_was(table, tmp_path, name):
    path = table.save(tmp_path / "new folder" / name)
    again = features.Table.load(path)
    assert again.names == table.names
    assert again.values.dtype == np.float32
    assert (again.values == table.values).all()
    assert (again.rows == table.rows).all()
    assert [f.name for f in path.parent.iterdir()] == [name]  # nothing half-written stays


def test_a_table_cannot_be_saved_or_loaded_as_something_else(table, tmp_path):
    with pytest.raises(VdlabError, match=".csv or .npz"):
        table.save(tmp_path / "features.xls")
    for name, content in (("a.csv", "not,a\ntable,1\n"), ("b.npz", "nothing"), ("c.txt", ""), ("d.csv", "")):
        (tmp_path / name).write_text(content)
        with pytest.raises(VdlabError, match=name):
            features.Table.load(tmp_path / name)


def test_a_clip_is_described_from_its_path_and_one_frame_is_enough(frame, tmp_path):
    one = video.write(tmp_path / "one.mp4", [frame], fps=25)
    alone = features.describe_all(one, kinds=ALL)
    assert alone.values.shape == (1, len(alone.names))
    assert np.isfinite(alone.values).all()
    assert comparison.distances(comparison.embed_frames(alone)).tolist() == [[0.0]]
    with pytest.raises(VideoError, match="no frame"):
        features.describe_all(iter([]))


# Comparison


def test_hsv_tells_the_shots_of_bikes_apart(table):
    owner = np.searchsorted([30, 76, 137, 187, 242], table.rows, side="right")
    areas = {
        g: comparison.roc_curve(
            *comparison.pair_distances(comparison.distances(comparison.embed_frames(table, [g])), owner)
        )[2]
        for g in table.groups
    }
    assert areas["hsv"] > 0.99
    assert areas["gabor"] > 0.95
    assert 0.55 < areas["hu"] < 0.85


def test_the_area_is_the_chance_that_a_same_pair_is_nearer():
    rng = np.random.default_rng(3)
    same, other = rng.integers(0, 9, 60), rng.integers(3, 12, 80)  # with ties
    wins = (same[:, None] < other).mean() + 0.5 * (same[:, None] == other).mean()
    assert comparison.roc_curve(same, other)[2] == pytest.approx(wins)
    assert np.isnan(comparison.roc_curve(np.array([]), other)[2])


def test_distances_are_a_metric_and_a_still_clip_has_none(frame, table):
    apart = comparison.distances(comparison.embed_frames(table))
    assert (apart == apart.T).all()
    assert (np.diag(apart) == 0).all()
    assert (apart[~np.eye(25, dtype=bool)] > 0).all()
    assert (apart[:, :, None] <= apart[:, None] + apart[None].transpose(0, 2, 1) + 1e-9).all()
    assert not comparison.distances(comparison.embed_frames(features.describe_all([frame] * 4))).any()


def test_the_nearest_frames_are_of_the_same_shot_and_kept_apart(table):
    apart = comparison.distances(comparison.embed_frames(table))
    found = comparison.nearest_rows(apart, 5, count=2)
    assert all(30 <= table.rows[i] < 76 for i in found)
    spaced = comparison.nearest_rows(apart, 5, count=4, apart=3)
    assert all(abs(a - b) >= 3 for a in [5, *spaced] for b in [5, *spaced] if a != b)


def test_features_do_not_need_tensorflow():
    code = (
        "import sys, vdlab.features; print('tensorflow' in sys.modules, 'scipy' in sys.modules, 'skimage' in "
        "sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
        == ["False"] * 3
    )


# Duplicates


def test_the_layout_says_where_colour_stands():
    card = np.zeros((64, 96, 3), np.uint8)
    card[:, :48] = (200, 30, 30)
    left, right = color.colour_layout(card), color.colour_layout(np.ascontiguousarray(card[:, ::-1]))
    assert left[0] == pytest.approx(right[0])
    assert np.abs(left - right).max() > 20
    flat = color.colour_layout(np.full((64, 96, 3), 90, np.uint8))
    assert flat[[0, 21, 27]] == pytest.approx([90, 128, 128], abs=1)
    assert np.abs(np.delete(flat, [0, 21, 27])).max() < 1e-3


@pytest.fixture(scope="module")
def folder(bikes, tmp_path_factory):
    """A clip, an altered excerpt of it, another clip, and a flat one."""
    place = tmp_path_factory.mktemp("clips")
    video.write(place / "a.mp4", bikes, fps=25)
    altered = [
        color.change_exposure(cv2.resize(f[4:-4, 8:-8], (200, 90), interpolation=cv2.INTER_AREA), gamma=1.4)
        for f in bikes[80:230]
    ]
    video.write(place / "b.mp4", altered, fps=25, crf=35)
    video.write(place / "c.mp4", video.read(sample_clips.sample_path("carphone")), fps=30)
    video.write(place / "flat.mp4", [np.full((90, 160, 3), v, np.uint8) for v in range(0, 250, 2)], fps=25)
    (place / "notes.txt").write_text("not a clip")
    return place


def test_an_excerpt_is_found_whatever_was_done_to_it_and_nothing_else_is(folder):
    found = features.duplicates(folder)
    assert {(m.first, m.second) for m in found} == {("a.mp4", "b.mp4")}
    assert {float(m.start_first - m.start_second) for m in found} == {3.2}
    assert sum(m.seconds for m in found) >= 5.2
    assert all(m.distance < 0.4 for m in found)


def test_the_montage_is_recognised_as_cut_from_its_source():
    found = features.duplicates(
        [
            sample_clips.sample_path("bigbuckbunny"),
            sample_clips.sample_path("montage"),
            sample_clips.sample_path("synthetic"),
        ]
    )
    true = [(0, 44 / 25, 0), (88 / 25, 132 / 25, 24 / 25)]  # from, to, offset: its two shots that are not blown up
    assert [(m.first, m.second) for m in found] == [("bigbuckbunny.mp4", "montage.mp4")] * 2
    for match, (start, stop, offset) in zip(found, true):
        assert float(match.start_second - match.start_first) == pytest.approx(offset, abs=0.1)
        assert start - 0.1 <= match.start_first
        assert match.start_first + match.seconds <= stop + 0.2
        assert match.seconds >= 1.4


def test_fingerprints_follow_time_not_frames(bikes, tmp_path):
    slow = video.write(tmp_path / "slow.mp4", bikes[:50:2], fps=12.5)
    whole = video.write(tmp_path / "whole.mp4", bikes[:50], fps=25)
    a, b = fingerprints(slow), fingerprints(whole)
    assert len(a) == len(b) == 10
    assert np.linalg.norm(a - b, axis=1).max() < 0.3
    assert list(shared_stretches(a, b))[0][:3] == (0, 0, 10)


def test_two_still_clips_share_all_they_have_however_long_they_are(bikes, monkeypatch):
    still = np.repeat(fingerprints([bikes[20]]), 3000, 0)
    monkeypatch.setattr(copies, "MAX_MATCHES", 100_000)
    (start, begin, length, distance), *rest = shared_stretches(still, still[:2000])
    assert length == pytest.approx(2000, abs=16)
    assert 0 <= start <= 1000
    assert begin < 16
    assert distance < 1e-3
    assert not rest or max(r[2] for r in rest) < 1000


def test_a_folder_without_clips_is_said(tmp_path):
    with pytest.raises(VideoError, match="no clips"):
        features.duplicates(tmp_path)
    with pytest.raises(VideoError, match="not a folder"):
        features.duplicates(tmp_path / "none")


def test_the_error_of_an_area_shrinks_with_more_frames_and_is_nought_where_all_is_told_apart():
    rng = np.random.default_rng(0)

    def error(frames):
        labels = np.arange(frames) % 2
        points = (labels + rng.normal(0, 1, frames))[:, None]
        return comparison.area_error(comparison.distances(points), labels)

    assert 0 < error(400) < error(40)
    labels = np.arange(40) // 20
    assert comparison.area_error(comparison.distances(10.0 * labels[:, None]), labels) == 0
    assert np.isnan(comparison.area_error(np.zeros((9, 9)), np.zeros(9)))
