"""A system that gives little (no output, no room, few files, no cache) gets a sentence, never a traceback."""

import os
import resource
import subprocess
import sys

import pytest

from tests.conftest import ROOT

VDLAB = [sys.executable, "-m", "vdlab.cli"]


def run(*arguments, **options):
    return subprocess.run(
        [*VDLAB, *map(str, arguments)], cwd=ROOT, text=True, stderr=subprocess.PIPE, timeout=600, **options
    )


@pytest.mark.parametrize("arguments", [["list"], ["list", "--json"], ["list", "04"]])
def test_output_onto_a_full_disk_is_one_sentence(arguments):
    with open("/dev/full", "w") as full:
        end = run(*arguments, stdout=full)
    assert end.returncode == 2
    assert end.stderr == "vdlab: what is printed cannot be written (No space left on device).\n"


def test_a_sentence_that_cannot_be_printed_has_its_exit_code():
    with open("/dev/full", "w") as full:
        end = subprocess.run([*VDLAB, "shots", "nope.mp4"], cwd=ROOT, stderr=full, timeout=600)
    assert end.returncode == 2


def test_closed_output_is_nobody_who_reads():
    end = run("list", preexec_fn=lambda: os.close(1))
    assert end.returncode == 0
    assert end.stderr == ""


def test_files_are_not_printed_into_where_output_is_closed(tmp_path):
    end = run("run", "00", "synthetic", "-p", "width=96", "--out", tmp_path / "out", preexec_fn=lambda: os.close(1))
    assert end.returncode == 0, end.stderr
    again = run("verify", tmp_path / "out", "--files-only", stdout=subprocess.PIPE)
    assert again.returncode == 0, again.stdout


def test_a_reader_who_goes_away_is_no_error():
    reader, writer = os.pipe()
    os.close(reader)
    end = run("list", stdout=writer)
    os.close(writer)
    assert end.returncode == 0
    assert end.stderr == ""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "shift_jis"])
def test_a_terminal_that_cannot_show_a_character_gets_its_escape(encoding):
    end = subprocess.run(
        [*VDLAB, "list"], cwd=ROOT, capture_output=True, env={**os.environ, "PYTHONIOENCODING": encoding}
    )
    assert end.returncode == 0
    assert end.stderr == b""
    assert "built-in clips" in end.stdout.decode(encoding)


@pytest.mark.parametrize("cache", ["/dev/null", "/proc", "file"])
def test_a_cache_folder_that_cannot_be_used_is_one_sentence(tmp_path, cache):
    (tmp_path / "file").touch()
    where = str(tmp_path / "file") if cache == "file" else cache
    end = run("report", "synthetic", "--out", tmp_path / "out", env={**os.environ, "XDG_CACHE_HOME": where})
    assert end.returncode == 2
    assert len(end.stderr.splitlines()) == 1
    assert "XDG_CACHE_HOME" in end.stderr


def test_too_few_open_files_are_one_sentence_before_anything_runs(tmp_path):
    few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    end = run("run", "00", "synthetic", "-p", "width=96", "--out", tmp_path / "out", preexec_fn=few)
    assert end.returncode == 2
    assert end.stderr == "vdlab: only 64 files may be open at a time, and chapters need 128: ulimit -n 4096\n"
    assert [*tmp_path.iterdir()] == []


def test_as_many_open_files_as_are_allowed_are_asked_for(tmp_path):
    few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (32, 4096))
    end = run("run", "00", "synthetic", "-p", "width=96", "--out", tmp_path / "out", preexec_fn=few)
    assert end.returncode == 0, end.stderr


@pytest.mark.parametrize("most", [300, 700, 1400])
def test_too_little_memory_for_the_libraries_is_said_before_they_are_loaded(most):
    little = lambda: resource.setrlimit(resource.RLIMIT_AS, (most << 20, most << 20))
    end = run("enhance", "carphone", "x.mp4", "--dry-run", preexec_fn=little)
    assert end.returncode == 2
    assert end.stderr == f"vdlab: only {most} MB of memory may be used, and 1500 are needed: ulimit -v\n"


def test_little_memory_is_one_sentence(tmp_path):
    little = lambda: resource.setrlimit(resource.RLIMIT_AS, (900 << 20, 900 << 20))
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    end = run("run", "00", "synthetic", "-p", "width=96", "--out", tmp_path / "out", preexec_fn=little, env=env)
    assert end.returncode in (1, 2)
    assert "Traceback" not in end.stderr
    assert end.stderr.splitlines()[-1].startswith("vdlab: ")


def test_a_built_in_clip_is_the_same_whatever_opencv_is_told():
    code = "import hashlib\nfrom vdlab.video import sample_clips\n"
    code += "print(hashlib.sha256(sample_clips._synthetic()[0]).hexdigest())"
    said = [
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, text=True, stdout=subprocess.PIPE, env=os.environ | told)
        for told in ({}, {"OPENCV_IPP": "disabled"})
    ]
    assert len(said[0].stdout) == 65
    assert said[0].stdout == said[1].stdout
