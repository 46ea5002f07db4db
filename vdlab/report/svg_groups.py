"""What many elements of an SVG say alike, said once: names nobody calls go, runs of like elements share one group.

Only properties that SVG hands down to what a group holds may move up to it (SVG 2, 6.6, "inherited: yes"), and a clip
may where none of the elements has a transform of its own. What `defs` holds is drawn elsewhere and stays as it is.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable
from xml.etree import ElementTree

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_HREF = f"{{{_XLINK}}}href"
_CALLED = re.compile(r'(?:url\(#|href="#)([^")]+)')
_NOT_HANDED_DOWN = ("opacity", "filter", "mask", "clip-path", "mix-blend-mode")
_WORDS = f"{{{_SVG}}}text", f"{{{_SVG}}}tspan"
_CLOSED = *_WORDS, f"{{{_SVG}}}defs"  # elements that may not hold a group, or are drawn elsewhere
_LIKE = 3  # elements in a row that are worth a group of their own


def say_once(text: str) -> str:
    """Return the SVG that looks the same, without unused ids and empty groups, and with runs of like elements in a
    group that carries their style and clip.
    """
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
