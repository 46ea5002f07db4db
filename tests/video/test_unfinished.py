"""Work on a whole file that is interrupted goes on the next time, and becomes what one run would have made."""

import contextlib
import io
import os
import shutil
import subprocess
import sys
from fractions import Fraction

import filelock
import numpy as np
import pytest

from tests.footage import run as ffmpeg
from vdlab import cli, compression, denoising, enhancement, generation, privacy, segmentation, video
from vdlab.base.errors import VideoError
from vdlab.compression import shot_choice
from vdlab.enhancement.film_repair import FilmSettings
from vdlab.enhancement.upscaling import UpscaleSettings
from vdlab.generation import gan_settings
from vdlab.generation.composition_settings import CompositionSettings
from vdlab.privacy import anonymisation, remembered_looks
from vdlab.training import loop, weights
from vdlab.video import asked, codecs, optical_flow, reading, unfinished

COUNT, CUT = 80, 50  # frames, and the first of the second shot: no part begins with it
STOPS = {30: 1, 60: 2, 79: 3}  # the frame that is asked for when work is stopped, and the parts done by then, at most
TINY = gan_settings.PRESETS["tiny"]  # 12 steps
LAID = CompositionSettings(tries=2)
FEW = UpscaleSettings("live", turns=1, radius=2, rounds=1, flow=optical_flow.ULTRAFAST)
VERBS = {
    "denoise": lambda src, dst: denoising.denoise_file(src, dst, progress=False),
    "denoise live": lambda src, dst: denoising.denoise_file(src, dst, preset="live", progress=False),
    "enhance": lambda src, dst: enhancement.enhance_file(src, dst, preset=FEW, progress=False),
    "repair": lambda src, dst: enhancement.repair_file(src, dst, progress=False),
    "repair longer": lambda src, dst: enhancement.repair_file(
        src, dst, settings=FilmSettings(light=0.1, place=0.6), progress=False
    ),
}
PART = 24  # frames of a part: as in use, but for a shorter film
LIVE = VERBS["denoise live"]


