"""Cut lists: what is written is read back, and the programs they are for understand them."""

import re
from dataclasses import replace
from fractions import Fraction

import av
import pytest

from vdlab import cutlists, keyframes, samples
from vdlab.errors import ParameterError
from vdlab.keyframes import Shot

NTSC = Fraction(1001, 30000)
SHOTS = [Shot(0, 60, 0 * NTSC, 60 * NTSC, "start", 31, (0, 0)), Shot(60, 140, 60 * NTSC, Fraction(377, 90), "cut", 100, (60, 60)),
         Shot(140, 200, Fraction(377, 90), Fraction(3723, 1), "dissolve", 170, (130, 150))]


@pytest.mark.parametrize("suffix, tolerance", [(".csv", 0), (".json", 0), (".otio", 0), (".vtt", Fraction(1, 2000)),
                                               (".sh", 0)])
def test_every_format_gives_back_what_was_written(tmp_path, suffix, tolerance):
    back = cutlists.read(cutlists.write(tmp_path / f"shots{suffix}", SHOTS, media="my 'clip'.mp4"))
    for found, true in zip(back, SHOTS, strict=True):
        assert abs(found.start_time - true.start_time) <= tolerance and abs(found.end_time - true.end_time) <= tolerance
        assert replace(found, start_time=true.start_time, end_time=true.end_time) == true


def test_chapters_read_as_a_player_reads_them(tmp_path):
    lines = cutlists.write(tmp_path / "shots.vtt", SHOTS).read_text("utf8").splitlines()
    cues = [n for n, line in enumerate(lines) if " --> " in line]
    assert lines[:2] == ["WEBVTT", ""] and lines[cues[0]] == "00:00:00.000 --> 00:00:02.002"
    assert lines[cues[2]].endswith("--> 01:02:03.000") and lines[cues[2] + 1] == "Shot 3 · dissolve"


def test_ffmpeg_splits_the_clip_into_exactly_the_shots(tmp_path):
    clip = samples.find("bikes")
    shots = keyframes.find_shots(clip)
    script = cutlists.write(tmp_path / "shots.sh", shots, media=clip).read_text("utf8")
    lengths = []
    for arguments in re.findall(r"-vf trim=(\S+),setpts", script):
        with av.open(str(clip)) as container:
            graph = av.filter.Graph()
            nodes = graph.add_buffer(template=container.streams.video[0]), graph.add("trim", arguments), graph.add("buffersink")
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


def test_unknown_formats_and_foreign_files_are_errors(tmp_path):
    with pytest.raises(ParameterError, match=".csv, .json, .otio, .vtt, .sh"):
        cutlists.write(tmp_path / "shots.xml", SHOTS)
    for suffix in cutlists.FORMATS:
        other = tmp_path / f"other{suffix}"
        other.write_text('{"a": 1}\n1,2,3\n')
        with pytest.raises(ParameterError, match="not a cut list"):
            cutlists.read(other)
    assert not list(tmp_path.glob(".*partial*"))
