"""What a matplotlib chart shows, in words, for who cannot see it: kinds of marks, axes, names, ranges."""

import numpy as np

MOST_AXES, MOST_NAMES = 6, 8  # described one by one; beyond, their number is said


def describe_chart(figure) -> str:
    """Return e.g. 'Lines: PSNR (dB) from 28.1 to 41.2 over bitrate (kbit/s) from 20 to 300; ours, x264.'"""
    drawn = [a for a in figure.axes if a.get_visible() and (a.lines or a.patches or a.collections or a.images)]
    told = [t for t in dict.fromkeys(_describe_axes(a) for a in drawn) if t]
    more = f" And {len(told) - MOST_AXES} more panels." if len(told) > MOST_AXES else ""
    return " ".join(told[:MOST_AXES]) + more


def _describe_axes(axes) -> str:
    kinds = {
        "Picture": axes.images,
        "Lines": [line for line in axes.lines if len(np.atleast_1d(line.get_xdata())) > 2],
        "Bars": [c for c in axes.containers if hasattr(c, "patches")],
        "Points or areas": axes.collections,
    }
    kind = " and ".join(k if i == 0 else k.lower() for i, k in enumerate(k for k, v in kinds.items() if len(v)))
    title = axes.get_title(loc="left") or axes.get_title()
    names = [n for n in axes.get_legend_handles_labels()[1] if n and not n.startswith("_")]
    listed = ", ".join(dict.fromkeys(names[:MOST_NAMES])) + (" …" if len(names) > MOST_NAMES else "")
    what = f"{kind or 'Panel'}{f' “{title}”' if title else ''}"
    if axes.images and not axes.get_ylabel():
        return f"{what}."
    over = [_axis(axes.get_ylabel(), axes.get_ylim(), axes.get_yticklabels()), " over "]
    over += [_axis(axes.get_xlabel(), axes.get_xlim(), axes.get_xticklabels())]
    return f"{what}: {''.join(over)}{f'; {listed}' if listed else ''}."


def _axis(label: str, limits, ticks) -> str:
    """An axis in words: its label and its range, or the names on it."""
    names = [t.get_text() for t in ticks if t.get_text() and not _numeric(t.get_text())]
    where = ", ".join(names[:MOST_NAMES]) if names else f"from {min(limits):.3g} to {max(limits):.3g}"
    return f"{label or 'values'} {where}".strip()


def _numeric(text: str) -> bool:
    return not any(c.isalpha() for c in text.replace("mathdefault", ""))
