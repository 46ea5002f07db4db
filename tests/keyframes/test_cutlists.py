"""Cut lists: what is written is read back, and the programs they are for understand them."""

import csv
import json
import os
import re
import stat
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import av
import imageio_ffmpeg
import numpy as np
import pytest

from tests.footage import X264, coded
from tests.scenery import scene
from vdlab import cli, keyframes, video
from vdlab.base.errors import ParameterError
from vdlab.keyframes import cut_records, cutlists, edit_lists
from vdlab.keyframes.shots import Shot
from vdlab.video import frame_rate, sample_clips, timecode
from vdlab.video.container import decode_frames

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()

NTSC = Fraction(1001, 30000)
SHOTS = [
    Shot(0, 60, 0 * NTSC, 60 * NTSC, "start", 31, (0, 0)),
    Shot(60, 140, 60 * NTSC, Fraction(377, 90), "cut", 100, (60, 60)),
    Shot(140, 200, Fraction(377, 90), Fraction(3723, 1), "dissolve", 170, (130, 150)),
]


def ffmpeg(*words) -> None:
    """Run FFmpeg; words that begin with "-" are options, as they would be typed."""
    typed = [w for word in words for w in (word.split() if str(word).startswith("-") else [word])]
    subprocess.run([FFMPEG, "-v", "error", *typed], check=True)


@pytest.mark.parametrize("suffix, tolerance", [(".csv", 0), (".json", 0), (".otio", 0), (".vtt", 0), (".sh", 0)])
def test_every_format_gives_back_what_was_written(tmp_path, suffix, tolerance):
    back = cutlists.read(cutlists.write(tmp_path / f"shots{suffix}", SHOTS, media="my 'clip'.mp4"))
    for found, true in zip(back, SHOTS, strict=True):
        assert abs(found.start_time - true.start_time) <= tolerance
        assert abs(found.end_time - true.end_time) <= tolerance
        assert replace(found, start_time=true.start_time, end_time=true.end_time) == true


def cut(bounds, times) -> list[Shot]:
    """Shots between frames `bounds`; `times[n]` is when frame n is shown."""
    return [Shot(a, b, times[a], times[b], "cut" if a else "start", a, (a, a)) for a, b in zip(bounds, bounds[1:])]


def test_the_table_holds_decimal_seconds_and_the_exact_ones_as_whole_numbers(tmp_path):
    path = cutlists.write(tmp_path / "shots.csv", SHOTS)
    rows = list(csv.DictReader(path.open(encoding="utf8")))
    assert list(rows[0]) == [
        "start",
        "stop",
        "start_time",
        "end_time",
        "begins",
        "key",
        "mixed_start",
        "mixed_stop",
        "start_ticks",
        "end_ticks",
        "ticks_per_second",
    ]
    assert [r["start_time"] for r in rows] == ["0.000000000", "2.002000000", "4.188888889"]
    assert [Fraction(int(r["end_ticks"]), int(r["ticks_per_second"])) for r in rows] == [s.end_time for s in SHOTS]


def test_nothing_in_the_table_is_a_date_or_a_formula_to_a_spreadsheet(tmp_path):
    negative = [
        replace(SHOTS[0], start_time=Fraction(-1, 3)),
        *SHOTS[1:],
        *cut([200, 230, 305, 480], [Fraction(n, 25) for n in range(481)]),
    ]
    for row in csv.reader(cutlists.write(tmp_path / "shots.csv", negative).open(encoding="utf8")):
        for cell in row:
            assert re.fullmatch(r"-?\d+(\.\d{9})?|[a-z_]+", cell), cell


def test_a_table_with_fractions_as_it_was_written_before_is_still_read(tmp_path):
    (tmp_path / "shots.csv").write_text(
        "start,stop,start_time,end_time,begins,key,mixed_start,mixed_stop\n30,76,6/5,76/25,cut,31,30,30\n"
    )
    assert cutlists.read(tmp_path / "shots.csv") == [
        Shot(30, 76, Fraction(6, 5), Fraction(76, 25), "cut", 31, (30, 30))
    ]


