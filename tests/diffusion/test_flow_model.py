"""Diffusion on codes: schedules and samplers against closed forms; a model trained once, asked everything."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from vdlab import ParameterError, VideoError, diffusion, evaluation, video
from vdlab.codes import trajectory
from vdlab.diffusion import clip_memory, flow_settings, pixel_toy, prediction, samplers, schedules, storyboard
from vdlab.evaluation import fidelity
from vdlab.training import backend, descent
from vdlab.video import sample_clips
from vdlab.video.opencv import cv2

TINY = flow_settings.PRESETS["tiny"]


@pytest.fixture(scope="module")
def shot():
    return video.read(sample_clips.sample_path("bigbuckbunny"), width=96, stop=60)


@pytest.fixture(scope="module")
def trained(shot):
    return diffusion.train_flow(
        shot, settings=replace(TINY, steps=300, components=24, channels=24, batch=16, window=16), seed=0, cuts=[]
    )


@pytest.fixture(scope="module")
def exact(shot):
    """A model whose eigenframes hold every frame of the shot."""
    return diffusion.train_flow(
        shot, settings=replace(TINY, steps=50, components=64, batch=8, window=16), seed=0, cuts=[]
    )


@pytest.fixture(scope="module")
def cut(shot):
    clip = np.concatenate([shot[:20], shot[40:45, ::-1], 255 - shot[:12]])
    return clip, diffusion.train_flow(clip, settings=replace(TINY, steps=60), seed=1, cuts=[20, 25])


def gaussian(path, mean=2.0, size=0.5):
    """The exact `predict` of data N(mean, size²)."""

    def predict(x, t):
        a, s = path.path(float(t))
        x0 = mean + a * size**2 / (a**2 * size**2 + s**2) * (x - a * mean)
        return x0, (x - a * x0) / s

    return predict


@pytest.mark.parametrize("path", schedules.SCHEDULES.values(), ids=schedules.SCHEDULES)
def test_a_schedule_goes_from_data_to_noise_and_its_slope_is_its_derivative(path):
    t = np.linspace(0.01, 0.99, 50)
    assert path.path(0.0) == pytest.approx((1, 0), abs=1e-9)
    assert path.path(1.0) == pytest.approx((0, 1), abs=1e-9)
    assert (np.diff(path.snr(t)) < 0).all()
    for analytic, ahead, behind in zip(path.slope(t), path.path(t + 1e-5), path.path(t - 1e-5)):
        assert analytic == pytest.approx((ahead - behind) / 2e-5, abs=1e-6)


def test_the_losses_are_those_of_noise_and_of_velocity():
    rng = np.random.default_rng(0)
    x0, guess, noise, t = rng.normal(size=3), rng.normal(size=3), rng.normal(size=3), 0.3
    for name, target in (("cosine", lambda x, e: e), ("linear", lambda x, e: e - x)):
        path = schedules.find_schedule(name)
        a, s = path.path(t)
        x = a * x0 + s * noise
        error = target(x0, noise) - target(guess, (x - a * guess) / s)
        assert np.sum(error**2) == pytest.approx(path.loss(t) * np.sum((x0 - guess) ** 2))


@pytest.mark.parametrize("path", schedules.SCHEDULES.values(), ids=schedules.SCHEDULES)
@pytest.mark.parametrize("sampler", samplers.SAMPLERS.values(), ids=samplers.SAMPLERS)
def test_every_sampler_draws_what_the_exact_denoiser_knows(sampler, path):
    rng = np.random.default_rng(1)
    x = sampler(gaussian(path), rng.standard_normal(20000), schedules.reverse_times(64), schedule=path, rng=rng)
    assert x.mean() == pytest.approx(2, abs=0.05)
    assert x.std() == pytest.approx(0.5, abs=0.04)


def test_heun_needs_fewer_steps_than_euler_and_ddim_is_euler_on_the_straight_path():
    path, x = schedules.find_schedule("linear"), np.random.default_rng(0).standard_normal(500)
    run = lambda f, k: f(gaussian(path), x, schedules.reverse_times(k), schedule=path, rng=None)
    exact = run(samplers.heun, 400)
    assert np.abs(run(samplers.heun, 8) - exact).max() < np.abs(run(samplers.euler, 16) - exact).max() / 2
    assert run(samplers.ddim, 7) == pytest.approx(run(samplers.euler, 7))


def test_the_chance_of_a_place_counts_every_path_through_it():
    fits, tempo = np.random.default_rng(0).normal(size=(2, 3, 8)).astype(np.float32) * 2, 0.3
    fits[1, :, 6:] = -np.inf  # this shot is shorter
    ahead = clip_memory.step_kernel(tempo)
    places, does = range(8), range(len(ahead[0]))
    step = lambda a, v, b, w: (
        (1 - clip_memory.JUMP) * (ahead[b - a - 1, v, w] if 0 <= b - a - 1 < len(ahead) else 0)
        + clip_memory.JUMP / (8 * len(does))
    )
    for one, found in zip(fits, clip_memory.frame_probabilities(backend.tf.constant(fits), tempo=tempo).numpy()):
        likely, counted = np.exp(one), np.zeros((3, 8))
        for walk in product(
            [(n, v) for n, v in product(places, does) if (n % 2 == 0) == (v == clip_memory.EVEN)], repeat=3
        ):
            begun = 1 if walk[0][1] == clip_memory.EVEN else tempo / 2
            chance = (
                np.prod([likely[t, n] for t, (n, _) in enumerate(walk)])
                * begun
                * step(*walk[0], *walk[1])
                * step(*walk[1], *walk[2])
            )
            for t, (n, _) in enumerate(walk):
                counted[t, n] += chance
        assert found == pytest.approx(counted / counted.sum(1, keepdims=True), abs=1e-5)


def test_no_moment_is_likelier_between_frames_than_another():
    found = clip_memory.frame_probabilities(backend.tf.zeros((1, 12, 2001)), tempo=0.2).numpy()[0]
    assert found[:, 1::2].sum(1) == pytest.approx(0.2 / 1.2, abs=0.002)


def test_a_place_is_known_better_than_to_a_frame_and_moves_steadily(shot, trained):
    model, path = (
        trained.trajectory,
        10 + np.array([0, 1, 2, 3, 4.5, 6, 7, 8, 9, 10, 10.5, 11, 12, 13, 14, 15]),
    )  # it hurries, then lingers
    unit = clip_memory.code_units(model, trained.settings)[0]
    true = model.along(0, path, level=True)
    x0 = true[None] / unit
    x = 0.97 * x0 + 0.03 * np.random.default_rng(0).normal(size=x0.shape)
    rows = clip_memory.shot_memory(model, trained.settings, 16, [0])
    mean = clip_memory.posterior_mean(
        [*map(backend.tf.constant, rows)],
        x.astype(np.float32),
        0.0,
        np.zeros((1, 16, 1), np.float32),
        backend.tf.constant([0.03]),
        path=schedules.find_schedule("linear"),
        tempo=0.2,
    ).numpy()
    off = lambda codes: np.sqrt(np.mean((codes * unit - true) ** 2))
    assert off(mean[0]) < off(model.along(0, np.round(path)) / unit) / 3


def test_a_path_hurries_and_lingers_for_a_moment():
    walks = clip_memory.draw_walks(4000, 32, tempo=0.1, rng=np.random.default_rng(0))
    steps, off = np.diff(walks, axis=1), walks % 1 > 0
    assert set(np.unique(steps)) == {0.5, 1, 1.5}
    assert not (off[:, 1:] & off[:, :-1]).any()  # never two moments running between frames
    assert off[:, 1:].sum() / (~off[:, :-1]).sum() == pytest.approx(0.1, abs=0.005)
    assert (steps > 1).mean() == pytest.approx((steps < 1).mean(), abs=0.005)


def test_where_much_moves_a_path_keeps_to_the_frames(shot, trained):
    slow, fast, places = (
        trained.trajectory,
        trajectory.trace_clip(shot[::4], window=8, components=14, cuts=[]),
        np.arange(0, 5, 1 / clip_memory.FINE),
    )
    cost = [clip_memory.place_penalties(t, 0, places).reshape(-1, clip_memory.FINE) for t in (slow, fast)]
    assert not np.any(cost, (0, 1))[0]
    assert (cost[0][:, 1:] > 0).all()
    assert (cost[1] >= 2 * cost[0]).all()
    apart = []
    for dear in (0, 9):  # noise says nothing: the path alone decides
        rows = list(clip_memory.shot_memory(slow, trained.settings, 16, [0]))
        rows[1] = np.eye(rows[1].shape[1], dtype=np.float32)[None]
        rows[3] = rows[3] * 0 + np.where(np.arange(rows[3].shape[1]) % clip_memory.FINE, dear, 0).astype(np.float32)
        chance = clip_memory.posterior_mean(
            [*map(backend.tf.constant, rows)],
            np.zeros((1, 16, rows[1].shape[1]), np.float32),
            0.0,
            np.zeros((1, 16, 1), np.float32),
            backend.tf.constant([0.99]),
            path=schedules.find_schedule("linear"),
            tempo=0.2,
        ).numpy()
        apart.append(1 - chance[..., :: clip_memory.FINE].sum(-1).mean())
    assert apart[0] > 0.15
    assert apart[1] < 0.05
    windows, _, chances = clip_memory.training_windows(fast, replace(trained.settings, window=8))
    steady = np.array(
        [
            min(
                np.abs(w - fast.along(0, np.arange(a, a + 8)) / clip_memory.code_units(fast, trained.settings)[0]).max()
                for a in range(8)
            )
            < 1e-4
            for w in windows
        ]
    )
    each = np.diff(chances, prepend=0)
    assert 0 < steady.sum() < len(windows)
    assert each[steady].min() > each[~steady].max()


def test_samples_are_like_the_clip_and_move(shot, trained):
    reference = evaluation.Reference([shot], length=16)
    score, noise = (
        reference.score(s)
        for s in (
            trained.windows(12, seed=3),
            np.random.default_rng(0).integers(0, 255, (4, 16, *shot.shape[1:]), np.uint8),
        )
    )
    assert score.frame < noise.frame / 50
    assert score.diversity > 0.6
    assert 0.6 < score.motion < 2


def test_training_lowers_the_loss_and_is_recorded(trained):
    assert all(len(c) == 60 and np.isfinite(c).all() for c in trained.curves.values())
    assert trained.curves["loss"][-20:].mean() < trained.curves["loss"][:10].mean()


def test_samples_follow_from_the_seed_and_any_length_is_seamless(shot, trained):
    assert np.array_equal(trained.sample(2, 12, seed=5, steps=4), trained.sample(2, 12, seed=5, steps=4))
    assert not np.array_equal(*trained.sample(2, 12, seed=5, steps=4))
    clip = trained.sample(1, 70, seed=2)[0].astype(int)
    steps = np.abs(np.diff(clip, axis=0)).mean((1, 2, 3))
    assert len(clip) == 70
    assert steps.max() < 3 * np.abs(np.diff(shot.astype(int), axis=0)).mean((1, 2, 3)).max()


@pytest.mark.parametrize("sampler", samplers.SAMPLERS)
def test_key_frames_are_kept_and_the_frames_between_are_closer_than_a_cross_fade(shot, trained, sampler):
    at = [0, 16, 30]
    made = trained.fill(shot[at], at, 31, seed=0, n=2, sampler=sampler)
    assert made.shape == (2, 31, *shot.shape[1:])
    assert not np.array_equal(*made)
    assert all(fidelity.psnr(m[at], shot[at]) > 35 for m in made)
    if sampler == "euler":
        fade = storyboard.blend_keys(shot[at], at, 31)
        assert np.mean([fidelity.psnr(m, shot[:31]) for m in made]) > fidelity.psnr(fade, shot[:31]) - 1


@pytest.mark.parametrize("length", [11, 16, 24])
def test_keys_closer_or_further_apart_than_they_were_make_the_clip_hurry_or_linger(shot, exact, length):
    for made in exact.fill(shot[[10, 26]], [0, length], length + 1, seed=0, n=3).astype(int):
        shown = np.array(
            [np.square(shot - frame).mean((1, 2, 3)).argmin() for frame in made]
        )  # each from frame 10 to 26, in order: no cut
        assert shown[0] == 10
        assert shown[-1] == 26
        assert set(np.diff(shown)) <= {0, 1, 2}


def test_pictures_that_were_never_seen_are_filled_as_optical_flow_would(shot, trained):
    strange, at = np.ascontiguousarray(shot[:25, :, ::-1]), [0, 8, 16, 24]
    made, moved = trained.fill(strange[at], at, 25, seed=0, n=1)[0], storyboard.interpolate_by_flow(strange[at], at, 25)
    assert np.array_equal(made[at], strange[at])
    assert fidelity.psnr(made, strange) > fidelity.psnr(moved, strange) - 0.3
    assert np.array_equal(made, storyboard.interpolate_where_trusted(strange[at], at, 25))


def test_the_memory_draws_without_a_network(shot, trained):
    alone = replace(trained, network=None)
    made, with_it = (m.windows(12, seed=3) for m in (alone, trained))
    score = evaluation.Reference([shot], length=16).score(made)
    assert 0.6 < score.motion < 2
    assert score.diversity > 0.6
    assert not np.array_equal(made, with_it)


def test_a_network_without_the_clip_s_memory_learns_too(shot):
    settings = replace(TINY, steps=60, components=24, channels=16, batch=16, window=16, memory=False)
    model = diffusion.train_flow(shot, settings=settings, seed=0, cuts=[])
    assert model.curves["loss"][-4:].mean() < model.curves["loss"][:2].mean() / 1.2
    made, memory = (m.windows(2, seed=3, steps=4) for m in (model, replace(model, network=None)))
    assert not np.array_equal(made, memory)
    at = [0, 15]
    assert np.array_equal(model.fill(shot[at], at, 16, seed=0, n=1)[0][at], shot[at])


@pytest.mark.parametrize("path", schedules.SCHEDULES)
def test_without_memory_the_first_guess_is_bayes_for_codes_of_that_deviation(path):
    settings, t, size = replace(TINY, path=path, memory=False), 0.4, 3.0
    known, mask = np.full((1, 2, 1), 7, np.float32), np.float32([[[0], [1]]])
    x = np.full((1, 2, 1), 5, np.float32)
    row, at = [backend.tf.constant([[size]])], backend.tf.constant([t])
    free, held = prediction.first_guess(row, x, known, mask, at, settings=settings).numpy().ravel()
    assert free == pytest.approx(gaussian(schedules.find_schedule(path), 0.0, size)(5.0, t)[0], abs=1e-4)
    assert held == 7


def test_between_two_frames_codes_keep_their_deviation():
    codes, half = np.random.default_rng(0).normal(size=(200, 6)).astype(np.float32), np.arange(2, 197) + 0.5
    plain, level = (trajectory.catmull_rom(codes, half, level=how).std() for how in (False, True))
    assert plain < 0.9
    assert level == pytest.approx(1, abs=0.1)
    assert np.array_equal(trajectory.catmull_rom(codes, np.arange(200), level=True), codes)


def test_key_frames_of_two_shots_are_joined_by_a_cut(cut):
    clip, model = cut
    made = model.fill(clip[[2, 30]], [0, 9], 10, seed=0, n=1)[0]
    steps = np.abs(np.diff(made.astype(int), axis=0)).mean((1, 2, 3))
    assert steps.argmax() == 4


def test_a_sample_may_begin_at_a_frame_of_the_clip(shot, trained):
    begun = trained.sample(3, 8, seed=0, start=20.0)[:, 0]
    assert all(fidelity.psnr(b, shot[20]) > 30 for b in begun)


def test_variation_leaves_the_clip_further_the_stronger_it_is(shot, trained):
    piece, path = shot[10:26], trained.trajectory
    assert np.array_equal(trained.vary(piece, 0, seed=0)[0], path.decode(0, path.encode(0, piece)))
    apart = [
        np.mean((trained.vary(piece, strength, seed=0, n=3).astype(float) - piece) ** 2) for strength in (0, 0.2, 0.95)
    ]
    assert apart == sorted(apart)
    assert apart[2] > 2 * apart[0]


def test_guidance_goes_through_the_shot_that_is_asked_for(cut):
    clip, model = cut
    plain, guided = (model.sample(2, 8, seed=0, shot=0, guidance=g) for g in (1.0, 2.0))
    assert plain.shape == guided.shape
    assert not np.array_equal(plain, guided)
    assert (
        np.abs(guided.mean((0, 1)) - clip[:20].mean(0)).mean() < np.abs(guided.mean((0, 1)) - clip[25:].mean(0)).mean()
    )


def test_a_clip_of_many_shots_cuts_as_its_source_does(cut):
    _, model = cut
    steps = np.abs(np.diff(model.sample(1, 37, seed=0, start=0.0)[0].astype(int), axis=0)).mean((1, 2, 3))
    assert set(np.argsort(steps)[-2:] + 1) == {20, 25}


def test_a_saved_model_draws_the_same_and_a_file_that_is_none_is_refused(tmp_path, trained):
    trained.save(tmp_path / "model.npz")
    again = diffusion.load_flow(tmp_path / "model.npz")
    assert np.abs(again.sample(1, 12, seed=9, steps=4).astype(int) - trained.sample(1, 12, seed=9, steps=4)).max() <= 2
    assert again.settings == trained.settings
    assert np.array_equal(again.curves["loss"], trained.curves["loss"])
    with np.load(tmp_path / "model.npz", allow_pickle=False) as stored:
        assert all(stored[name].dtype != object for name in stored.files)
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    with pytest.raises(ParameterError, match="other.npz"):
        diffusion.load_flow(tmp_path / "other.npz")


def test_a_run_killed_at_any_moment_goes_on_to_the_same_model(tmp_path, shot):
    settings, state = replace(TINY, steps=110), tmp_path / "state.npz"
    np.save(tmp_path / "shot.npy", shot)
    code = (
        "import sys, numpy as np; from dataclasses import replace; from vdlab import diffusion; from vdlab.diffusion "
        "import flow_settings;"
        "diffusion.train_flow(np.load(sys.argv[1]), settings=replace(flow_settings.PRESETS['tiny'], steps=110), "
        "seed=2, cuts=[], checkpoint=sys.argv[2])"
    )
    run = subprocess.Popen([sys.executable, "-c", code, tmp_path / "shot.npy", state])

    def kill():
        while not state.exists() and run.poll() is None:
            time.sleep(0.02)
        run.kill()
        assert run.wait() < 0, "it ended before it could be killed"

    with ThreadPoolExecutor() as beside:  # on two cores the straight run costs no time
        killed = beside.submit(kill)
        straight = diffusion.train_flow(shot, settings=settings, seed=2, cuts=[])
        killed.result()
    resumed = diffusion.train_flow(shot, settings=settings, seed=2, cuts=[], checkpoint=state)
    assert np.array_equal(resumed.curves["loss"], straight.curves["loss"])
    assert all(
        np.array_equal(a, b) for a, b in zip(resumed.network.get_weights(), straight.network.get_weights(), strict=True)
    )


def test_divergence_is_undone_and_said(shot, monkeypatch):
    step = descent.Descent._step

    def poisoned(lesson, n):  # step 5 of the first try goes wrong
        (loss,) = step(lesson, n)
        return (backend.tf.where(n == 5, np.float32(np.nan), loss),)

    monkeypatch.setattr(descent.Descent, "_step", poisoned)
    model = diffusion.train_flow(shot, settings=TINY, seed=0, cuts=[])
    assert "diverged" in model.notes[-1]
    assert np.isfinite(model.curves["loss"]).all()


def test_short_and_still_clips_get_a_note_and_no_nan(shot):
    short = diffusion.train_flow(shot[:6], settings=TINY, seed=0, cuts=[])
    assert short.settings.window == 6
    assert "window is 6 frames instead" in short.notes[0]
    assert short.sample(1, 20, seed=0, steps=2).shape == (1, 20, *shot.shape[1:])
    for still in (shot[:1], np.full((9, 16, 24, 3), 99, np.uint8)):
        model = diffusion.train_flow(still, settings=TINY, seed=0)
        assert "Nothing moves" in model.notes[0]
        assert np.array_equal(model.sample(1, 5, seed=0)[0], np.repeat(still[:1], 5, 0))
        assert np.array_equal(model.fill(still[:1], [2], 4, seed=0, n=1)[0], np.repeat(still[:1], 4, 0))
        assert np.array_equal(model.vary(still[:1], 0.5, seed=0)[0], still[:1])
    pair = diffusion.train_flow(shot[[0, 40]], settings=TINY, seed=0, cuts=[])
    assert np.isfinite(pair.curves["loss"]).all()
    assert pair.sample(1, 4, seed=0, steps=2).shape[1] == 4


@pytest.mark.parametrize(
    "at, said",
    [
        ([3, 1], "out of order"),
        ([2, 2], "one picture"),
        ([0, 40], "outside"),
        ([-1, 3], "outside"),
        ([1], "needs one position"),
    ],
)
def test_bad_key_positions_are_refused_in_words(shot, trained, at, said):
    with pytest.raises(ParameterError, match=said):
        trained.fill(shot[:2], at, 20, seed=0)


def test_wrong_requests_say_what_is_allowed(shot, trained):
    with pytest.raises(ParameterError, match="quick, full, tiny"):
        diffusion.train_flow(shot, settings="huge", seed=0)
    with pytest.raises(ParameterError, match="cosine, linear"):
        flow_settings.FlowSettings(path="curved")
    with pytest.raises(ParameterError, match="ancestral, ddim, euler, heun"):
        trained.sample(1, 8, seed=0, sampler="magic")
    with pytest.raises(ParameterError, match="at least 1 step"):
        trained.sample(1, 8, seed=0, steps=0)
    with pytest.raises(ParameterError, match="strength"):
        trained.vary(shot[:4], 1.0, seed=0)
    with pytest.raises(VideoError, match="key frames are"):
        trained.fill(shot[:1, ::2], [0], 4, seed=0)
    with pytest.raises(VideoError, match="clip is an array"):
        diffusion.train_flow(shot[..., 0], settings=TINY, seed=0)


def test_interpolation_along_optical_flow_beats_a_cross_fade_where_things_move():
    texture = np.random.default_rng(0).integers(0, 255, (12, 20, 3)).astype(np.uint8)
    wide = cv2.resize(texture, (160, 96), interpolation=cv2.INTER_CUBIC)
    clip = np.stack([wide[:, x : x + 96] for x in range(9)])
    made = [
        fidelity.psnr(f(clip[[0, 8]], [0, 8], 9)[4], clip[4])
        for f in (storyboard.interpolate_by_flow, storyboard.blend_keys)
    ]
    assert made[0] > made[1] + 5


def test_flow_is_followed_only_where_it_is_to_be_trusted():
    rng = np.random.default_rng(0)
    wide = cv2.resize(rng.integers(0, 255, (12, 20, 3)).astype(np.uint8), (160, 96), interpolation=cv2.INTER_CUBIC)
    slid, strangers = np.stack([wide[:, :96], wide[:, 8:104]]), np.stack([wide[:, :96], wide[::-1, 64:]])
    ways = storyboard.blend_keys, storyboard.interpolate_by_flow, storyboard.interpolate_where_trusted
    fade, moved, weighed = (f(slid, [0, 8], 9)[4].astype(float) for f in ways)
    assert np.abs(weighed - moved).mean() < np.abs(weighed - fade).mean() / 4
    fade, moved, weighed = (f(strangers, [0, 8], 9)[4].astype(float) for f in ways)
    assert np.abs(weighed - fade).mean() < np.abs(weighed - moved).mean()


def test_where_flow_explains_the_whole_picture_noise_does_not_tell_against_it():
    rng = np.random.default_rng(0)
    wide = cv2.resize(rng.integers(64, 192, (12, 20, 3)).astype(np.uint8), (160, 96), interpolation=cv2.INTER_CUBIC)
    slid = np.uint8(np.clip(np.stack([wide[:, :96], wide[:, 8:104]]) + rng.normal(0, 6, (2, 96, 96, 3)), 0, 255))
    fade, moved, weighed = (
        f(slid, [0, 8], 9)[4].astype(float)
        for f in (storyboard.blend_keys, storyboard.interpolate_by_flow, storyboard.interpolate_where_trusted)
    )
    assert np.abs(weighed - moved).mean() < np.abs(weighed - fade).mean() / 20


def test_the_pixel_toy_goes_from_noise_to_pictures_of_the_clip(shot):
    toy = diffusion.train_pixel_flow(
        shot, settings=replace(pixel_toy.PRESETS["tiny"], steps=60, channels=8, batch=4), seed=0
    )
    states, guesses = toy.denoise(2, seed=0, steps=6)
    assert states.shape == (7, 2, 8, 32, 32, 3)
    assert guesses.shape == (6, 2, 8, 32, 32, 3)
    real = pixel_toy.pixel_windows(shot).astype(float)
    off = [
        np.sqrt(((s - real[:, None, :1]) ** 2).mean((2, 3, 4, 5)).min()) for s in (states[0][:, :1], states[-1][:, :1])
    ]
    assert off[1] < off[0] / 2
    assert toy.curves["loss"][-1] < toy.curves["loss"][0]


def test_the_exact_mean_of_pixels_copies_the_clip(shot):
    states, _ = pixel_toy.denoise_exactly(shot, 2, seed=0, steps=16)
    real = pixel_toy.pixel_windows(shot).astype(float)
    assert all(np.sqrt(((s - real) ** 2).mean((1, 2, 3, 4)).min()) < 3 for s in states[-1])
