"""The house keeps its plan: levels, TensorFlow, private names, names of modules, declared dependencies, the README's
map.
"""

import ast
import re
import subprocess
import sys

import pytest

from tests import house

FILES = house.files()
PACKAGES = {m for m in FILES if (house.PACKAGE / m.replace(".", "/") / "__init__.py").exists()}
IMPORTS = {m: list(house.imported(m, tree, m in PACKAGES)) for m, tree in FILES.items()}
DISTRIBUTIONS = {
    "cv2": "opencv-python",
    "skimage": "scikit-image",
    "IPython": "ipython",
    "dp_accounting": "dp-accounting",
    "imageio_ffmpeg": "imageio-ffmpeg",
    "PIL": "pillow",
    "yaml": "pyyaml",
    "lazy_loader": "lazy-loader",
}
OPTIONAL = {"pandas"}  # imported where a table is asked for, and then a sentence says that it is missing


@pytest.mark.parametrize("module", FILES)
def test_a_file_imports_its_own_room_or_lower_ones(module):
    own = house.ROOMS[module.split(".")[0]]
    reached = {house.room_of(where, name) for where, name, _ in IMPORTS[module]} - {"", module.split(".")[0]}
    above = {room for room in reached if house.ROOMS[room]["level"] >= own["level"]}
    assert not above, f"{module} is on level {own['level']} and imports {', '.join(sorted(above))}"


def test_tensorflow_is_loaded_only_where_the_plan_says():
    loading = {"training.backend"}
    at_import = {
        m: list(
            house.imported(
                m, ast.Module([n for n in tree.body if isinstance(n, (ast.Import, ast.ImportFrom))], []), m in PACKAGES
            )
        )
        for m, tree in FILES.items()
    }
    while True:
        more = {
            m
            for m, found in at_import.items()
            for where, name, _ in found
            if {where.removeprefix("vdlab."), f"{where}.{name}".removeprefix("vdlab.")} & loading
        } - loading
        if not more:
            break
        loading |= more
    allowed = [(room, r["tensorflow"]) for room, r in house.ROOMS.items() if "tensorflow" in r]
    assert not {
        m
        for m in loading
        if not any(m.startswith(f"{room}.") and (files == "all" or m.split(".")[1] in files) for room, files in allowed)
    }
    direct = {
        m for m, found in IMPORTS.items() for where, _, _ in found if where.split(".")[0] in ("tensorflow", "keras")
    }
    assert direct == {"training.backend"}


def test_private_names_stay_in_their_room():
    found = []
    for module, tree in FILES.items():
        foreign = {
            local
            for where, name, local in IMPORTS[module]
            if house.room_of(where, name) not in ("", module.split(".")[0])
        }
        found += [
            f"{module}: {name}" for where, name, local in IMPORTS[module] if local in foreign and name.startswith("_")
        ]
        found += [
            f"{module}: {n.value.id}.{n.attr}"
            for n in ast.walk(tree)
            if isinstance(n, ast.Attribute)
            and n.attr.startswith("_")
            and not n.attr.startswith("__")
            and isinstance(n.value, ast.Name)
            and n.value.id in foreign
        ]
    assert not found


def test_clips_are_opened_by_the_room_that_lets_no_lists_of_files_in():
    opening = {
        module
        for module, tree in FILES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "open" and getattr(node.value, "id", "") == "av"
    }
    assert "video.container" in opening
    assert {module for module in opening if not module.startswith("video.")} == set()


def test_no_function_is_named_like_its_module():
    assert not [
        m
        for m, tree in FILES.items()
        for n in tree.body
        if isinstance(n, ast.FunctionDef) and n.name == m.split(".")[-1]
    ]


def test_every_import_is_declared_in_pyproject():
    text = (house.ROOT / "pyproject.toml").read_text("utf8")
    declared = set(re.findall(r'^    "([\w.-]+)[><=]', text.partition("dependencies = [")[2].partition("\n]")[0], re.M))
    tops = (
        {where.split(".")[0] for found in IMPORTS.values() for where, _, _ in found}
        - {"vdlab", "__future__"}
        - set(sys.stdlib_module_names)
    )
    assert {DISTRIBUTIONS.get(t, t) for t in tops} <= declared | OPTIONAL


def test_the_map_in_the_readme_is_the_plan():
    readme = (house.ROOT / "README.md").read_text("utf8")
    assert house.with_map(readme) == readme


def test_every_room_has_a_door_that_loads_nothing():
    code = (
        "import sys, vdlab\n"
        + "".join(f"import vdlab.{room}; assert vdlab.{room}.__doc__; dir(vdlab.{room})\n" for room in house.ROOMS)
        + "print([m for m in ('cv2', 'tensorflow', 'keras', 'av', 'numpy') if m in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


@pytest.mark.parametrize("room", house.ROOMS)
def test_a_door_lists_every_file_of_its_room(room):
    there = {f.removeprefix(f"{room}.") for f in FILES if f.startswith(f"{room}.") and f.count(".") == 1}
    stub = ast.parse((house.PACKAGE / room / "__init__.pyi").read_text("utf8"))
    listed = {a.name for n in stub.body if isinstance(n, ast.ImportFrom) and not n.module for a in n.names}
    assert listed == there - {"__main__"}


def test_every_name_that_a_door_offers_is_there():
    code = (
        "import importlib, sys\nfor room in sys.argv[1:]:\n    door = importlib.import_module(f'vdlab.{room}')\n"
        "    for name in door.__all__:\n        getattr(door, name)\n"
    )
    subprocess.run([sys.executable, "-c", code, *house.ROOMS], check=True)