def test_pandas_reads_the_times_as_numbers(tmp_path):
    pandas = pytest.importorskip("pandas", reason="pandas is not installed: pip install vdlab[test]")
    table = pandas.read_csv(cutlists.write(tmp_path / "shots.csv", SHOTS))
    assert (table.end_time - table.start_time).sum() == pytest.approx(3723, abs=1e-8)
    assert (table.start_ticks / table.ticks_per_second).tolist() == pytest.approx(
        [float(s.start_time) for s in SHOTS], abs=1e-12
    )
    assert [table[name].dtype.kind for name in ("start", "start_time", "key", "end_ticks")] == ["i", "f", "i", "i"]


RATES = [Fraction(n) for n in (24, 25, 30, 48, 50, 60)] + [Fraction(n * 1000, 1001) for n in (24, 30, 48, 60)]
OTHERS = [Fraction(n) for n in (10, 12, 15, 72, 90, 100, 120, 144, 240)] + [
    Fraction(120000, 1001),
    Fraction(25, 2),
    Fraction(100, 3),
]
CUTS = [0, 50, 51, 150, 1000]


@pytest.mark.parametrize("fps", RATES + OTHERS, ids=lambda fps: f"{float(fps):.3f}")
@pytest.mark.parametrize("ticks", [None, 1000, 90000], ids=["exact", "milliseconds", "transport stream"])
def test_a_clip_s_rate_is_the_one_that_people_know(fps, ticks):
    if ticks == 1000 and fps == Fraction(100, 3):
        pytest.skip("a third of a hundredth is no whole millisecond: the mean of rounded times has no name")
    times = [Fraction(7, 5) + (n / fps if ticks is None else Fraction(round(n / fps * ticks), ticks)) for n in CUTS]
    assert frame_rate.named(CUTS, times) == frame_rate.Rate(fps, False)


def test_a_rate_that_varies_is_said_to_and_stands_near_its_mean():
    times = [Fraction(0)]
    for n in range(1000):
        times.append(times[-1] + Fraction((3000, 3003, 2990, 3900)[n * n % 4], 90000))
    assert frame_rate.named(CUTS, [times[n] for n in CUTS]).fps in (Fraction(30), Fraction(30000, 1001))
    assert frame_rate.named([0, 50, 200], [Fraction(0), Fraction(5), Fraction(2003, 100)]) == frame_rate.Rate(
        Fraction(10), False
    )
    gap = [Fraction(n, 25) + (n >= 190) * Fraction(8, 10) for n in range(201)]
    known = [0, 50, 180, 200]
    assert frame_rate.named(known, [gap[n] for n in known]) == frame_rate.Rate(Fraction(25), True)
    slow = [Fraction(n * n, 1000) for n in range(101)]
    assert frame_rate.named([0, 20, 100], [slow[0], slow[20], slow[100]]) == frame_rate.Rate(Fraction(30), True)
    assert frame_rate.named([0, 0], [Fraction(0), Fraction(0)]).fps == 25


NAMES = [
    "my clip#1.mp4",
    "übung.mp4",
    "日本語 クリップ.mp4",
    'it\'s "quoted".mp4',
    "12:30 take.mp4",
    "100%.mp4",
    "a?b&c=d.mp4",
    "007.mp4",
    "-x.mp4",
    "bl.mp4",
    "x" * 200 + ".mp4",
    "concat:a.mp4",
    "a b/c d.mp4",
    "/abs/my clip#1.mp4",
    "no ext",
    "new\nline.mp4",
    "&<>.mp4",
    "=1+1.mp4",
]


def test_an_edit_list_names_its_file_by_an_address():
    assert [
        edit_lists.address(m)
        for m in (
            "my clip#1.mp4",
            "/a b/ü.mp4",
            "C:\\clips\\my clip#1.mp4",
            "\\\\host\\share\\a b.mp4",
            "https://x.org/a.mp4",
        )
    ] == [
        "my%20clip%231.mp4",
        "file:///a%20b/%C3%BC.mp4",
        "file:///C:/clips/my%20clip%231.mp4",
        "file://host/share/a%20b.mp4",
        "https://x.org/a.mp4",
    ]
    for name in NAMES:
        assert unquote(edit_lists.address(name)).removeprefix("file://") == name
    assert not set(' #?:"') & set("".join(edit_lists.address(n) for n in NAMES if not n.startswith("/")))


