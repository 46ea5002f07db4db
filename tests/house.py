"""The plan of the house, read from vdlab/rooms.toml: who may import whom, and the map in the README.

python -m tests.house             prints the rooms by level
python -m tests.house --write     writes the map into README.md
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "vdlab"
ROOMS = tomllib.loads((PACKAGE / "rooms.toml").read_text("utf8"))
MARKS = "<!-- rooms: python -m tests.house --write -->\n", "<!-- end of rooms -->\n"


def files() -> dict[str, ast.Module]:
    """Return {module below vdlab: its syntax tree} of every file in a room, doors included ('video',
    'video.reading').
    """
    found = {}
    for path in sorted(PACKAGE.glob("*/**/*.py")):
        found[".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")] = ast.parse(
            path.read_text("utf8")
        )
    return found


def imported(module: str, tree: ast.AST, package: bool) -> Iterator[tuple[str, str, str]]:
    """Yield (module of vdlab or distribution's top name, name, local name) of every import in `tree`, those inside
    functions included.
    """
    base = ["vdlab", *module.split(".")][: None if package else -1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((a.name, "", a.asname or a.name.split(".")[0]) for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            path = base[: len(base) - node.level + 1] if node.level else []
            where = ".".join([*path, *([node.module] if node.module else [])])
            yield from ((where, a.name, a.asname or a.name) for a in node.names)


def room_of(where: str, name: str) -> str:
    """Return the room that an import reaches into; empty for the root's own names and for other packages."""
    parts = f"{where}.{name}".split(".")
    return parts[1] if parts[0] == "vdlab" and len(parts) > 1 and parts[1] in ROOMS else ""


def markdown() -> str:
    """Return the map of the house as the README shows it."""
    rows = [
        f"    {n:<13}{r['level']}  {r['holds']}" + (f" ({r['chapter']})" if r.get("chapter", "").isdigit() else "")
        for n, r in ROOMS.items()
    ]
    return "\n" + "\n".join(rows) + "\n\n"


def with_map(readme: str) -> str:
    """Return the README's text with the map as it should be."""
    before, _, rest = readme.partition(MARKS[0])
    return before + MARKS[0] + markdown() + MARKS[1] + rest.partition(MARKS[1])[2]


if __name__ == "__main__":
    if "--write" in sys.argv:
        path = ROOT / "README.md"
        path.write_text(with_map(path.read_text("utf8")), "utf8")
    else:
        for number in sorted({r["level"] for r in ROOMS.values()}):
            print(number, *(n for n, r in ROOMS.items() if r["level"] == number))
