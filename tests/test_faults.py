"""Damaged files, a full disk, kills at the worst moment, hostile names: a result, or a sentence; nothing finished is
lost.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.runner.made_reports import write_report
from tests.runner.test_reports import books, write_notebook  # noqa: F401  (a fixture)
from vdlab import VdlabError, VideoError, runner, video
from vdlab.video import container, images, sample_clips

LOOK = "from vdlab import video\nprint(video.probe(clip).frames, 'frames of', clip.rsplit('/', 1)[1])"
CLIP = 'clip: str = "synthetic"  # path; a clip'


def test_a_thousand_damaged_clips_are_read_or_refused_with_a_sentence():
    end = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "1020"], capture_output=True, text=True, cwd=ROOT, check=True
    )
    told = json.loads(end.stdout)
    assert told["bad"] == []
    assert told["read"] > 500
    assert told["refused"] > 150
    assert min(told["kinds"].values()) >= 50
    assert {"flv", "gif", "hevc.mp4", "av1.mkv", "prores.mov", "wmv", "ogg", "webp", "tif", "cvat"} < {*told["kinds"]}
    assert told["peak_mb"] < 1024


def test_a_picture_larger_than_any_clip_s_is_refused_before_it_is_made(monkeypatch):
    monkeypatch.setattr(container, "MAX_PIXELS", 100 * 100)
    with pytest.raises(VideoError, match="carphone"):
        video.read(sample_clips.sample_path("carphone"))


def test_a_file_s_name_is_a_name_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("pipe:0", "concat:a|b", "http:x.mp4", "-i.mp4", "a %d $(touch x) `y` 测试 \u202f😀.mp4"):
        assert (
            video.probe(video.write(name, video.read(sample_clips.sample_path("carphone"), stop=2), fps=25)).frames == 2
        )
    for odd in ("a²1.png", "a٣.png", "b.png"):  # digits to some of Python, and not to int()
        (tmp_path / "frames").mkdir(exist_ok=True)
        (tmp_path / "frames" / odd).write_bytes(
            images.encode_image(video.read(sample_clips.sample_path("carphone"), stop=1)[0], "png")
        )
    assert video.probe(tmp_path / "frames").frames == 3


def test_a_playlist_reaches_neither_the_network_nor_other_files(tmp_path):
    whole = sample_clips.sample_path("carphone")
    for name, text in {
        "a.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n",
        "a.ffconcat": f"ffconcat version 1.0\nfile '{whole}'\n",
        "a.mpd": "<MPD><Period/></MPD>",
    }.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(VideoError):
            video.probe(tmp_path / name)


def test_pipes_devices_and_names_that_are_no_text_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    for path in (tmp_path / "pipe.mp4", Path("/dev/zero")):
        with pytest.raises(VideoError, match="neither a file nor a folder"):
            video.probe(path)
    for name in (os.fsdecode(b"bad\xff.mp4"), "two\nlines.mp4"):
        (tmp_path / name).write_bytes(sample_clips.sample_path("carphone").read_bytes())
        with pytest.raises(VideoError, match="rename"):
            runner.make_request(str(tmp_path / name), chapters="0")


def test_a_clip_named_to_break_pages_and_shells_makes_an_ordinary_report(books, tmp_path):  # noqa: F811
    write_notebook(books, "01_look", LOOK, parameters=CLIP)
    clip = tmp_path / """a:b "q" <img src=x onerror=alert(1)> $(touch x) %d 测试 é {{7*7}}'\\.mp4"""
    clip.write_bytes(sample_clips.sample_path("synthetic").read_bytes())
    done = runner.run_report(runner.make_request(str(clip)), out=tmp_path / "out <b>&'")
    assert not done[0].failure
    for page in (tmp_path / "out <b>&'").glob("*.html"):
        assert "<img src=x" not in page.read_text()
        assert "<b>&'" not in page.read_text()
    assert "120 frames of a:b" in (tmp_path / "out <b>&'" / "01_look.html").read_text()


def test_a_clip_that_changes_while_it_is_read_makes_no_report(books, tmp_path):  # noqa: F811
    clip = tmp_path / "growing.mp4"
    clip.write_bytes(sample_clips.sample_path("synthetic").read_bytes())
    write_notebook(books, "01_look", f"open({str(clip)!r}, 'ab').write(b'more')", parameters=CLIP)
    with pytest.raises(VideoError, match="changed while"):
        runner.run_report(runner.make_request(str(clip)), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_clip_that_goes_or_shrinks_while_it_is_streamed_is_a_sentence(tmp_path):
    frames = video.read(sample_clips.sample_path("carphone"))
    for harm in (lambda p: os.truncate(p, 5000), lambda p: p.write_bytes(os.urandom(20000))):
        clip = video.write(tmp_path / "clip.mp4", [*frames] * 2, fps=25, crf=18)
        reading = video.stream(clip)
        next(reading)
        harm(clip)
        try:
            assert 0 < sum(1 for _ in reading) < 2 * len(frames)  # what had been read before
        except VideoError as error:
            assert "clip.mp4: damaged after frame" in str(error)
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for i in range(3):
        (pictures / f"{i}.png").write_bytes(images.encode_image(frames[i], "png"))
    reading = video.stream(pictures)
    next(reading)
    (pictures / "2.png").unlink()
    with pytest.raises(VideoError, match="2.png"):
        list(reading)


def test_a_full_disk_is_a_sentence_and_what_was_finished_is_kept(books, tmp_path):  # noqa: F811
    write_notebook(books, "01_first", f"open({str(tmp_path / 'ran')!r}, 'a').write('x')\nprint('A' * 30000)")
    script = (
        "import sys; from pathlib import Path; from vdlab import cli; from vdlab.report import parameters; "
        f"parameters.NOTEBOOKS = Path({str(books)!r}); "
        "sys.exit(cli.main(['report', 'synthetic', '--resume', '--out', sys.argv[1]]))"
    )

    def small():  # no file over 60 kB can be written: the page does not fit, its notebook does
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    (tmp_path / "out").mkdir()
    end = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "out"], preexec_fn=small, capture_output=True, text=True
    )
    assert end.returncode == 2
    assert "cannot write the report" in end.stderr
    assert "make room" in end.stderr
    assert "Traceback" not in end.stderr
    assert not list((tmp_path / "out").iterdir())
    again = subprocess.run([sys.executable, "-c", script, tmp_path / "out"], capture_output=True, text=True)
    assert again.returncode == 0, "the chapter had run and did not run again"
    assert (tmp_path / "ran").read_text() == "x", "the chapter had run and did not run again"


