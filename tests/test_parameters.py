"""A knob is declared in one line of a notebook, and nothing outside that declaration gets in."""

import math

import pytest

from vdlab import ParameterError, parameters

LINES = {
    'theta: float = 24.0      # 0..255 grey levels; a cut is where the difference exceeds it': ("a float from 0 to 255 grey levels", 24.0),
    'preset: str = "quick"  # quick | full; budget': ("one of quick, full", "quick"),
    "steps: int = 100  # 1..; steps of training": ("an int of at least 1", 100),
    'clip: str = "bikes"  # path, or a built-in clip\'s name; the clip': ("a str path, or a built-in clip's name", "bikes"),
    "live: bool = False  # show it": ("a bool", False),
}


@pytest.mark.parametrize("line", LINES)
def test_a_declaration_says_type_range_unit_and_help(line):
    parameter = parameters._parse(line)
    assert (parameter.allowed, parameter.default) == LINES[line] and parameter.help


def knob(line):
    parameter = parameters._parse(line)
    return {parameter.name: parameter}


THETA, STEPS, PRESET, LIVE = (knob(list(LINES)[i]) for i in (0, 2, 1, 4))


@pytest.mark.parametrize("known, given, want", [(THETA, "30", 30.0), (THETA, 30, 30.0), (STEPS, "7", 7), (LIVE, "true", True), (PRESET, "full", "full")])
def test_text_from_a_command_line_becomes_the_declared_type(known, given, want):
    (value,) = parameters.check(known, {next(iter(known)): given}, where="01").values()
    assert value == want and type(value) is type(want)


@pytest.mark.parametrize("known, given", [(THETA, "x"), (THETA, 256.0), (THETA, math.nan), (STEPS, 0), (STEPS, 1.5), (STEPS, True), (PRESET, "slow"), (LIVE, "yes")])
def test_what_does_not_fit_is_refused_naming_what_is_allowed(known, given):
    (name, parameter), = known.items()
    with pytest.raises(ParameterError, match=name) as caught:
        parameters.check(known, {name: given}, where="01")
    assert parameter.allowed in str(caught.value)


def test_an_unknown_name_is_refused_with_the_nearest_one():
    with pytest.raises(ParameterError, match="did you mean theta"):
        parameters.check(THETA, {"thet": 3}, where="01")


@pytest.mark.parametrize("chapter", parameters.chapters())
def test_every_notebook_declares_its_knobs_within_their_own_ranges(chapter):
    known = parameters.declared(parameters.notebook(chapter))
    assert "clip" in known
    parameters.check(known, {p.name: p.default for p in known.values()}, where=chapter)


def test_a_chapter_is_found_by_number_or_name():
    assert parameters.notebook("1") == parameters.notebook("01") == parameters.notebook("keyframes") == parameters.notebook("01_keyframes")
    with pytest.raises(ParameterError, match="no chapter '99'"):
        parameters.notebook("99")
