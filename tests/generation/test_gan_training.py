"""The GAN on codes and the article's DCGAN: trained once, asked everything."""

import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from vdlab import ParameterError, VideoError, evaluation, generation, video
from vdlab.codes import trajectory
from vdlab.evaluation import window_measures
from vdlab.generation import dcgan, gan_game, gan_settings
from vdlab.training import backend
from vdlab.training.backend import tf
from vdlab.video import reading, sample_clips

TINY = gan_settings.PRESETS["tiny"]


@pytest.fixture(scope="session")
def shot():
    return video.read(sample_clips.sample_path("bigbuckbunny"), width=96, stop=60)


@pytest.fixture(scope="session")
def trained(shot):
    return generation.train_gan(
        shot, settings=replace(TINY, steps=250, components=32, channels=24, batch=16, window=16), seed=0, cuts=[]
    )


@pytest.fixture(scope="session")
def cut(shot):
    clip = np.concatenate([shot[:20], shot[40:45, ::-1], 255 - shot[:12]])
    return clip, generation.train_gan(clip, settings=TINY, seed=1, cuts=[20, 25])


@pytest.fixture(scope="module")
def score(shot, trained):
    return evaluation.Reference([shot], length=16).score(trained.windows(12, seed=3))


def test_samples_are_like_the_clip(score):
    assert score.frame < 0.02
    assert score.space_time < 0.2


def test_samples_are_new_diverse_and_move(score):
    assert score.novelty > 0.05
    assert score.diversity > 0.7
    assert 0.8 < score.motion < 1.25


def test_without_noise_the_source_itself_is_drawn(shot, trained):
    plain = trained.sample(1, 16, seed=0, start=8.0, strength=0.0)
    near = evaluation.Reference([shot], length=16).nearest(plain[0])
    assert near[1] == 8
    assert near[2] < 0.05


def test_noise_and_place_follow_from_the_seed(trained):
    assert np.array_equal(trained.sample(2, 12, seed=5), trained.sample(2, 12, seed=5))
    assert not np.array_equal(trained.sample(1, 12, seed=5), trained.sample(1, 12, seed=6))


def test_a_sample_of_any_length_is_seamless(shot, trained):
    clip = trained.sample(1, 150, seed=2)[0].astype(int)
    assert len(clip) == 150
    steps = np.abs(np.diff(clip, axis=0)).mean((1, 2, 3))
    usual = np.abs(np.diff(shot.astype(int), axis=0)).mean((1, 2, 3))
    assert steps.max() < 1.7 * usual.max()


def test_speed_slows_and_quickens_the_motion(trained):
    slow, plain, fast = (
        window_measures.motion_energy(trained.sample(3, 16, seed=4, start=5.0, speed=s)) for s in (0.5, 1.0, 2.0)
    )
    assert slow < 0.75 * plain
    assert fast > 1.3 * plain


def test_slow_motion_and_the_decoder_by_motion_are_nearer_to_true_frames_than_blends(shot, trained):
    stills = evaluation.Reference([shot], length=1)
    path = 4 + np.arange(24) / 2
    blends = trained.trajectory.decode(0, trained.trajectory.along(0, path))
    slow = trained.sample(1, 24, seed=0, start=4.0, speed=0.5, strength=0.0)[0]
    assert stills.fidelity(slow[:, None])[0] < stills.fidelity(blends[:, None])[0]
    carried = replace(trained, settings=replace(trained.settings, decoder="motion"))
    linear, motion = (
        stills.fidelity(m.sample(2, 16, seed=4).reshape(-1, 1, *shot.shape[1:]))[0] for m in (trained, carried)
    )
    assert motion < linear


def test_a_morph_goes_from_one_sample_to_another_in_small_steps(trained):
    rows = trained.morph(9, 8, seed=1).astype(int)
    ends = np.abs(rows[0] - rows[-1]).mean()
    assert ends > 0
    assert max(np.abs(a - b).mean() for a, b in zip(rows, rows[1:])) < 0.5 * ends


