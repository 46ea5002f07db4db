"""Every benchmark, one after the other: `make bench`, or `python -m tests.bench keyframes features` for some of them.

Each module of this folder that has a `main(arguments)` measures the kit and its peers in one run, and writes NAME.json
and a table NAME.md into `--out` (reports/bench).
"""

import argparse
import importlib
import pkgutil
import sys
from pathlib import Path

import tests.bench
from tests.bench import _summary


def benches() -> list[str]:
    """The names of the benchmarks: the modules here that can be run by themselves."""
    names = [m.name for m in pkgutil.iter_modules(tests.bench.__path__) if not m.name.startswith("_")]
    return [n for n in names if hasattr(importlib.import_module(f"tests.bench.{n}"), "main")]


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks named (all by default); print each table as it comes."""
    known = benches()
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(known)} (default: all)")
    parser.add_argument("--out", default="reports/bench", help="folder of the tables (default: reports/bench)")
    options = parser.parse_args(arguments)
    if wrong := set(options.names) - set(known):
        parser.error(f"no benchmark {', '.join(sorted(wrong))}; there are {', '.join(known)}")
    for name in options.names or known:
        print(f"\n## {name}\n", flush=True)
        importlib.import_module(f"tests.bench.{name}").main(["--out", options.out])
        print((Path(options.out) / f"{name}.md").read_text("utf8"))
    _summary.PAGE.write_text(_summary.page(), "utf8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
