"""The command line as a user meets it: help that helps, one sentence for bad input, exit codes that mean something."""

import json
import shlex
import shutil
import subprocess

import pytest

from tests.scenery import scene
from tests.video.test_reading import bad_file
from vdlab import video
from vdlab.cli import program
from vdlab.report import parameters


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["report", "--help"],
        ["run", "--help"],
        ["sweep", "--help"],
        ["list", "--help"],
        ["verify", "--help"],
        ["lab", "--help"],
    ],
)
def test_every_help_shows_an_example(vdlab, arguments):
    end = vdlab(*arguments)
    assert end.returncode == 0
    assert "example" in end.stdout
    assert "vdlab" in end.stdout


@pytest.mark.parametrize("columns", [40, 80])
def test_no_line_of_help_is_wider_than_the_terminal(monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    parser = program.build_parser()
    for shown in (parser, *parser.get_default("verbs").values()):
        for line in shown.format_help().splitlines():
            exclusive = " | " in line  # argparse keeps these options together
            assert len(line) <= columns or exclusive, (shown.prog, line)


def test_an_example_keeps_its_explanation_beside_it_or_below(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    assert "\n  vdlab report                            every chapter on the built-in clip 'bikes'\n" in (
        program.build_parser().format_help()
    )
    monkeypatch.setenv("COLUMNS", "42")
    assert "\n  vdlab report\n      every chapter on the built-in clip\n      'bikes'\n" in (
        program.build_parser().format_help()
    )


@pytest.mark.parametrize(
    "words, said",
    [
        (["reprot"], "there is no command 'reprot': did you mean report? (vdlab --help says more)"),
        (["Enhance", "a", "b"], "there is no command 'Enhance': did you mean enhance? (vdlab --help says more)"),
        (["version"], "there is no command 'version': did you mean --version? (vdlab --help says more)"),
        (["holiday.mp4"], "there is no command 'holiday.mp4' (vdlab --help says more)"),
        ([], "a command is missing, such as report (vdlab --help says more)"),
        (["--versoin"], "there is no option or argument --versoin: did you mean --version? (vdlab --help says more)"),
        (
            ["enhance", "a", "b", "--scle=2"],
            "there is no option or argument --scle=2: did you mean --scale? (vdlab enhance --help says more)",
        ),
        (["enhance", "a", "b", "c"], "there is no option or argument c (vdlab enhance --help says more)"),
        (
            ["enhance", "a", "b", "--scale", "two"],
            "argument --scale: not a whole number: 'two' (vdlab enhance --help says more)",
        ),
    ],
)
def test_a_word_that_is_not_known_is_one_sentence_with_the_nearest(capsys, words, said):
    assert program.main(words) == 2
    assert capsys.readouterr().err == f"vdlab: {said}\n"


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    "words, found",
    [
        (["rep"], "report repair"),
        (["enhance", "my"], "my clip.mp4"),
        (["run", "my"], "my clip.mp4"),
        (["report", "--out", "fol"], "folder"),
        (["shots", "--csv", "my"], "my clip.mp4"),
        (["report", "--preset", "q"], "quick"),
    ],
)
def test_a_shell_completes_commands_values_and_names_of_files(capsys, tmp_path, words, found):
    with pytest.raises(SystemExit):
        program.main(["--print-completion", "bash"])
    (tmp_path / "my clip.mp4").touch()
    (tmp_path / "folder").mkdir()
    typed = " ".join(map(shlex.quote, ["vdlab", *words]))
    script = (
        f"{capsys.readouterr().out}\nCOMP_WORDS=({typed}); COMP_CWORD={len(words)}; _shtab_vdlab\n"
        'echo "${COMPREPLY[*]}"'
    )
    end = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert end.stdout.strip() == found


def test_help_loads_neither_opencv_nor_tensorflow(vdlab):
    import subprocess
    import sys

    code = (
        "import sys, vdlab.cli\ntry: vdlab.cli.main(['--help'])\nexcept SystemExit: pass\nprint([m for m in "
        "('cv2', 'tensorflow', 'numpy') if m in sys.modules])"
    )
    end = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert end.stdout.splitlines()[-1] == "[]"


def test_no_grammar_is_compiled_before_a_notebook_is_read():
    """jsonschema would, for formats that no notebook has: two seconds of every command."""
    import subprocess
    import sys

    code = "import sys; from vdlab.runner import reports; import nbformat; print('lark' in sys.modules)"
    end = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert end.stdout.strip() == "False", end.stderr


def test_chapters_00_to_02_start_without_tensorflow():
    import subprocess
    import sys

    for chapter in [c for c in parameters.chapter_names() if c[:2] in ("00", "01", "02")]:
        cells = json.loads(parameters.notebook_path(chapter).read_text())["cells"]
        code = "\n".join("".join(c["source"]) for c in [c for c in cells if c["cell_type"] == "code"][1:2])
        known = {p.name: p.default for p in parameters.declared_parameters(parameters.notebook_path(chapter)).values()}
        script = (
            f"globals().update({known!r})\nimport os, sys, tempfile\nos.environ['VDLAB_RUN'] = "
            f"tempfile.mkdtemp()\n{code}\nprint('tensorflow' in sys.modules)"
        )
        end = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        assert end.stdout.splitlines()[-1:] == ["False"], end.stderr


@pytest.mark.parametrize("kind", ["missing", "text", "empty", "cut short", "audio only"])
def test_a_bad_clip_is_one_sentence_and_exit_code_2(vdlab, tmp_path, kind):
    end = vdlab("report", bad_file(tmp_path, kind), "--out", tmp_path / "out")
    assert end.returncode == 2
    assert end.stdout == ""
    assert end.stderr.startswith("vdlab: ")
    assert len(end.stderr.splitlines()) == 1
    assert "Traceback" not in end.stderr
    assert not [p for p in tmp_path.iterdir() if "out" in p.name]


@pytest.mark.parametrize(
    "extra, said",
    [
        (["-p", "thet=3"], "did you mean theta"),
        (["-p", "theta=dark"], "number from"),
        (["-p", "01.theta=-4"], "from 0"),
        (["--chapters", "42"], "00_overview"),
        (["--chapters", "5-x"], "no chapter"),
        (["--jobs", "0"], "--jobs"),
    ],
)
def test_a_bad_parameter_is_named_with_what_is_allowed(vdlab, tmp_path, extra, said):
    end = vdlab(
        "report",
        "synthetic",
        "--out",
        tmp_path / "out",
        *([] if "--chapters" in extra else ["--chapters", "0-1"]),
        *extra,
    )
    assert end.returncode == 2
    assert said in end.stderr
    assert "Traceback" not in end.stderr
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_a_sentence(vdlab, tmp_path):
    (tmp_path / "file").write_text("")
    end = vdlab("report", "synthetic", "--out", tmp_path / "file" / "out", "--chapters", "0")
    assert end.returncode == 2
    assert "cannot write" in end.stderr
    assert "Traceback" not in end.stderr


@pytest.mark.parametrize(
    "opencv, cure",
    [
        ("raise ImportError('libGL.so.1: cannot open shared object file: No such file or directory')", "libgl1"),
        (
            "__version__ = '4.12.0'",
            "this is 4.12.0: another package of it lies over the kit's. Run pip uninstall -y "
            "opencv-contrib-python, then pip install --force-reinstall --no-deps opencv-python",
        ),
        ("raise ModuleNotFoundError('No module named cv2')", "there is none"),
    ],
)
def test_what_is_wrong_with_opencv_is_said_and_what_to_do(tmp_path, opencv, cure):
    import subprocess
    import sys

    (tmp_path / "cv2.py").write_text(opencv)
    beside = tmp_path / "opencv_contrib_python-4.12.0.dist-info"
    beside.mkdir()
    (beside / "METADATA").write_text("Metadata-Version: 2.1\nName: opencv-contrib-python\nVersion: 4.12.0\n")
    end = subprocess.run(
        [sys.executable, "-m", "vdlab.cli", "report", "bikes"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )
    assert end.returncode == 2
    assert cure in " ".join(end.stderr.split())
    assert "Traceback" not in end.stderr


def test_list_shows_every_knob_with_its_type_default_and_range(vdlab, tmp_path):
    end = vdlab("list", "--reports", tmp_path)
    assert end.returncode == 0
    for chapter in parameters.chapter_names():
        assert chapter in end.stdout
        for p in parameters.declared_parameters(parameters.notebook_path(chapter)).values():
            assert any(line.split()[:1] == [p.name] and p.allowed in line for line in end.stdout.splitlines()), p.name


def test_list_shows_past_reports_with_their_headline_numbers(vdlab, small_report):
    end = vdlab("list", "--reports", small_report.parent)
    records = [
        r
        for c in json.loads((small_report / "metrics.json").read_text())["chapters"].values()
        for r in c["records"]
        if r["headline"]
    ]
    assert "small" in end.stdout
    assert records
    assert all(r["name"] in end.stdout for r in records)


def test_run_makes_one_chapter_with_a_knob_turned(vdlab, tmp_path):
    end = vdlab("run", "00", "synthetic", "-p", "width=96", "--out", tmp_path / "one")
    assert end.returncode == 0, end.stderr
    assert json.loads((tmp_path / "one" / "run.json").read_text())["parameters"]["00_overview"]["width"] == 96
    assert sorted(p.name for p in (tmp_path / "one").glob("*.html")) == [
        *("00_overview.html", "claims.html", "index.html", "sources.html")
    ]


def test_a_clip_of_a_picture_in_ten_seconds_has_its_features_measured(vdlab, tmp_path):
    video.write(tmp_path / "slow.mp4", scene(1, 1, 6), fps="1/10")
    end = vdlab("run", "02", tmp_path / "slow.mp4", "--out", tmp_path / "one")
    assert end.returncode == 0, end.stderr


@pytest.mark.parametrize("chapter", parameters.chapter_names()[:1])
def test_plain_papermill_runs_a_chapter_from_any_folder(tmp_path, chapter):
    import subprocess
    import sys

    end = subprocess.run(
        [
            sys.executable,
            "-m",
            "papermill",
            str(parameters.notebook_path(chapter)),
            "out.ipynb",
            "-p",
            "clip",
            "synthetic",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert end.returncode == 0, end.stderr[-2000:]
    assert (tmp_path / "out.ipynb").exists()
    assert (tmp_path / "vdlab-live" / "records" / f"{chapter}.json").exists()
