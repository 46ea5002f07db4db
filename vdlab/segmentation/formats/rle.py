"""Masks as run lengths: how many pixels off, how many on, how many off …

COCO reads a mask down its columns and packs the counts into text, CVAT along the rows of its box and as plain numbers.
Source of the packing: COCO's maskApi.c, rleToString: each count, from the fourth on less the count two before it, in
digits of five bits, the lowest first, with a sixth bit that says whether more follow; 48 is added to make a letter of
it.
"""

from __future__ import annotations


def to_coco_text(runs: list[int]) -> str:
    """Return run lengths as COCO's text."""
    text = []
    for n, run in enumerate(runs):
        value, more = run - (runs[n - 2] if n > 2 else 0), True
        while more:
            digit, value = value & 31, value >> 5
            more = value != (-1 if digit & 16 else 0)
            text.append(chr(48 + digit + 32 * more))
    return "".join(text)


def from_coco_text(text: str) -> list[int]:
    """Return the run lengths of COCO's text."""
    runs: list[int] = []
    value = shift = 0
    for letter in text:
        digit = ord(letter) - 48
        value |= (digit & 31) << shift
        shift += 5
        if not digit & 32:
            if digit & 16:
                value -= 1 << shift
            runs.append(value + (runs[-2] if len(runs) > 2 else 0))
            value = shift = 0
    return runs