def test_the_critic_s_score_rises_under_refinement(trained):
    for what in ("latents", "weights"):
        before = [w.copy() for w in trained.generator.get_weights()]
        done = trained.refine(4, seed=0, rounds=15, what=what)
        assert done.scores[-1] > done.scores[0]
        assert done.before.shape == done.after.shape == (4, 16, *done.before.shape[2:])
        assert all(np.array_equal(a, b) for a, b in zip(before, trained.generator.get_weights()))
    with pytest.raises(ParameterError, match="latents or weights"):
        trained.refine(what="both", seed=0)


def test_training_is_recorded(trained):
    curves = trained.curves
    assert all(len(v) == 50 and np.isfinite(v).all() for v in curves.values())
    assert 0.3 < curves["pairing"][-5:].mean() < 0.9
    assert curves["seeking"][-1] < curves["seeking"][0]


def test_the_same_seed_trains_the_same_model(shot):
    a, b = (generation.train_gan(shot, settings=TINY, seed=4, cuts=[]) for _ in range(2))
    assert np.array_equal(a.sample(1, 8, seed=0), b.sample(1, 8, seed=0))


def test_a_saved_model_draws_the_same_and_holds_no_code(tmp_path, trained):
    trained.save(tmp_path / "model.npz")
    again = generation.load_model(tmp_path / "model.npz")
    a, b = (m.sample(1, 12, seed=9).astype(int) for m in (trained, again))
    assert np.abs(a - b).max() <= 2
    assert again.settings == trained.settings
    assert all(np.array_equal(trained.curves[k], again.curves[k]) for k in trained.curves)
    with np.load(tmp_path / "model.npz", allow_pickle=False) as stored:
        assert all(stored[name].dtype != object for name in stored.files)


def test_a_file_that_is_no_model_is_refused(tmp_path):
    (tmp_path / "junk.npz").write_bytes(b"junk")
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    for name in ("junk.npz", "other.npz", "missing.npz"):
        with pytest.raises(ParameterError, match=name):
            generation.load_model(tmp_path / name)


def test_a_run_killed_at_any_moment_goes_on_to_the_same_model(tmp_path, shot):
    settings = replace(TINY, steps=120)
    np.save(tmp_path / "shot.npy", shot)
    code = (
        "import sys, numpy as np; from dataclasses import replace; from vdlab import generation; from "
        "vdlab.generation import gan_settings;"
        "generation.train_gan(np.load(sys.argv[1]), settings=replace(gan_settings.PRESETS['tiny'], steps=10**6), "
        "seed=2, cuts=[], checkpoint=sys.argv[2])"
    )
    state = tmp_path / "state.npz"
    run = subprocess.Popen([sys.executable, "-c", code.replace("10**6", "120"), tmp_path / "shot.npy", state])
    while not state.exists() and run.poll() is None:
        time.sleep(0.02)
    run.kill()
    run.wait()
    with np.load(state, allow_pickle=False) as stored:
        assert len(stored["rows"])
    resumed = generation.train_gan(shot, settings=settings, seed=2, cuts=[], checkpoint=state)
    straight = generation.train_gan(shot, settings=settings, seed=2, cuts=[])
    assert np.array_equal(resumed.curves["critic"], straight.curves["critic"])
    assert np.array_equal(resumed.sample(1, 8, seed=0), straight.sample(1, 8, seed=0))


def test_curves_are_logged_as_tensorboard_reads_them(tmp_path, shot):
    model = generation.train_gan(shot, settings=TINY, seed=0, cuts=[], log=tmp_path / "logs")
    known = {}
    for record in tf.data.TFRecordDataset([*map(str, (tmp_path / "logs").glob("events.out.tfevents.*"))]):
        event = tf.compat.v1.Event.FromString(record.numpy())
        for value in event.summary.value:
            assert value.metadata.plugin_data.plugin_name == "scalars"
            known.setdefault(value.tag, []).append((event.step, float(tf.make_ndarray(value.tensor))))
    assert {*known} == {*gan_game.CURVES[1:]}
    for name, points in known.items():
        assert points == [*zip(model.curves["step"].astype(int).tolist(), model.curves[name].tolist())]


