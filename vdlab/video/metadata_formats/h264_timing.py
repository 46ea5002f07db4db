"""The time of day in H.264's picture timing messages (ITU-T H.264, D.1.3); the sequence's parameters say their form."""

from collections.abc import Callable, Iterator

SEQUENCE, MESSAGES, PICTURE_TIMING = 7, 6, 1
WITH_CHROMA = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135}  # profiles whose parameters say it
CLOCKS = (1, 1, 1, 2, 2, 3, 3, 2, 3)  # table D-1, by pic_struct
ANY_SHAPE = 255  # table E-1: the pixel's shape follows


class _Bits:
    """Numbers read from bytes, bit by bit. Raises `ValueError` at their end."""

    def __init__(self, data: bytes):
        self.left, self.word = 8 * len(data), int.from_bytes(data, "big")

    def __call__(self, count: int = 1) -> int:
        self.left -= count
        if self.left < 0:
            raise ValueError
        return self.word >> self.left & ((1 << count) - 1)

    def golomb(self) -> int:
        zeros = 0
        while not self():
            zeros += 1
        return (1 << zeros) - 1 + self(zeros)


def clock_of(extradata: bytes) -> Callable[[int, bytes], Iterator[str]]:
    """Return what yields a line for the first time of day that is not 0, given (kind, content) in a stream's order.

    A kind is SEQUENCE for a sequence's parameters, or that of an SEI message. `extradata` is what the file says before.
    """
    size = int.from_bytes(extradata[6:8], "big") if extradata[:1] == b"\x01" else 0
    form: list[tuple[int, bool] | None] = [_form(unescaped(extradata[9 : 8 + size]))] if size else [None]
    told: list[str] = []

    def look(kind: int, content: bytes) -> Iterator[str]:
        if kind == SEQUENCE:
            form[0] = _form(content)
        elif kind == PICTURE_TIMING and not told and form[0]:
            time = _time(_Bits(content), *form[0])
            told.extend([time] * bool(time))
            if time.strip("0:"):
                yield f"SEI time code {time}"

    return look


def unescaped(unit: bytes) -> bytes:
    """Return a unit's content without the bytes that keep it from looking like the beginning of another."""
    return unit.replace(b"\0\0\3", b"\0\0")


def _form(sequence: bytes) -> tuple[int, bool] | None:
    """Bits before a message's structure, and whether it has one; None where the parameters are cut short."""
    bits = _Bits(sequence)
    try:
        _skip_to_usability(bits)
        return _usability(bits) if bits() else (0, False)
    except ValueError:
        return None


def _skip_to_usability(bits: _Bits) -> None:
    """Read all that comes before the usability information (7.3.2.1.1)."""
    profile = bits(24) >> 16
    bits.golomb()
    if profile in WITH_CHROMA:
        if (chroma := bits.golomb()) == 3:
            bits()
        bits.golomb(), bits.golomb(), bits()
        for n in range((8 if chroma != 3 else 12) * bits()):
            if bits():
                _scaling_list(bits, 16 if n < 6 else 64)
    bits.golomb()
    if (order := bits.golomb()) == 0:
        bits.golomb()
    elif order == 1:
        bits(), bits.golomb(), bits.golomb()
        for _ in range(bits.golomb()):
            bits.golomb()
    bits.golomb(), bits(), bits.golomb(), bits.golomb()
    if not bits():
        bits()
    bits()
    for _ in range(4 * bits()):
        bits.golomb()


def _usability(bits: _Bits) -> tuple[int, bool]:
    """What `_form` returns, from the usability information (E.1.1)."""
    if bits() and bits(8) == ANY_SHAPE:
        bits(32)
    if bits():
        bits()
    if bits():
        bits(4)
        bits(24 * bits())
    for _ in range(2 * bits()):
        bits.golomb()
    bits(65 * bits())
    delays = [_delay_bits(bits) for _ in range(2) if bits()]
    bits(bool(delays))
    return max(delays, default=0), bool(bits())


def _delay_bits(bits: _Bits) -> int:
    """The bits of both delays in the parameters of a reference decoder (E.1.2)."""
    count = bits.golomb() + 1
    bits(8)
    for _ in range(count):
        bits.golomb(), bits.golomb(), bits()
    bits(5)
    both = bits(5) + bits(5) + 2
    bits(5)
    return both


def _scaling_list(bits: _Bits, count: int) -> None:
    last = following = 8
    for _ in range(count):
        if following:
            number = bits.golomb()
            following = (last + (number // 2 + 1 if number % 2 else -(number // 2))) % 256
        last = following or last


def _time(bits: _Bits, before: int, structured: bool) -> str:
    """The first time of day in a message; "" where there is none, or it is cut short."""
    try:
        bits(before)
        for _ in range(CLOCKS[min(bits(4), 8)] if structured else 0):
            if not bits():
                continue
            bits(8)
            whole = bits()
            bits(10)
            seconds = minutes = hours = 0
            if whole:
                seconds, minutes, hours = bits(6), bits(6), bits(5)
            elif bits():  # each says whether the next follows
                seconds = bits(6)
                if bits():
                    minutes = bits(6)
                    hours = bits(5) if bits() else 0
            return f"{hours:02}:{minutes:02}:{seconds:02}"
    except ValueError:
        pass
    return ""