def test_reel_names_are_of_eight_plain_letters_and_no_words_of_an_edit_list():
    assert [
        edit_lists.reel(n)
        for n in ("my clip#1.mp4", "übung.mp4", "日本語.mp4", "bars.mov", "bl.mp4", "A very long name.mp4", "007.mp4")
    ] == ["MYCLIP1", "UBUNG", "CLIP1", "BARS1", "BL1", "AVERYLON", "007"]
    assert all(re.fullmatch("[A-Z0-9]{1,8}", edit_lists.reel(n)) for n in NAMES)


@pytest.fixture
def otio():
    module = pytest.importorskip("opentimelineio", reason="OpenTimelineIO is not installed: pip install vdlab[test]")
    have = set(module.adapters.available_adapter_names())
    if missing := {"cmx_3600", "fcp_xml"} - have:
        pytest.skip(f"OpenTimelineIO has no adapter for {', '.join(sorted(missing))}: pip install vdlab[test]")
    return module


@pytest.mark.parametrize("fps", RATES, ids=lambda fps: f"{float(fps):.3f}")
def test_opentimelineio_reads_the_edit_list_and_carries_it_to_edl_and_fcp_xml(tmp_path, otio, fps):
    shots = cut(CUTS, [Fraction(7, 5) + n / fps for n in range(1001)])
    timeline = otio.adapters.read_from_file(str(cutlists.write(tmp_path / "shots.otio", shots, media="my clip#1.mp4")))
    clips = list(timeline.find_clips())
    assert [(c.source_range.start_time.value, c.source_range.duration.value) for c in clips] == [
        (0, 50),
        (50, 1),
        (51, 99),
        (150, 850),
    ]
    assert {c.source_range.start_time.rate for c in clips} == {float(fps)}
    assert clips[0].media_reference.available_range.duration == otio.opentime.RationalTime(1000, float(fps))
    assert otio.url_utils.filepath_from_url(clips[0].media_reference.target_url) == "my clip#1.mp4"
    edl = otio.adapters.write_to_string(timeline, "cmx_3600")
    assert [c.source_range for c in otio.adapters.read_from_string(edl, "cmx_3600", rate=float(fps)).find_clips()] == [
        c.source_range for c in clips
    ]
    assert re.findall(r"^\d{3}  (\S+) ", edl, re.M) == ["MYCLIP1"] * 4
    back = list(
        otio.adapters.read_from_string(otio.adapters.write_to_string(timeline, "fcp_xml"), "fcp_xml").find_clips()
    )
    assert [c.source_range for c in back] == [c.source_range for c in clips]
    assert back[0].media_reference.target_url == "my%20clip%231.mp4"


@pytest.mark.parametrize("media", NAMES)
def test_opentimelineio_finds_a_clip_of_any_name_and_an_edl_keeps_one_line_for_it(tmp_path, otio, media):
    shots = cut([0, 50, 150], [Fraction(n, 25) for n in range(151)])
    timeline = otio.adapters.read_from_file(str(cutlists.write(tmp_path / "shots.otio", shots, media=media)))
    assert otio.url_utils.filepath_from_url(timeline.find_clips()[0].media_reference.target_url) == media
    edl = otio.adapters.write_to_string(timeline, "cmx_3600")
    assert len(list(otio.adapters.read_from_string(edl, "cmx_3600", rate=25).find_clips())) == 2
    assert (
        len(
            list(
                otio.adapters.read_from_string(
                    otio.adapters.write_to_string(timeline, "fcp_xml"), "fcp_xml"
                ).find_clips()
            )
        )
        == 2
    )


def test_an_edit_list_of_a_clip_whose_rate_varies_says_so_and_cuts_at_the_nearest_frame(tmp_path, otio):
    times = [Fraction(114, 10)]
    for n in range(300):
        times.append(times[-1] + Fraction((33, 34, 50, 33)[n * n % 4], 1000))
    path = cutlists.write(tmp_path / "shots.otio", cut([0, 100, 300], times), media="phone.mp4")
    timeline = otio.adapters.read_from_file(str(path))
    assert timeline.metadata["vdlab"]["varies"] is True
    first, second = timeline.find_clips()
    assert first.source_range.start_time.rate in (24, 25, 30000 / 1001, 30)
    assert (
        abs(second.source_range.start_time.to_seconds() - float(times[100] - times[0]))
        <= 0.5 / second.source_range.start_time.rate
    )
    assert first.source_range.end_time_exclusive() == second.source_range.start_time
    assert otio.adapters.write_to_string(timeline, "cmx_3600")
    assert [s.start_time for s in cutlists.read(path)] == [times[0], times[100]]