def test_half_precision_keeps_weights_and_results_whole_and_judges_nearly_alike(shot, monkeypatch):
    backend.deterministic(0)
    settings = replace(TINY, precision="mixed_bfloat16")
    path = trajectory.trace_clip(shot, window=8, components=8, cuts=[])
    whole = gan_game.build_networks(settings, path)  # a processor computes as ever
    assert {layer.compute_dtype for network in whole for layer in network.layers} == {"float32"}
    monkeypatch.setattr(backend.tf.config, "list_logical_devices", lambda kind=None: ["a GPU"])
    half = gan_game.build_networks(settings, path)
    monkeypatch.undo()
    assert all("bfloat16" in {layer.compute_dtype for layer in network.layers} for network in half)
    assert all(w.dtype == "float32" for network in half for w in network.weights)
    assert all(network.output.dtype == "float32" for network in half)
    half[1].set_weights(whole[1].get_weights())
    windows, shots, _ = path.windows

    def judge(critic):
        @tf.function(jit_compile=True)  # compiled, it runs on any processor
        def slopes(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                score = critic([x, tf.constant(shots)])
            return score, tape.gradient(score, x)

        return [v.numpy() for v in slopes(tf.constant(windows))]

    for one, other in zip(judge(whole[1]), judge(half[1])):
        assert not np.array_equal(one, other)
        assert np.linalg.norm(one - other) < 0.05 * np.linalg.norm(one)


def test_divergence_is_undone_and_said(shot, monkeypatch):
    step = gan_game.Game._step

    def poisoned(game, n):  # step 5 of the first try goes wrong
        values = step(game, n)
        return (*values[:-1], backend.tf.where(n == 5, np.float32(np.nan), values[-1]))

    monkeypatch.setattr(gan_game.Game, "_step", poisoned)
    model = generation.train_gan(shot, settings=TINY, seed=0, cuts=[])
    assert "diverged" in model.notes[-1]
    assert np.isfinite(model.curves["critic"]).all()
    assert all(np.isfinite(w).all() for w in model.generator.get_weights())


def test_a_clip_of_many_shots_cuts_as_its_source_does(cut):
    clip, model = cut
    assert model.trajectory.lengths.tolist() == [20, 5, 12]
    steps = np.abs(np.diff(model.sample(1, 60, seed=0, start=0.0)[0].astype(int), axis=0)).mean((1, 2, 3))
    assert set(np.argsort(steps)[-4:] + 1) == {20, 25, 37, 57}
    assert "walked to their end and back" in model.notes[0]


def test_one_shot_of_many_can_be_asked_for(cut):
    clip, model = cut
    only = model.sample(2, 16, seed=0, shot=2)
    assert (
        np.abs(only.mean((0, 1)) - clip[25:].mean(0)).mean() < np.abs(only.mean((0, 1)) - clip[:20].mean(0)).mean() / 3
    )


def test_one_shot_of_many_can_be_refined(cut):
    clip, model = cut
    only = model.refine(2, seed=0, shot=2, rounds=0).before
    assert (
        np.abs(only.mean((0, 1)) - clip[25:].mean(0)).mean() < np.abs(only.mean((0, 1)) - clip[:20].mean(0)).mean() / 3
    )
    with pytest.raises(ParameterError, match="shot"):
        model.refine(1, shot=3)


def test_a_short_clip_gets_a_smaller_window_and_a_note(shot):
    model = generation.train_gan(shot[:6], settings=TINY, seed=0, cuts=[])
    assert model.settings.window == 6
    assert "window is 6 frames instead" in model.notes[0]
    assert model.sample(1, 20, seed=0).shape == (1, 20, *shot.shape[1:])


def test_a_clip_that_does_not_fit_into_memory_is_trained_on_from_disk(tmp_path, shot, monkeypatch):
    monkeypatch.setattr(reading, "READ_LIMIT", shot.nbytes // 2)
    path = video.write(tmp_path / "clip.mp4", shot, fps=25)
    with pytest.raises(VideoError, match="read_to_file"):
        video.read(path)
    kept = video.read_to_file(path, tmp_path / "clip.raw")
    assert isinstance(kept, np.memmap)
    assert kept.shape == shot.shape
    drawn = [
        generation.train_gan(frames, settings=TINY, seed=3, cuts=[]).sample(1, 8, seed=0)
        for frames in (kept, np.array(kept))
    ]
    assert np.array_equal(*drawn)


def test_still_clips_are_drawn_as_they_are_and_two_frames_without_nan(shot):
    for still in (shot[:1], np.repeat(shot[:1], 20, 0), np.full((9, 16, 24, 3), 99, np.uint8)):
        model = generation.train_gan(still, settings=TINY, seed=0)
        assert "Nothing moves" in model.notes[0]
        assert np.array_equal(model.sample(1, 5, seed=0)[0], np.repeat(still[:1], 5, 0))
        assert np.isfinite(model.refine(2, seed=0, rounds=2).scores).all()
    pair = generation.train_gan(shot[[0, 40]], settings=TINY, seed=0, cuts=[])
    assert all(np.isfinite(v).all() for v in pair.curves.values())
    assert pair.sample(1, 4, seed=0).shape[1] == 4


def test_wrong_requests_say_what_is_allowed(shot, trained):
    with pytest.raises(ParameterError, match="quick, full, tiny"):
        generation.train_gan(shot, settings="huge", seed=0)
    with pytest.raises(ParameterError, match="window is at least 4"):
        gan_settings.GanSettings(window=3)
    with pytest.raises(ParameterError, match="cuts lie between"):
        generation.train_gan(shot, settings=TINY, seed=0, cuts=[60])
    with pytest.raises(VideoError, match="clip is an array"):
        generation.train_gan(shot[..., 0], settings=TINY, seed=0)
    with pytest.raises(ParameterError, match="speed > 0"):
        trained.sample(1, 8, seed=0, speed=0)


def test_the_full_preset_runs_on_a_cpu_with_few_steps(shot):
    few = replace(gan_settings.PRESETS["full"], steps=1, batch=2, channels=8, components=16)
    assert generation.train_gan(shot, settings=few, seed=0, cuts=[]).sample(1, seed=0).shape[1] == 60


def test_paths_are_folded_and_read_between_frames(shot):
    path = trajectory.trace_clip(shot, window=8, components=12, cuts=[])
    assert trajectory.reflect_into_range(np.array([-1.0, 0, 59, 60, 61.5, 118]), 60) == pytest.approx(
        [1, 0, 59, 58, 56.5, 0]
    )
    assert np.allclose(path.along(0, np.arange(60.0)), path.codes[0])
    middle = path.along(0, np.array([10.5]))
    assert np.linalg.norm(middle - path.codes[0][10]) < 1.5 * np.linalg.norm(path.codes[0][11] - path.codes[0][10])


def test_the_mended_dcgan_trains_and_draws(shot):
    model = generation.train_dcgan(shot, settings=replace(dcgan.PRESETS["tiny"], steps=120, batch=8), seed=0)
    critic = model.curves["critic"]  # normalised from the start, it begins unsure but not blind, and learns to tell
    assert np.median(critic[-60:]) < critic[0]  # the game is wild by then: no single step tells
    assert np.isfinite(critic).all()
    assert np.isfinite(model.curves["generator"]).all()
    assert model.sample(2, 5, seed=0).shape == (2, 5, *shot.shape[1:])
    first = generation.train_dcgan(shot, settings=dcgan.PRESETS["tiny"], seed=0).frames(8, seed=0)
    real = shot.mean((0, 1, 2))
    assert np.abs(model.frames(8, seed=0).mean((0, 1, 2)) - real).mean() < np.abs(first.mean((0, 1, 2)) - real).mean()


def test_every_fault_of_the_article_s_program_shows_itself(shot):
    seen = {construct: answer for construct, _, answer, *_ in generation.try_faults(shot)}
    assert len(seen) >= 18
    assert "no error here" not in seen.values()
    assert "9 of 9" in " ".join(seen.values())
    assert "63×63" in " ".join(seen.values())


def test_what_is_a_choice_of_design_is_told_from_what_stops_the_program(shot):
    kinds = {construct: kind for construct, *_, kind in generation.try_faults(shot)}
    assert set(kinds.values()) == {"fault", "choice"}
    assert kinds["np.random.shuffle(frames)"] == "choice"
    assert kinds["train_frames[batch_idx]"] == "fault"


def test_an_answer_of_the_libraries_ends_at_a_word(shot):
    answers = [answer for _, _, answer, *_ in generation.try_faults(shot)]
    assert not any("`" in answer for answer in answers)
    assert all(len(answer) < 160 for answer in answers)
