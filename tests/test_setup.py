"""One list of dependencies: the lock, the conda file and the installed package agree with pyproject.toml."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import buttons

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
WANTED = [
    Requirement(r) for r in PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["test"]
]
LOCK = (ROOT / "requirements.lock").read_text()
LOCKED = {}
for name, version, *_ in re.findall(r"^([\w.-]+)==([\w.+-]+)", LOCK, re.M):
    LOCKED.setdefault(canonicalize_name(name), []).append(version)


def test_everything_wanted_is_locked_in_a_version_that_is_allowed():
    for wanted in WANTED:
        versions = LOCKED.get(canonicalize_name(wanted.name))
        assert versions, wanted
        assert any(wanted.specifier.contains(v) for v in versions), wanted


def test_the_lock_has_hashes_and_no_address():
    entries = re.split(r"\n(?=\S)", LOCK.strip())
    assert len(entries) > 100
    assert all("--hash=sha256:" in e for e in entries)
    assert not re.search(r"https?://|file:|--index-url|--find-links|@ ", LOCK)


def test_only_one_opencv_is_locked_and_installed():
    assert [n for n in LOCKED if n.startswith("opencv")] == ["opencv-python"]
    from importlib.metadata import distributions

    assert {d.name for d in distributions() if d.name and d.name.startswith("opencv")} == {"opencv-python"}


def test_what_is_installed_is_what_is_locked():
    from importlib.metadata import version

    for wanted in WANTED:
        assert version(wanted.name) in LOCKED[canonicalize_name(wanted.name)], wanted.name


def test_conda_users_get_the_same_list_and_no_second_opencv():
    text = (ROOT / "environment.yml").read_text()
    lines = [line.strip(" -") for line in text.splitlines() if line.strip().startswith("-")]
    assert "-e ." in text
    assert not any(line.lower().startswith(("opencv", "numpy", "tensorflow")) for line in lines)
    low, high = re.search(r"python >=([\d.]+),<([\d.]+)", text).groups()
    assert PROJECT["project"]["requires-python"] == f">={low},<{high}"


def test_the_kit_starts_where_only_windows_modules_are(tmp_path):
    """`resource` and `fcntl` are for Unix; a report's lock and its memory are told without them."""
    script = (
        "import builtins\nreal = builtins.__import__\n"
        "def without_unix(name, within=None, *rest, **more):\n"
        "    if name in ('resource', 'fcntl') and (within or {}).get('__name__', '').startswith('vdlab'):\n"
        "        raise ImportError(name)\n"
        "    return real(name, within, *rest, **more)\n"
        "builtins.__import__ = without_unix\n"
        "import vdlab\nfrom vdlab import cli\nfrom vdlab.runner import folders\nfrom pathlib import Path\n"
        "lab = vdlab.start(clip='synthetic')\nlab.record('frames', lab.info.frames)\n"
        "print(next(Path('vdlab-live/records').glob('*.memory')).read_text())\n"
        "assert cli.main(['list', '01']) == 0"
    )
    end = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert end.returncode == 0, end.stderr
    assert 10_000 < int(end.stdout.split()[0]) < 10_000_000  # kilobytes


SUPPORTED = [f"3.{minor}" for minor in range(10, 14)]
COMPILE = """
import sys
for name in sys.stdin.read().splitlines():
    with open(name, encoding="utf8") as file:
        compile(file.read(), name, "exec", dont_inherit=True)
"""


def interpreter(version: str) -> str | None:
    """A Python of this version that starts, wherever people keep theirs."""
    kept = Path.home().glob(f".pyenv/versions/{version}.*/bin/python")
    for found in filter(None, (shutil.which(f"python{version}"), *map(str, kept))):
        asked = [found, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        if subprocess.run(asked, capture_output=True, text=True).stdout.strip() == version:
            return found
    return None


@pytest.mark.parametrize("version", SUPPORTED)
def test_every_source_is_understood_by_each_python_that_is_at_hand(version):
    if (python := interpreter(version)) is None:
        pytest.skip(f"there is no Python {version} here")
    sources = [str(p) for folder in ("vdlab", "tests") for p in (ROOT / folder).rglob("*.py")]
    end = subprocess.run([python, "-c", COMPILE], input="\n".join(sources), capture_output=True, text=True)
    assert end.returncode == 0, end.stderr


def test_the_versions_that_are_tested_are_those_that_are_promised():
    named = [
        c for c in PROJECT["project"]["classifiers"] if re.fullmatch(r"Programming Language :: Python :: 3\.\d+", c)
    ]
    assert [c.rpartition(" ")[2] for c in named] == SUPPORTED


def test_a_pyav_that_minds_no_tags_by_itself_is_not_told_to(tmp_path):
    """From 19 on, which newer Pythons get, `av.open` no longer knows the argument."""
    script = (
        "import av, sys\nreal = av.open\nav.__version__ = '19.0.2'\n"
        "def opened(*given, **more):\n    assert 'metadata_errors' not in more\n    return real(*given, **more)\n"
        "av.open = opened\nfrom vdlab import video\nprint(video.probe('synthetic').frames)"
    )
    end = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert end.stdout == "120\n", end.stderr


def test_buttons_open_the_first_chapter_and_chapters_install_what_is_missing(tmp_path, monkeypatch):
    shutil.copy(ROOT / "README.md", tmp_path)
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    buttons.write_buttons(tmp_path, "someone/else")
    buttons.write_buttons(tmp_path, "an-owner/the.kit")
    readme = (tmp_path / "README.md").read_text("utf8")
    links = re.findall(r"\]\((https://[^)]*an-owner/the\.kit[^)]*)\)", readme)
    assert "someone/else" not in readme
    assert len(links) == 2
    assert all(link.endswith(buttons.FIRST) for link in links)
    calls = []
    monkeypatch.setattr(subprocess, "run", lambda words, **_: calls.append(words))
    chapters = sorted((tmp_path / "notebooks").glob("*.ipynb"))
    assert len(chapters) == 12
    for path in chapters:
        book = nbformat.read(path, 4)
        nbformat.validate(book)
        code = [c for c in book.cells if c.cell_type == "code"]
        assert sum("install" in c.metadata.get("tags", []) for c in book.cells) == 1
        exec(code[0].source, {})
        assert not calls  # the kit is there
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    exec(code[0].source, {})
    assert calls[0][-1] == "git+https://github.com/an-owner/the.kit"
    with pytest.raises(SystemExit, match="owner/name"):
        buttons.write_buttons(tmp_path, "https://example.org")