CODES = [
    ("24000/1001", "10:00:00:00"),
    ("25", "23:59:58:24"),
    ("30000/1001", "01:00:00;00"),
    ("30000/1001", "00:09:59;29"),
    ("30000/1001", "00:10:00;00"),
    ("30000/1001", "01:01:00;02"),
    ("30000/1001", "01:00:00:00"),
    ("60000/1001", "00:01:00;04"),
    ("60000/1001", "11:47:02;59"),
    ("50", "10:00:00:49"),
]


@pytest.mark.parametrize("rate, code", CODES)
def test_time_code_is_counted_as_opentimelineio_counts_it(otio, rate, code):
    theirs = otio.opentime.from_timecode(code, float(Fraction(rate)))
    assert timecode.frame_number(code, Fraction(rate)) == theirs.value


@pytest.mark.parametrize("said", ["", "noon", "1:2:3:4", "aa:00:00:00"])
def test_what_is_no_time_code_is_midnight(said):
    assert timecode.frame_number(said, Fraction(25)) == 0


@pytest.mark.parametrize(
    "rate, code, first, second",
    [
        ("25", "10:00:00:00", "10:00:00:00 10:00:01:05", "10:00:01:05 10:00:02:10"),
        ("30000/1001", "00:00:59;00", "00:00:59;00 00:01:00;02", "00:01:00;02 00:01:01;02"),
    ],
)
def test_an_edit_list_counts_from_the_clips_own_time_code(tmp_path, otio, rate, code, first, second):
    clip, count = tmp_path / "A001.mov", round(2.4 * 25) if rate == "25" else 60
    coded(clip, np.concatenate([scene(n, count / 50, 25) for n in range(2)]), *X264, "-timecode", code, rate=rate)
    assert timecode.first_timecode(clip) == code
    assert cli.main(["shots", str(clip), "--otio", str(tmp_path / "a.otio")]) == 0
    timeline = otio.adapters.read_from_file(str(tmp_path / "a.otio"))
    edl = otio.adapters.write_to_string(timeline, "cmx_3600")
    assert re.findall(r"^\d{3}.* C +(\S+ \S+) ", edl, re.M) == [first, second]
    one = next(iter(timeline.find_clips()))
    assert one.media_reference.available_range.start_time == one.source_range.start_time
    assert [s.start for s in cutlists.read(tmp_path / "a.otio")] == [0, count // 2]


def test_the_chapter_s_edit_list_counts_from_the_clips_own_time_code(tmp_path):
    """The cell as it stands in the notebook, with what the cells before it have made."""
    clip = coded(tmp_path / "a.mov", scene(0, 0.4, 25), *X264, "-timecode", "10:00:00:00")
    cells = json.loads((Path(__file__).parents[2] / "notebooks" / "01_keyframes.ipynb").read_text("utf8"))["cells"]
    (cell,) = (code for c in cells if "cutlists.write" in (code := "".join(c["source"])))
    lab = SimpleNamespace(clip=clip, info=video.probe(clip), artifact=lambda name: tmp_path / name)
    exec(cell, {"cutlists": cutlists, "video": video, "lab": lab, "shots": keyframes.find_shots(clip)})
    (one,) = json.loads((tmp_path / "shots.otio").read_text("utf8"))["tracks"]["children"][0]["children"]
    assert one["source_range"]["start_time"]["value"] == 10 * 3600 * 25


def test_a_clip_without_time_code_has_none(tmp_path):
    assert timecode.first_timecode(coded(tmp_path / "a.mp4", scene(0, 0.2, 25), *X264)) == ""


def test_chapters_read_as_a_player_reads_them(tmp_path):
    lines = cutlists.write(tmp_path / "shots.vtt", SHOTS).read_text("utf8").splitlines()
    cues = [n for n, line in enumerate(lines) if " --> " in line]
    assert lines[:2] == ["WEBVTT", ""]
    assert lines[cues[0]] == "00:00:00.000 --> 00:00:02.002"
    assert lines[cues[2]].endswith("--> 01:02:03.000")
    assert lines[cues[2] + 1] == "Shot 3 · dissolve"


def test_ffmpeg_splits_the_clip_into_exactly_the_shots(tmp_path):
    clip = sample_clips.find_clip("bikes")
    shots = keyframes.find_shots(clip)
    script = cutlists.write(tmp_path / "shots.sh", shots, media=clip).read_text("utf8")
    lengths = []
    for arguments in re.findall(r"-vf trim=(\S+),setpts", script):
        with av.open(str(clip)) as container:
            graph = av.filter.Graph()
            nodes = (
                graph.add_buffer(template=container.streams.video[0]),
                graph.add("trim", arguments),
                graph.add("buffersink"),
            )
            nodes[0].link_to(nodes[1])
            nodes[1].link_to(nodes[2])
            graph.configure()
            for frame in container.decode(video=0):
                graph.push(frame)
            lengths.append(_drained(graph))
    assert lengths == [s.stop - s.start for s in shots]


def _drained(graph) -> int:
    count = 0
    while True:
        try:
            graph.pull()
            count += 1
        except (av.BlockingIOError, av.EOFError):
            return count


def pictures(count: int) -> np.ndarray:
    """Frames that each look like none of the others, uint8 (count, 48, 64, 3)."""
    return np.random.default_rng(0).integers(0, 256, (count, 6, 8, 3), np.uint8).repeat(8, 1).repeat(8, 2)


@pytest.fixture(scope="module")
def sounding(tmp_path_factory):
    """Twenty frames, 25/s, B pictures among them, with a tone."""
    folder = tmp_path_factory.mktemp("sounding")
    mute = video.write(folder / "mute.mp4", pictures(20), fps=25)
    ffmpeg("-i", mute, "-f lavfi -i sine=d=0.8:r=48000 -c:v copy -c:a aac", folder / "clip.mp4")
    return folder / "clip.mp4"


FAKE = """#!/bin/sh
# an FFmpeg of another age: OLD knows -vsync alone; what it does is done by the real one
for word in "$@"; do case $word in
    -h) echo '-vsync     set video sync method'; exit;;
    -fps_mode) echo "Unrecognized option 'fps_mode'."; exit 1;;
esac; done
for word in "$@"; do shift; case $word in -vsync) set -- "$@" -fps_mode;; *) set -- "$@" "$word";; esac; done
exec REAL "$@"
"""


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """Folders with an `ffmpeg` of today, one that is old, and one that fails midway."""
    root = tmp_path_factory.mktemp("programs")
    for name, text in (
        ("today", f'#!/bin/sh\nexec {FFMPEG} "$@"\n'),
        ("old", FAKE.replace("REAL", FFMPEG)),
        (
            "broken",
            '#!/bin/sh\nfor out in "$@"; do :; done\n[ "$out" = long ] && exit\necho half > "${out#file:}"\nexit 1\n',
        ),
    ):
        (root / name).mkdir()
        (root / name / "ffmpeg").write_text(text)
        (root / name / "ffmpeg").chmod(stat.S_IRWXU)
    return root


def split(script, programs, *arguments, age="today", here=None):
    """Run a script in the folder `here`, with nothing on its standard input."""
    return subprocess.run(
        ["sh", script, *arguments],
        cwd=here or script.parent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": f"{programs / age}:{os.environ['PATH']}"},
    )


def assert_is_shot(path, shot, whole):
    """The file at `path` is `shot` of the frames `whole`, from its first picture to its last."""
    found = video.read(path).astype(int)
    assert len(found) == shot.stop - shot.start
    for picture, true in ((found[0], shot.start), (found[-1], shot.stop - 1)):
        assert np.argmin([np.abs(picture - frame).mean() for frame in whole]) == true


@pytest.mark.parametrize("age", ["today", "old"])
def test_the_script_run_twice_gives_every_shot_exactly_with_its_sound(tmp_path, sounding, programs, age):
    (tmp_path / "clip.mp4").write_bytes(sounding.read_bytes())
    shots = cut([0, 7, 8, 20], [Fraction(n, 25) for n in range(21)])
    script, whole = cutlists.write(tmp_path / "shots.sh", shots, media="clip.mp4"), video.read(sounding)
    for _ in range(2):
        done = split(script, programs, age=age)
        assert done.returncode == 0, done.stderr
    for number, shot in enumerate(shots, 1):
        path = tmp_path / f"clip-shot-{number:03d}.mp4"
        assert_is_shot(path, shot, whole)
        with av.open(str(path)) as container:
            sound = container.streams.audio[0]
            played = max((f.time + f.samples / f.sample_rate for f in container.decode(sound)), default=0)
        assert abs(played - (shot.end_time - shot.start_time)) <= 0.022  # an AAC frame of 1024 samples
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "clip-shot-001.mp4",
        "clip-shot-002.mp4",
        "clip-shot-003.mp4",
        "clip.mp4",
        "shots.sh",
    ]


