"""One list of dependencies: the lock, the conda file and the installed package agree with pyproject.toml."""

import os
import re
import subprocess
import sys
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

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
