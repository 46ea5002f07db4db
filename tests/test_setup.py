"""One list of dependencies: the lock, the conda file and the installed package agree with pyproject.toml."""

import re
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
WANTED = [Requirement(r) for r in PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["test"]]
LOCK = (ROOT / "requirements.lock").read_text()
LOCKED = {}
for name, version, *_ in re.findall(r"^([\w.-]+)==([\w.+-]+)", LOCK, re.M):
    LOCKED.setdefault(canonicalize_name(name), []).append(version)


def test_everything_wanted_is_locked_in_a_version_that_is_allowed():
    for wanted in WANTED:
        versions = LOCKED.get(canonicalize_name(wanted.name))
        assert versions and any(wanted.specifier.contains(v) for v in versions), wanted


def test_the_lock_has_hashes_and_no_address():
    entries = re.split(r"\n(?=\S)", LOCK.strip())
    assert len(entries) > 100 and all("--hash=sha256:" in e for e in entries)
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
    assert "-e ." in text and not any(line.lower().startswith(("opencv", "numpy", "tensorflow")) for line in lines)
    low, high = re.search(r"python >=([\d.]+),<([\d.]+)", text).groups()
    assert PROJECT["project"]["requires-python"] == f">={low},<{high}"