@pytest.fixture(scope="module")
def broadcast(tmp_path_factory, sounding):
    """A transport stream that begins at 11.4 s: black for 0.8 s, white after that; the tone ends with the cut."""
    path = tmp_path_factory.mktemp("broadcast") / "part.ts"
    tone = "aevalsrc=exprs='0.5*sin(2000*t)*lt(t,0.8)':d=1.6:s=48000"
    graph = (
        "color=black:s=64x48:r=25:d=0.8,noise=alls=20[a];color=white:s=64x48:r=25:d=0.8,noise=alls=20[b];[a][b]concat"
    )
    ffmpeg(
        "-f lavfi -i", graph, "-f lavfi -i", tone, "-pix_fmt yuv420p -c:v libx264 -c:a mp2 -output_ts_offset 10", path
    )
    return path


def test_times_are_those_that_a_player_shows_for_a_stream_whose_clock_begins_anywhere(tmp_path, broadcast, programs):
    shots = keyframes.find_shots(broadcast)
    assert [s.start for s in shots] == [0, 20]
    chapters = cutlists.write(tmp_path / "shots.vtt", shots).read_text("utf8")
    cues = [[cut_records._seconds(at) for at in cue] for cue in re.findall(r"(\S+) --> (\S+)", chapters)]
    assert cues[0][0] == 0
    assert Fraction(8, 10) <= cues[1][0] < Fraction(9, 10)
    assert cues[1][0] == cues[0][1]
    rows = list(csv.DictReader(cutlists.write(tmp_path / "shots.csv", shots).open(encoding="utf8")))
    assert 0 <= float(rows[0]["start_time"]) < 0.1
    done = split(cutlists.write(tmp_path / "shots.sh", shots, media=str(broadcast)), programs)
    assert done.returncode == 0, done.stderr
    loudness = []
    for number in (1, 2):
        with av.open(str(tmp_path / f"part-shot-{number:03d}.mp4")) as container:
            sound = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
        loudness.append((np.abs(sound) > 0.1).mean())
    assert loudness[0] > 0.6
    assert loudness[1] < 0.02


