"""The shape in which an AV1 stream asks to be shown, written into the headers of its frames.

SVT-AV1 leaves it out, and pixels that are not square need it. AV1 bitstream specification 1.0.0 with errata 1,
sections 5.5 (sequence header) and 5.9 (frame header); names are the specification's. A render size is 32 bits more in a
header, so that everything after it keeps its place within a byte. Headers that use what SVT-AV1 does not (decoder
models, sizes taken from reference frames) stay as they are; the container says the shape as well.
"""

from fractions import Fraction

SEQUENCE, FRAME_HEADER, FRAME = 1, 3, 6  # obu_type
KEY, INTRA_ONLY, SWITCH = 0, 2, 3  # frame_type
SELECT = 2  # "each frame says": SELECT_SCREEN_CONTENT_TOOLS, SELECT_INTEGER_MV
MOST = 1 << 16  # pixels of a render size


class _Unknown(Exception):
    """A header that is not of SVT-AV1's kind."""


class _Bits:
    """Reads numbers from bytes, the highest bit first."""

    def __init__(self, data: bytes):
        self.value, self.count, self.at = int.from_bytes(data, "big"), 8 * len(data), 0

    def __call__(self, n: int = 1) -> int:
        self.at += n
        if self.at > self.count:
            raise _Unknown
        return self.value >> (self.count - self.at) & ((1 << n) - 1)


class Shape:
    """Puts a pixel's width over its height into a stream's packets, one after the other."""

    def __init__(self, aspect: Fraction):
        self.aspect = Fraction(aspect)
        self.known: dict = {}

    def __call__(self, packet: bytes) -> bytes:
        """The packet (one temporal unit, without length marks of its own) with a render size in each frame's header."""
        out, at = b"", 0
        while at < len(packet):
            head, extended, sized = packet[at], packet[at] >> 2 & 1, packet[at] >> 1 & 1
            begin = at + 1 + extended
            size, begin = leb128(packet, begin) if sized else (len(packet) - begin, begin)
            body, kind = packet[begin : begin + size], head >> 3 & 15
            try:
                if kind == SEQUENCE:
                    self.known = _sequence(body)
                elif kind in (FRAME, FRAME_HEADER) and self.known:
                    body = self._shaped(body)
            except _Unknown:
                pass
            out += packet[at : at + 1 + extended] + (_to_leb128(len(body)) if sized else b"") + body
            at = begin + size
        return out

    def _shaped(self, body: bytes) -> bytes:
        place, size = _render_size(body[:64], self.known)  # a header's beginning is no longer
        if place is None:
            return body
        width, height = rendered(*size, self.aspect)
        rest = 8 * len(body) - place - 1  # bits after the flag
        value = int.from_bytes(body, "big")
        before, after = value >> (rest + 1), value & ((1 << rest) - 1)
        asked = (before << 1 | 1) << 32 | (width - 1) << 16 | (height - 1)  # the flag, and the size that follows it
        return (asked << rest | after).to_bytes(len(body) + 4, "big")


def rendered(width: int, height: int, aspect: Fraction) -> tuple[int, int]:
    """The size in square pixels that has the exact shape of width × height pixels of this aspect, near to that height.

    Nearly that shape where no exact one fits.
    """
    shape = Fraction(width, height) * aspect
    times = max(1, round(height / shape.denominator))
    if max(shape.numerator, shape.denominator) * times > MOST:
        return min(MOST, max(1, round(height * shape))), min(height, max(1, round(MOST / shape)))
    return shape.numerator * times, shape.denominator * times


def _sequence(body: bytes) -> dict:
    """What a frame's header cannot be read without."""
    bits = _Bits(body)
    bits(4)  # seq_profile, still_picture
    if bits() or bits():  # reduced_still_picture_header, timing_info_present_flag
        raise _Unknown
    delays = bits()  # initial_display_delay_present_flag
    for _ in range(bits(5) + 1):  # operating points
        bits(12)
        if bits(5) > 7:
            bits()  # seq_tier
        if delays and bits():
            bits(4)
    wide, high = bits(4) + 1, bits(4) + 1
    known: dict = {"wide": wide, "high": high, "size": (bits(wide) + 1, bits(high) + 1)}
    if bits():  # frame_id_numbers_present_flag
        raise _Unknown
    bits(3 + 4)  # superblocks, intra and inter tools
    known["hints"] = bits()  # enable_order_hint
    bits(2 * known["hints"])
    known["screen"] = SELECT if bits() else bits()
    known["integer"] = (SELECT if bits() else bits()) if known["screen"] else SELECT
    known["hints"] = bits(3) + 1 if known["hints"] else 0  # OrderHintBits
    known["superres"] = bits()
    return known


def _render_size(body: bytes, known: dict) -> tuple[int | None, tuple[int, int]]:
    """(The place of render_and_frame_size_different in a frame header, None where there is none; the frame's size)."""
    bits = _Bits(body)
    if bits():  # show_existing_frame
        return None, (0, 0)
    kind, show = bits(2), bits()
    if not show:
        bits()  # showable_frame
    resilient = 1 if kind == SWITCH or kind == KEY and show else bits()
    bits()  # disable_cdf_update
    if (bits() if known["screen"] == SELECT else known["screen"]) and known["integer"] == SELECT:
        bits()  # force_integer_mv
    override = 1 if kind == SWITCH else bits()
    bits(known["hints"])  # order_hint
    intra = kind in (KEY, INTRA_ONLY)
    if not intra and not resilient:
        bits(3)  # primary_ref_frame
    refresh = 255 if kind == SWITCH or kind == KEY and show else bits(8)
    if (not intra or refresh != 255) and resilient and known["hints"]:
        bits(8 * known["hints"])  # ref_order_hint
    if not intra:
        if known["hints"] and bits():  # frame_refs_short_signaling
            bits(6)
        else:
            bits(7 * 3)  # ref_frame_idx
        if override and not resilient:  # the size may be a reference's
            raise _Unknown
    size = (bits(known["wide"]) + 1, bits(known["high"]) + 1) if override else known["size"]
    if known["superres"] and bits():
        bits(3)  # coded_denom
    place = bits.at
    if bits():  # it has a render size already
        raise _Unknown
    return place, size


def leb128(data: bytes, at: int) -> tuple[int, int]:
    """Return the number at a place, of eight bytes at most, and the place after it; what is cut short ends there."""
    number = 0
    for i in range(8):
        if at + i >= len(data):
            break
        number |= (data[at + i] & 127) << 7 * i
        if not data[at + i] & 128:
            return number, at + i + 1
    return number, at + 8


def _to_leb128(value: int) -> bytes:
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])