@pytest.fixture(autouse=True, scope="module")
def short_parts():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unfinished, "PART", PART)
        yield


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Two noisy shots in a shaking gate, with sound and with a pause."""
    folder, rng = tmp_path_factory.mktemp("clip"), np.random.default_rng(2)
    grounds = [rng.integers(20, 230, (8, 10, 3)).repeat(5, 0).repeat(5, 1) for _ in range(2)]
    frames = [
        np.roll(grounds[n >= CUT], (n // 2, n + int(rng.integers(3))), (0, 1)) + rng.normal(0, 9, (40, 50, 3))
        for n in range(COUNT)
    ]
    times = [Fraction(n + (n > 33), 25) for n in range(COUNT)]
    silent = video.write(folder / "silent.mp4", np.uint8(np.clip(frames, 0, 255)), fps=25, times=times, crf=8)
    ffmpeg("-i", silent, "-f", "lavfi", "-i", "sine=d=3", "-c:v", "copy", "-c:a", "aac", folder / "clip.mp4")
    return folder / "clip.mp4"


@pytest.fixture(scope="module")
def whole(clip, tmp_path_factory):
    """What makes (bytes, summary) of one run of a verb, once."""
    folder, made = tmp_path_factory.mktemp("whole"), {}

    def of(verb):
        if verb not in made:
            done = VERBS[verb](clip, folder / "out.mp4")
            made[verb] = done.path.read_bytes(), done.summary()
        return made[verb]

    return of


@pytest.fixture
def stop(monkeypatch):
    """What stops work when it asks for a frame, `long` seconds being kept, and returns the interrupt."""

    def stopped(work, at, *, long=0.0, by=KeyboardInterrupt):
        def stream(*given, **more):
            for frame in real(*given, **more):
                if frame.ordinal == at:
                    raise by("stopped")
                yield frame

        real = video.stream  # asked of the room, which would keep the one that stops
        with monkeypatch.context() as patch:
            patch.setattr(unfinished, "LONG", long)
            patch.setattr(reading, "stream", stream)
            with pytest.raises(by) as caught:
                work()
        return caught.value

    return stopped


def waiting(folder) -> list[str]:
    """The parts that wait in a folder for their film."""
    return sorted(p.name for p in folder.glob(".*.unfinished/*") if p.name[0].isdigit())


@pytest.mark.parametrize("verb", VERBS)
def test_what_was_interrupted_goes_on_and_becomes_the_same_bytes(verb, clip, whole, stop, tmp_path):
    out = tmp_path / "out.mp4"
    for at, most in STOPS.items():
        stop(lambda: VERBS[verb](clip, out), at)
        assert not out.exists()
        assert len(waiting(tmp_path)) <= most
    assert waiting(tmp_path)
    done = VERBS[verb](clip, out)
    assert out.read_bytes() == whole(verb)[0]
    assert done.summary() == whole(verb)[1]
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]


def test_what_is_finished_is_not_made_again(clip, whole, stop, tmp_path, monkeypatch):
    stop(lambda: LIVE(clip, tmp_path / "out.mp4"), 79)
    given = []
    real = denoising.denoised_files.denoise

    def counting(frames, **more):
        return real((given.append(1) or frame for frame in frames), **more)

    monkeypatch.setattr(denoising.denoised_files, "denoise", counting)
    LIVE(clip, tmp_path / "out.mp4")
    reach = denoising.temporal_filter.PRESETS["live"].reach
    assert len(given) == COUNT - 3 * PART + reach  # and those before them that the first depends on
    assert (tmp_path / "out.mp4").read_bytes() == whole("denoise live")[0]


def test_a_film_in_parts_keeps_every_time_and_its_sound(clip, whole, tmp_path):
    out = tmp_path / "out.mp4"
    out.write_bytes(whole("denoise")[0])
    assert reading.times(out) == reading.times(clip)
    assert video.probe(out).duration == video.probe(clip).duration
    packets = [ffmpeg("-i", p, "-map", "0:a", "-c", "copy", "-f", "md5", "-") for p in (clip, out)]
    assert packets[0] == packets[1]


@pytest.mark.parametrize("change", ["a setting", "the clip", "the version"])
def test_what_was_made_of_something_else_is_not_gone_on_with(change, clip, whole, stop, tmp_path, monkeypatch):
    mine, out = tmp_path / "clip.mp4", tmp_path / "out.mp4"
    mine.write_bytes(clip.read_bytes())
    if change == "a setting":
        stop(lambda: denoising.denoise_file(mine, out, preset="live", sigma=30, progress=False), 79)
    elif change == "the clip":
        video.write(mine, np.zeros((COUNT, 40, 50, 3), np.uint8), fps=25)
        stop(lambda: LIVE(mine, out), 79)
        mine.write_bytes(clip.read_bytes())
    else:
        with monkeypatch.context() as patch:
            patch.setattr(unfinished, "__version__", "0.0.0")
            stop(lambda: LIVE(mine, out), 79)
    assert waiting(tmp_path)
    LIVE(mine, out)
    assert out.read_bytes() == whole("denoise live")[0]


def test_a_shot_that_is_coded_is_not_coded_again_and_the_file_is_the_same(clip, tmp_path, monkeypatch):
    monkeypatch.setattr(unfinished, "LONG", 0)
    fast = shot_choice.EncodeSettings(codecs.av1(11))
    real, begun = shot_choice.best_encoding, []

    def coded(name, *, most, crf=40):
        def counting(*given, **more):
            begun.append(given[1])
            if len(begun) > most:
                raise KeyboardInterrupt
            return real(*given, **more)

        begun.clear()
        monkeypatch.setattr(shot_choice, "best_encoding", counting)
        return compression.encode(clip, tmp_path / name, target=("crf", crf), preset=fast)

    once = coded("once.mp4", most=9)
    assert len(begun) == len(once.shots) > 1
    with pytest.raises(KeyboardInterrupt):
        coded("out.mp4", most=1, crf=50)
    with pytest.raises(KeyboardInterrupt):
        coded("out.mp4", most=1)
    assert waiting(tmp_path) == ["40-000000", "50-000000"]
    again = coded("out.mp4", most=9)
    assert len(begun) == len(once.shots) - 1
    assert (tmp_path / "out.mp4").read_bytes() == (tmp_path / "once.mp4").read_bytes()
    assert (again.psnr, again.shots) == (once.psnr, once.shots)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["once.mp4", "out.mp4"]


def test_little_work_and_work_that_fails_leave_nothing(clip, stop, tmp_path):
    interrupt = stop(lambda: LIVE(clip, tmp_path / "out.mp4"), 79, long=unfinished.LONG)
    assert not hasattr(interrupt, "goes_on")
    assert not list(tmp_path.iterdir())
    stop(lambda: LIVE(clip, tmp_path / "out.mp4"), 79, by=VideoError)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("how", ["a link", "a folder"])
def test_what_the_kit_did_not_make_is_left_alone(clip, whole, stop, tmp_path, how):
    stop(lambda: LIVE(clip, tmp_path / "out.mp4"), 79)
    (folder,) = (p for p in tmp_path.iterdir() if p.is_dir())
    shutil.rmtree(folder)
    theirs = tmp_path / "theirs" if how == "a link" else folder
    (theirs / "deep").mkdir(parents=True)
    for path in (theirs / "notes.txt", theirs / "deep" / "notes.txt"):
        path.write_text("mine", "utf8")
    if how == "a link":
        folder.symlink_to(theirs, target_is_directory=True)
    LIVE(clip, tmp_path / "out.mp4")
    assert (tmp_path / "out.mp4").read_bytes() == whole("denoise live")[0]
    assert sorted(str(p.relative_to(theirs)) for p in theirs.rglob("*")) == ["deep", "deep/notes.txt", "notes.txt"]
    assert folder.is_symlink() == (how == "a link")


@pytest.mark.parametrize("name", ["made_of.json", "lock"])
@pytest.mark.parametrize("kind", ["a pipe", "a link"])
def test_a_pipe_or_a_link_in_a_folder_of_parts_is_neither_waited_for_nor_followed(tmp_path, name, kind):
    with unfinished.kept(tmp_path / "out.mp4") as folder:
        pass
    folder.mkdir()
    (folder / "made_of.json").touch()
    (folder / name).unlink(missing_ok=True)
    (tmp_path / "mine").write_text("mine", "utf8")
    os.mkfifo(folder / name) if kind == "a pipe" else (folder / name).symlink_to(tmp_path / "mine")
    with unfinished.kept(tmp_path / "out.mp4") as other:
        assert other != folder
    assert (tmp_path / "mine").read_text("utf8") == "mine"
    assert os.path.lexists(folder / name)


def test_what_was_remembered_and_is_damaged_is_made_again(tmp_path):
    made = lambda: {"a": np.arange(3)}
    unfinished.remembered(tmp_path, "part", made)
    (tmp_path / "part" / "arrays.npz").write_bytes(b"PK\x03\x04 and no more")
    assert unfinished.remembered(tmp_path, "part", made)["a"].tolist() == [0, 1, 2]


def test_work_that_went_on_is_kept_however_short_it_was(clip, whole, stop, tmp_path):
    stop(lambda: LIVE(clip, tmp_path / "out.mp4"), 60)
    stop(lambda: LIVE(clip, tmp_path / "out.mp4"), 79, long=unfinished.LONG)
    assert waiting(tmp_path)
    LIVE(clip, tmp_path / "out.mp4")
    assert (tmp_path / "out.mp4").read_bytes() == whole("denoise live")[0]


KILLED = """
import os, sys
from vdlab import denoising
from vdlab.video import reading, unfinished
unfinished.PART = int(sys.argv[3])
real = reading.stream
def stream(*given, **more):
    for frame in real(*given, **more):
        if frame.ordinal == 79: os._exit(9)
        yield frame