HOSTILE = [
    "my 'clip'.mp4",
    '"$HOME" `id`.mp4',
    "-y.mp4",
    "concat:a.mp4",
    "tcp:host.mp4",
    "pipe:0.mp4",
    "100%03d.mp4",
    "a#b?c&d;e|f.mp4",
    "new\nline.mp4",
    "back\\slash.mp4",
    "日本語.mp4",
    "*.mp4",
    "  .mp4",
    "x" * 230 + ".mp4",
    "crypto:file:a.mp4",
    "12:30.mp4",
    "=cmd.mp4",
    "~.mp4",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_the_script_splits_a_clip_of_any_name_from_any_folder(tmp_path, sounding, programs, name):
    (tmp_path / "clips").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "clips" / name).write_bytes(sounding.read_bytes())
    shots, whole = cut([0, 12, 20], [Fraction(n, 25) for n in range(21)]), video.read(sounding)
    script = cutlists.write(tmp_path / "clips" / "shots.sh", shots, media=name)
    assert cutlists.read(script) == shots
    for here in ("clips", "elsewhere"):
        done = split(script, programs, here=tmp_path / here)
        assert done.returncode == 0, done.stderr
        made = sorted((tmp_path / here).glob("*-shot-*"))
        assert len(made) == 2
        for path, shot in zip(made, shots):
            assert_is_shot(path, shot, whole)
    assert split(script, programs, name).returncode == 0