def test_a_clip_that_does_not_fit_on_the_disk_is_a_sentence_and_leaves_nothing(tmp_path):
    code = (
        "import resource, sys\nfrom vdlab import VideoError, video; from vdlab.video import sample_clips\nframes = "
        "video.read(sample_clips.sample_path('carphone'))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))\n"
        "try: video.write(sys.argv[1], frames, fps=25)\nexcept VideoError as error: print(error)"
    )
    end = subprocess.run([sys.executable, "-c", code, tmp_path / "x.mp4"], capture_output=True, text=True)
    assert "cannot be written" in end.stdout
    assert end.returncode == 0
    assert not list(tmp_path.iterdir())


def test_a_place_where_even_root_may_not_write_is_a_sentence(books, tmp_path):  # noqa: F811
    write_notebook(books, "01_first", f"open({str(tmp_path / 'ran')!r}, 'w')")
    for place in ("/sys/vdlab/out", tmp_path / ("x" * 250)):
        with pytest.raises(VdlabError, match="cannot write the report"):
            runner.run_report(runner.make_request("synthetic"), out=place)
    assert not (tmp_path / "ran").exists()


def test_of_two_reports_into_one_folder_at_once_one_is_made_and_one_is_told(books, tmp_path):  # noqa: F811
    write_notebook(books, "01_slow", f"import time\nopen({str(tmp_path / 'ran')!r}, 'a').write('x')\ntime.sleep(1)")
    told = []

    def one():
        try:
            told.append(len(runner.run_report(runner.make_request("synthetic"), out=tmp_path / "out")))
        except VdlabError as error:
            told.append(str(error))

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, told))[0] == "1"
    assert "another run is writing" in sorted(map(str, told))[1]
    assert (tmp_path / "ran").read_text() == "x"
    assert (tmp_path / "out" / "run.json").exists()


def test_a_training_killed_with_its_report_goes_on_from_its_checkpoint(books, tmp_path):  # noqa: F811
    write_notebook(
        books,
        "01_trains",
        # A training in small: it counts, and keeps its count
        "import os, time, vdlab\nfrom vdlab.report.lab import Lab\n"
        "state = Lab('01_trains', {}).scratch('count.npz')\nfirst = int(state.read_text()) if state.exists() else 0\n"
        "for step in range(first, 9):\n    state.write_text(str(step + 1))\n    time.sleep(600 if step == 4 and not "
        "first else 0)\nprint('from', first)",
    )
    script = (
        "from pathlib import Path; from vdlab import runner; from vdlab.report import parameters; "
        f"parameters.NOTEBOOKS = Path({str(books)!r}); "
        f"runner.run_report(runner.make_request('synthetic'), out=Path({str(tmp_path / 'out')!r}), resume=True)"
    )
    run = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    state, until = tmp_path / ".out.partial" / "work" / "01_trains-count.npz", time.monotonic() + 120
    while not (state.exists() and state.read_text() == "5") and time.monotonic() < until:
        time.sleep(0.05)
    run.kill()
    run.wait()
    subprocess.run([sys.executable, "-c", script], check=True, stderr=subprocess.DEVNULL)
    assert "from 5" in (tmp_path / "out" / "01_trains.html").read_text()
    assert not (tmp_path / "out" / "work").exists()


@pytest.mark.parametrize(
    "moment", ["vdlab.runner.pages.chapter_page", "vdlab.runner.pages.index_page", "vdlab.runner.folders._take_name"]
)
def test_a_report_killed_while_its_pages_are_written_runs_no_chapter_again(books, tmp_path, moment):  # noqa: F811
    write_notebook(books, "01_first", f"open({str(tmp_path / 'ran')!r}, 'a').write('x')")
    out = tmp_path / "out"
    write_report(out, "an earlier report")
    module, name = moment.rsplit(".", 1)
    script = (
        f"import os, signal, {module}\nfrom pathlib import Path\nfrom vdlab import runner; from vdlab.report import "
        f"parameters\nparameters.NOTEBOOKS = Path({str(books)!r})\n"
        f"{moment} = lambda *a, **k: os.kill(os.getpid(), "
        f"signal.SIGKILL)\nrunner.run_report(runner.make_request('synthetic'), out=Path({str(out)!r}))"
    )
    end = subprocess.run([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    assert end.returncode == -signal.SIGKILL
    assert (out / "01_tiny.html").read_text() == "an earlier report"
    if name == "_take_name":  # complete but for its name: the next start gives it that
        from vdlab.runner.folders import finish_interrupted

        finish_interrupted(out)
    else:
        runner.run_report(runner.make_request("synthetic"), out=out, resume=True)
    assert (tmp_path / "ran").read_text() == "x"
    assert (out / "01_first.html").exists()
    assert not (out / "01_tiny.html").exists()
    assert {p.name for p in tmp_path.iterdir()} <= {"out", "ran", "notebooks", ".out.lock"}
