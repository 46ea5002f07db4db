"""Names of version 0.1, when all modules lay side by side: notebooks written then go on, and are told the new name.

`from vdlab import segment` gives a module whose names lead to where they are now; each says so as a
`DeprecationWarning`. The table is `former_names.json`: {module of 0.1: {"module": where it is now, old name: new name,
with dots where that is in another module}}. Both go with version 0.3.
"""

import importlib
import importlib.abc
import importlib.machinery
import json
import warnings
from functools import cache
from pathlib import Path
from types import ModuleType

import lazy_loader


@cache
def table() -> dict[str, dict[str, str]]:
    """Return the table of names."""
    return json.loads(Path(__file__).with_name("former_names.json").read_text("utf8"))


def find(module: str, name: str):
    """Return what `vdlab.module.name` of 0.1 is today, and warn. Raises `AttributeError` for a name that never was."""
    entry = table().get(module, {})
    missing = AttributeError(f"module 'vdlab.{module}' has no attribute {name!r}")
    if not entry or name.startswith("_") or name == "module":
        raise missing
    new = entry.get(name, name)
    where, _, called = (new if "." in new else f"{entry['module']}.{new}").rpartition(".")
    try:
        value = getattr(importlib.import_module(f"vdlab.{where}"), called)
    except AttributeError:
        raise missing from None
    warnings.warn(f"vdlab.{module}.{name} is vdlab.{where}.{called} now.", DeprecationWarning, stacklevel=3)
    return value


def attach(package: str, file: str):
    """Return `(__getattr__, __dir__, __all__)` of a door that was a module: its stub's names, then 0.1's."""
    present, listed, public = lazy_loader.attach_stub(package, file)

    def look_up(name: str):
        try:
            return present(name)
        except AttributeError:
            return find(package.rpartition(".")[2], name)

    return look_up, listed, public


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Makes the modules of 0.1 that are no room today; asked last, and for names below `vdlab` alone."""

    def find_spec(self, fullname: str, path=None, target=None):
        """A spec for `vdlab.NAME` if the table has it."""
        package, _, name = fullname.rpartition(".")
        return importlib.machinery.ModuleSpec(fullname, self) if package == "vdlab" and name in table() else None

    def exec_module(self, module: ModuleType) -> None:
        """Give the module a `__getattr__` and nothing else."""
        name = module.__name__.rpartition(".")[2]
        module.__getattr__ = lambda attribute: find(name, attribute)  # type: ignore[method-assign]
