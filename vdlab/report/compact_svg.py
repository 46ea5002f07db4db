"""An SVG in fewer bytes: steps instead of places, hundredths of a point, photographs as WebP, what neighbours share
said once. Nobody sees the difference.

Half of a curve's bytes say again where the last point was. A path of straight lines is therefore written as steps
between points (SVG 1.1, 8.3: `m`, `l`), each rounded against where the rounded ones have led, so that no error adds up.
A hundred bars each say their colour, their clip and a name that nobody calls: names that nobody calls go, and runs of
like elements share one group. Only properties that SVG hands down to what a group holds may move up to it (SVG 2, 6.6,
"inherited: yes"), and a clip may where none of the elements has a transform of its own. What `defs` holds is drawn
elsewhere and stays as it is.
"""

import base64
import itertools
import re
from collections import Counter
from collections.abc import Iterable
from xml.etree import ElementTree

import numpy as np

from ..video.images import data_uri
from ..video.opencv import cv2

_STRAIGHT = re.compile(r'(?<= d=")[MLz\d\s.-]+(?=")')
_POINT = re.compile(r"([MLz])(?: (\S+) (\S+))?")
_STEPPED = re.compile(r'(?<= d=")m[mlz\d\s.-]+(?=")')
_STEP = re.compile(r"([mlz])([^mlz]*)")
_PLACES = re.compile(r' (?:d|x|y|points)="[^"]*"')
_PNG = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")
_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_HREF = f"{{{_XLINK}}}href"
_CALLED = re.compile(r'(?:url\(#|href="#)([^")]+)')
_NOT_HANDED_DOWN = ("opacity", "filter", "mask", "clip-path", "mix-blend-mode")
_WORDS = f"{{{_SVG}}}text", f"{{{_SVG}}}tspan"
_CLOSED = *_WORDS, f"{{{_SVG}}}defs"  # elements that may not hold a group, or are drawn elsewhere
_LIKE = 3  # elements in a row that are worth a group of their own
WEBP_ADVANTAGE = 2.5  # a WebP has to be so many times smaller than the PNG: drawings stay as they are


def shorten(text: str) -> str:
    """Return an SVG that looks the same and is shorter."""
    text = _PNG.sub(_picture, re.sub(r"\n\s*", "\n", text).replace("\n\n", "\n"))
    text = say_once(text)
    text = _STRAIGHT.sub(_steps, text)
    return _PLACES.sub(lambda m: re.sub(r"-?\d+\.\d+", lambda n: _short(float(n[0])), m[0]), text)


def _steps(path: re.Match) -> str:
    """A path's M and L as m and l. After z the pen is where its part began."""
    written, x, y, begun = [], 0, 0, (0, 0)  # in hundredths, whole numbers: they add up exactly
    for letter, right, down in _POINT.findall(path[0]):
        if letter == "z":
            written.append("z")
            x, y = begun
            continue
        to = round(100 * float(right)), round(100 * float(down))
        step = f"{_short((to[0] - x) / 100)} {_short((to[1] - y) / 100)}".replace(" -", "-")
        follows = letter == "L" and written and written[-1][:1] in "l-.0123456789"
        written.append(step if follows and step[0] == "-" else f" {step}" if follows else letter.lower() + step)
        x, y = to
        begun = to if letter == "M" else begun
    return "".join(written)


def absolute_paths(text: str) -> str:
    """Return an SVG with paths in places, not steps: drawings are compared by where their points lie."""
    return _STEPPED.sub(_placed, text)


