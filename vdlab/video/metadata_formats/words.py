"""What any program writes by itself, and what a person, a camera or a place says."""

import re
from collections.abc import Iterator

MOST = 80  # characters of a value that are quoted
TOOL = r"(Lavf|Lavc)?[\d. ]*(libx264)?"
# The brands of standards (ISO/IEC 14496-12 and -15, 3GPP, CMAF, HEIF, QuickTime); a maker's own tells the camera
BRANDS = (
    r"((iso[2-9acm]|avc[13]|mp[47][12]|3g[2egprst][4-9abc]|cmf[2cfls]|dash|dby1|ms(dh|ix|f1)|hvc1|hev1|av01"
    r"|av(if|is|ic|io)|hei[cfmsx]|hevc|hevx|mif[12]|miaf|MA1[AB]|tmap|mj2s|mjp2|f4v|M4[ABPV][HP]?|qt) {0,2})*"
)
HARMLESS = {  # what any muxer writes: brands, the usual names of handlers, the tool
    "major_brand": BRANDS,
    "minor_version": r"\d{1,10}",
    "compatible_brands": BRANDS,
    "encoder": TOOL,
    "software": TOOL,
    "language": "und",
    "vendor_id": r"\[0\]\[0\]\[0\]\[0\]|FFMP",
    "duration": r"[\d:.]+",
    "creation_time": r"1970-01-01T00:00:00(\.0*)?Z",  # nobody set the clock: 0
    "handler_name": r"(Video|Sound|Data)Handler|Core Media (Video|Audio)|",
}
PLACE = re.compile(r"location|gps|xyz|loci", re.I)
CHUNK = 1 << 20  # bytes looked at in one go


def telling(tags: dict) -> Iterator[tuple[str, str]]:
    """Yield those tags, key and value, that no program writes by itself."""
    for key, value in tags.items():
        pattern = HARMLESS.get(key.lower(), "")
        if not (key.lower() in HARMLESS and (pattern is None or re.fullmatch(pattern, value.strip()))):
            yield key, value


def tag_lines(where: str, tags: dict) -> Iterator[str]:
    """Yield a line for each telling tag; `where` says whose it is."""
    for key, value in telling(tags):
        yield f"{where}: {'place, ' if PLACE.search(key) else ''}{key} = {value[:MOST]}"


def is_tool(text: str) -> bool:
    """Whether a text is nothing but the name and number of the usual tool."""
    return bool(re.fullmatch(TOOL, text.strip("\0 ")))


def excerpt(data: bytes) -> str:
    """Return the text in some bytes, cut short, or how many there are where they hold none."""
    words = "".join(c for c in bytes(data[: 4 * MOST]).decode("utf8", "ignore") if c.isprintable()).strip()
    return words[:MOST] if len(words) > 2 else f"{len(data)} bytes"


def empty(data, start: int = 0, stop: int | None = None) -> bool:
    """Whether bytes are all zero."""
    stop = len(data) if stop is None else min(stop, len(data))
    return not any(any(data[at : min(at + CHUNK, stop)]) for at in range(start, stop, CHUNK))


def after_the_end(data, end: int) -> Iterator[str]:
    """Yield a line for what follows the last part of a file, unless it is all zero."""
    if end < len(data) and not empty(data, end):
        yield f"{len(data) - end} bytes after the end: {excerpt(data[end : end + CHUNK])}"


def not_known(data, at: int, what: str) -> str:
    """Return the line for a file that stops making sense."""
    words = excerpt(data[at : at + 400])
    return f"not looked into: {len(data) - at} bytes from byte {at} on, which are no {what}: {words}"
