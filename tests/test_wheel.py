"""What is installed without the repository works as the repository does: the wheel, and the sdist from which others
build it.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("vdlab", "notebooks", "pyproject.toml", "setup.py", "README.md")
BUILD = "from setuptools import build_meta; build_meta.build_{kind}({out!r})"


def build(kind: str, source: Path, out: Path) -> Path:
    """Build a wheel or sdist as pip does, by the backend that pyproject.toml names, from `source`."""
    subprocess.run(
        [sys.executable, "-c", BUILD.format(kind=kind, out=str(out))], cwd=source, check=True, capture_output=True
    )
    return next(out.iterdir())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    return build("wheel", copied(tmp_path_factory.mktemp("tree")), tmp_path_factory.mktemp("wheel"))


def copied(tree: Path) -> Path:
    """The files from which a release is built, without what a build leaves behind."""
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
            )
        else:
            shutil.copy(ROOT / name, tree / name)
    return tree


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """`installed(words…)` runs a program of a new environment that holds the wheel, far from the repository, and
    returns what it prints.

    Other packages are those of this environment, seen through a path file; that does not bring this environment's vdlab
    along.
    """
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False, symlinks=os.name != "nt")
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    site = next(home.glob("lib/python*/site-packages"), home / "Lib" / "site-packages")
    (site / "others.pth").write_text("\n".join(p for p in sys.path if p.endswith("site-packages")))
    (home / "share" / "jupyter").mkdir(parents=True)
    (home / "share" / "jupyter" / "nbconvert").symlink_to(Path(sys.prefix) / "share" / "jupyter" / "nbconvert")
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VDLAB_RUN")}
    subprocess.run(
        [
            programs / "python",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--no-index",
            "--ignore-installed",
            wheel,
        ],
        check=True,
        env=environment,
    )
    away = tmp_path_factory.mktemp("away")

    def run(program: str, *words) -> str:
        end = subprocess.run(
            [programs / program, *map(str, words)],
            cwd=away,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert end.returncode == 0, end.stderr
        return end.stdout

    run.home, run.away = home, away
    return run


def test_the_sdist_builds_the_same_wheel(wheel, tmp_path, tmp_path_factory):
    sdist = build("sdist", copied(tmp_path), tmp_path_factory.mktemp("sdist"))
    with tarfile.open(sdist) as archive:
        archive.extractall(unpacked := tmp_path_factory.mktemp("unpacked"), filter="data")
    again = build("wheel", next(unpacked.iterdir()), tmp_path_factory.mktemp("again"))
    first, second = (
        {i.filename: i.CRC for i in zipfile.ZipFile(w).infolist() if not i.filename.endswith("RECORD")}
        for w in (wheel, again)
    )
    assert first == second


def test_the_wheel_holds_every_chapter_and_every_file_the_package_reads(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {n for n in names if n.endswith(".ipynb")} == {
        f"vdlab/notebooks/{p.name}" for p in (ROOT / "notebooks").glob("*.ipynb")
    }
    read = {p.relative_to(ROOT).as_posix() for p in (ROOT / "vdlab").rglob("*") if p.is_file() and p.suffix != ".pyc"}
    assert read <= names


def test_the_installed_kit_is_the_wheel_and_lists_its_chapters(installed):
    assert installed("python", "-c", "import vdlab; print(vdlab.__file__)").startswith(str(installed.home))
    listed = installed("vdlab", "list")
    assert [p.stem for p in sorted((ROOT / "notebooks").glob("*.ipynb")) if f"\n{p.stem}\n" not in listed] == []


def test_the_installed_kit_runs_a_chapter_and_a_report(installed):
    installed("vdlab", "run", "01", "synthetic", "--out", "one")
    installed("vdlab", "report", "synthetic", "--chapters", "0-1", "--out", "two")
    for folder, chapters in (("one", ["01_keyframes"]), ("two", ["00_overview", "01_keyframes"])):
        assert list(json.loads((installed.away / folder / "metrics.json").read_text("utf8"))["chapters"]) == chapters
        assert (installed.away / folder / "index.html").stat().st_size > 10_000


def test_a_copied_notebook_runs_beside_the_installed_kit(installed):
    shutil.copy(ROOT / "notebooks" / "01_keyframes.ipynb", installed.away / "copy.ipynb")
    installed("python", "-m", "papermill", "--no-progress-bar", "copy.ipynb", "out.ipynb", "-p", "clip", "synthetic")
    assert json.loads((installed.away / "vdlab-live" / "records" / "01_keyframes.json").read_text("utf8"))["records"]