def _placed(path: re.Match) -> str:
    written, x, y, begun = [], 0, 0, (0, 0)
    for letter, steps in _STEP.findall(path[0]):
        if letter == "z":
            written.append("z")
            x, y = begun
            continue
        numbers = [round(100 * float(n)) for n in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", steps)]
        for right, down in zip(numbers[::2], numbers[1::2]):
            x, y = x + right, y + down
            written.append(f"{letter.upper()} {x / 100:g} {y / 100:g}")
        begun = (x, y) if letter == "m" else begun
    return " ".join(written)


def _short(number: float) -> str:
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text


def _picture(png: re.Match) -> str:
    pixels = np.asarray(cv2.imdecode(np.frombuffer(base64.b64decode(png[1]), np.uint8), cv2.IMREAD_UNCHANGED))
    if pixels.ndim == 3 and pixels.shape[2] == 4 and (pixels[..., 3] < 255).any():
        return png[0]
    image = cv2.cvtColor(
        pixels,
        {2: cv2.COLOR_GRAY2RGB}.get(pixels.ndim, cv2.COLOR_BGRA2RGB if pixels.shape[-1] == 4 else cv2.COLOR_BGR2RGB),
    )
    small = data_uri(image, quality=90)
    return small if WEBP_ADVANTAGE * len(small) < len(png[0]) else png[0]


def say_once(text: str) -> str:
    """Return the SVG without unused ids and empty groups, runs of like elements in groups with their style and clip."""
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    start = text.index("<svg")
    root = ElementTree.fromstring(text[start:])
    called = set(_CALLED.findall(text))
    for element in root.iter():
        if element.tag not in _WORDS:  # between words a space counts
            element.text = (element.text or "").strip() or None
        element.tail = None if element.tag != f"{{{_SVG}}}tspan" else element.tail
        if element.get("id") not in called:
            element.attrib.pop("id", None)
        if "style" in element.attrib:
            element.set("style", ";".join(_properties(element)))
        if (element.get("transform") or "").startswith("rotate(-0 "):
            del element.attrib["transform"]
        if _HREF in element.attrib:
            element.set("href", element.attrib.pop(_HREF))
    _font_once(root)
    for parent in list(root.iter()):
        if parent.tag not in _CLOSED:
            parent[:] = _grouped(_unwrapped(parent))
    return text[:start] + ElementTree.tostring(root, encoding="unicode")


def _properties(element) -> list[str]:
    return [re.sub(r"\s*:\s*", ":", p.strip(), count=1) for p in element.get("style").split(";") if p.strip()]


def _font_once(root) -> None:
    """Move the font family that most words have to the root."""
    words = [e for e in root.iter() if e.tag in _WORDS and e.get("style")]
    families = Counter(p for e in words for p in _properties(e) if p.startswith("font-family:"))
    for family, _ in families.most_common(1):
        for element in words:
            element.set("style", ";".join(p for p in _properties(element) if p != family))
        root.set("style", f"{root.get('style', '')};{family}".strip("; "))


def _unwrapped(parent) -> list:
    """Return the elements of `parent` that draw something, those of groups that say nothing among them."""
    found = []
    for element in parent:
        bare = element.tag == f"{{{_SVG}}}g" and not element.attrib
        unseen = element.tag == f"{{{_SVG}}}path" and element.get("style") == "fill:none" and "id" not in element.attrib
        found += _unwrapped(element) if bare else [] if unseen else [element]
    return found


def _grouped(elements: Iterable) -> list:
    found: list = []
    for (style, clip), run in itertools.groupby(elements, _shared):
        alike = list(run)
        if not (style or clip) or len(alike) < _LIKE:
            found += alike
            continue
        group = ElementTree.Element(f"{{{_SVG}}}g", {k: v for k, v in (("clip-path", clip), ("style", style)) if v})
        for element in alike:
            for name in group.attrib:
                del element.attrib[name]
        group.extend(alike)
        found.append(group)
    return found


def _shared(element) -> tuple[str, str]:
    """Return the style and the clip that a group might carry for the element, empty where it must not."""
    style, clip = element.get("style", ""), element.get("clip-path", "")
    if any(p.partition(":")[0] in _NOT_HANDED_DOWN for p in style.split(";")):
        style = ""
    return style, "" if "transform" in element.attrib else clip