def test_sound_that_begins_later_than_the_pictures_stays_in_step(tmp_path, sounding, programs):
    clip = tmp_path / "late.mkv"
    ffmpeg("-i", sounding, "-itsoffset 0.2 -i", sounding, "-map 0:v -map 1:a -c:v copy -c:a flac", clip)
    times = [Fraction(n, 25) for n in range(21)]
    done = split(cutlists.write(tmp_path / "shots.sh", cut([0, 10, 20], times), media="late.mkv"), programs)
    assert done.returncode == 0, done.stderr
    with av.open(str(tmp_path / "late-shot-001.mp4")) as container:
        sound = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
    begins = np.argmax(np.abs(sound) > 0.05) / 48000
    assert abs(begins - 0.2) < 0.03


def test_a_clip_elsewhere_is_given_to_the_script_and_one_that_is_not_there_is_named(tmp_path, sounding, programs):
    script = cutlists.write(tmp_path / "shots.sh", cut([0, 20], [Fraction(n, 25) for n in range(21)]), media="gone.mp4")
    done = split(script, programs)
    assert done.returncode == 2
    assert "there is no file gone.mp4" in done.stderr
    (tmp_path / "gone.mp4").mkdir()
    assert "gone.mp4 is a folder" in split(script, programs).stderr
    assert split(script, programs, sounding).returncode == 0
    assert len(video.read(tmp_path / "gone-shot-001.mp4")) == 20


def test_an_ffmpeg_that_fails_stops_the_script_and_leaves_no_half_file(tmp_path, sounding, programs):
    script = cutlists.write(
        tmp_path / "shots.sh", cut([0, 10, 20], [Fraction(n, 25) for n in range(21)]), media=str(sounding)
    )
    assert split(script, programs, age="broken").returncode == 1
    assert [p.name for p in tmp_path.iterdir()] == ["shots.sh"]


def test_the_script_keeps_the_times_of_a_varying_rate_and_an_odd_size(tmp_path, programs):
    times = [Fraction(0)]
    for n in range(30):
        times.append(times[-1] + Fraction((33, 34, 100, 33, 17)[n % 5], 1000))
    clip = video.write(tmp_path / "phone.mp4", pictures(30), fps=25, times=times[:-1])
    shots = cut([0, 11, 30], times)
    assert split(cutlists.write(tmp_path / "shots.sh", shots, media="phone.mp4"), programs).returncode == 0
    whole = video.read(clip)
    for number, shot in enumerate(shots, 1):
        path = tmp_path / f"phone-shot-{number:03d}.mp4"
        assert_is_shot(path, shot, whole)
        shown = [time for _, time, _ in decode_frames(path)]
        assert max(
            abs(t - (true - shot.start_time)) for t, true in zip(shown, times[shot.start : shot.stop])
        ) <= Fraction(1, 1000)
    odd = tmp_path / "odd.webm"
    ffmpeg("-f lavfi -i", "testsrc=s=53x37:r=25:d=0.4", "-pix_fmt yuv420p -c:v libvpx", odd)
    done = split(
        cutlists.write(tmp_path / "shots.sh", cut([0, 4, 10], [Fraction(n, 25) for n in range(11)]), media="odd.webm"),
        programs,
    )
    assert done.returncode == 0, done.stderr
    assert [len(video.read(tmp_path / f"odd-shot-00{n}.mp4")) for n in (1, 2)] == [4, 6]


def test_unknown_formats_and_foreign_files_are_errors(tmp_path):
    with pytest.raises(ParameterError, match=".csv, .json, .otio, .vtt, .sh"):
        cutlists.write(tmp_path / "shots.xml", SHOTS)
    with pytest.raises(ParameterError, match="no shots"):
        cutlists.write(tmp_path / "shots.otio", [])
    for suffix in cutlists.FORMATS:
        other = tmp_path / f"other{suffix}"
        other.write_text('{"a": 1}\n1,2,3\n')
        with pytest.raises(ParameterError, match="not a cut list"):
            cutlists.read(other)
    assert not list(tmp_path.glob(".*partial*"))


@pytest.mark.parametrize("suffix", [".vtt", ".sh"])
def test_a_title_that_somebody_changed_is_an_error_that_says_so(tmp_path, suffix):
    path = cutlists.write(tmp_path / f"shots{suffix}", SHOTS)
    path.write_text(path.read_text("utf8").replace("· key", "· mine", 1), "utf8")
    with pytest.raises(ParameterError, match="no shot's title"):
        cutlists.read(path)