reading.stream = stream
denoising.denoise_file(sys.argv[1], sys.argv[2], preset="live", progress=False)
"""


def test_work_that_was_killed_goes_on_as_well(clip, whole, tmp_path):
    out = tmp_path / "out.mp4"
    assert subprocess.run([sys.executable, "-c", KILLED, clip, out, str(PART)]).returncode == 9
    assert not out.exists()
    assert len(waiting(tmp_path)) == 3
    LIVE(clip, out)
    assert out.read_bytes() == whole("denoise live")[0]
    assert not [p for p in tmp_path.iterdir() if p.suffix == ".unfinished"]


def test_two_runs_of_one_film_do_not_meet(clip, whole, stop, tmp_path):
    out = tmp_path / "out.mp4"
    stop(lambda: LIVE(clip, out), 79)
    with filelock.FileLock(next(tmp_path.glob(".*.unfinished")) / "lock"):
        LIVE(clip, out)
    assert out.read_bytes() == whole("denoise live")[0]
    assert len(waiting(tmp_path)) == 3
    assert len(os.listdir(tmp_path)) == 2


def test_the_command_line_says_that_it_goes_on(clip, stop, tmp_path):
    said = io.StringIO()

    def work():
        with contextlib.redirect_stderr(said):
            if cli.main(["denoise", str(clip), str(tmp_path / "out.mp4"), "--preset", "live"]) == 130:
                raise KeyboardInterrupt

    stop(work, 79)
    assert "the same command goes on from there" in said.getvalue()
    assert "nothing was written" not in said.getvalue()


@pytest.fixture(scope="module")
def short(clip, tmp_path_factory):
    """The end of one shot and the beginning of the next, in two parts of a film."""
    frames = video.read(clip, start=CUT - 14, stop=CUT + 14)
    return video.write(tmp_path_factory.mktemp("short") / "clip.mp4", frames, fps=25, crf=8)


def few_faces(folder):
    return video.write(folder / "faces.mp4", video.read("carphone", stop=6), fps=25)


SEARCHES = {  # what makes OUT of IN, and OUT's name
    "overlay": (lambda src, dst: segmentation.segment_file(src, dst, progress=False), "out.mp4"),
    "masks": (lambda src, dst: segmentation.segment_file(src, dst, kind="masks", progress=False), "out"),
    "cutouts": (lambda src, dst: segmentation.segment_file(src, dst, kind="cutouts", progress=False), "out.webm"),
    "annotations": (lambda src, dst: segmentation.annotate_file(src, dst, format="coco"), "out.json"),
    "anonymize": (lambda src, dst: privacy.anonymize(src, dst), "out.mp4"),
    "recomposed": (lambda src, dst: generation.generate_file(src, dst, seconds=1.2, width=32, preset=LAID), "out.mp4"),
    "decompress": (lambda src, dst: compression.decode_file(src, dst, progress=False), "out.mp4"),
}


def content(path) -> dict[str, bytes]:
    """The bytes of a file, or of each file of a folder."""
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    return {p.name: p.read_bytes() for p in files}


@pytest.mark.parametrize("verb", SEARCHES)
def test_what_was_found_before_an_interruption_is_not_looked_for_again(verb, short, tmp_path, monkeypatch):
    """Objects, faces and frames: as many parts are made in two runs as in one, and OUT is the same."""
    monkeypatch.setattr(unfinished, "LONG", 0)
    monkeypatch.setattr(remembered_looks, "SAVED", 0)
    src = few_faces(tmp_path) if verb == "anonymize" else short
    make, name = SEARCHES[verb]
    real, made = unfinished.whole, []

    def run(folder, *, most):
        @contextlib.contextmanager
        def counting(part):
            if len(made) == most:
                raise KeyboardInterrupt
            made.append(part.name)
            with real(part) as place:
                yield place

        made.clear()
        monkeypatch.setattr(unfinished, "whole", counting)
        make(src, folder / name)

    for folder in (once := tmp_path / "once", twice := tmp_path / "twice"):
        folder.mkdir()
    run(once, most=-1)
    parts = [*made]
    assert len(parts) > 1
    with pytest.raises(KeyboardInterrupt):
        run(twice, most=1)
    assert not (twice / name).exists()
    half = asked.share_finished(lambda: make(src, twice / name))
    assert 0 < half < 1
    run(twice, most=-1)
    assert sorted(made) == sorted(parts[1:])
    assert content(twice / name) == content(once / name)
    assert [p.name for p in twice.iterdir()] == [name]
    assert asked.share_finished(lambda: make(src, twice / name)) == 0


def test_of_a_film_that_hides_faces_no_picture_waits(tmp_path, monkeypatch):
    monkeypatch.setattr(unfinished, "LONG", 0)
    monkeypatch.setattr(remembered_looks, "SAVED", 0)

    def stopped(*given, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr(anonymisation, "_unkept", stopped)
    with pytest.raises(KeyboardInterrupt):
        privacy.anonymize(few_faces(tmp_path), tmp_path / "out.mp4")
    left = {p.name for p in tmp_path.rglob("*") if p.is_file()}
    assert left == {"faces.mp4", "lock", "made_of.json", "looks.json"}


def test_a_generator_that_was_interrupted_trains_on(short, tmp_path, monkeypatch):
    monkeypatch.setattr(unfinished, "LONG", 0)
    monkeypatch.setattr(loop, "CHECK_EVERY", 6)
    make = lambda name: generation.generate_file(short, tmp_path / name, seconds=1, width=32, preset=TINY)
    make("once.mp4")
    real, steps = weights.write_checkpoint, []

    def counting(*given, step, **more):
        real(*given, step=step, **more)
        steps.append(step)
        if steps == [6]:
            raise KeyboardInterrupt

    monkeypatch.setattr(weights, "write_checkpoint", counting)
    with pytest.raises(KeyboardInterrupt):
        make("out.mp4")
    assert asked.share_finished(lambda: make("out.mp4")) == 0.5
    make("out.mp4")
    assert steps == [6, 12]
    assert (tmp_path / "out.mp4").read_bytes() == (tmp_path / "once.mp4").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["once.mp4", "out.mp4"]


def test_a_trial_says_what_is_finished_and_takes_nothing_away(clip, stop, tmp_path, capsys):
    words = ["denoise", str(clip), str(tmp_path / "out.mp4"), "--preset", "live"]
    stop(lambda: LIVE(clip, tmp_path / "out.mp4"), 79)
    before = waiting(tmp_path)
    assert cli.main([*words, "--dry-run"]) == 0
    assert "; 90 % is finished and waits; nothing was written" in capsys.readouterr().out
    assert waiting(tmp_path) == before
    assert cli.main([*words, "--crf", "30", "--dry-run"]) == 0  # another film: nothing of it is there
    assert "finished" not in capsys.readouterr().out
    assert waiting(tmp_path) == before
