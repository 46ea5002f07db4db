"""Presets: settings by name."""

from __future__ import annotations

from . import checks


def chosen_preset(presets: dict, settings):
    """Return `settings`, or the preset of that name. Raises `ParameterError` for an unknown one."""
    return checks.preset(presets, settings)
