"""A stack of convolutions as an ONNX file's bytes, so that OpenCV runs it: a network of this kit without TensorFlow.

Only what such a stack needs of the format: convolutions of stride 1, their biases, leaky rectifiers between them. The
format is protocol buffers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto names the fields by these numbers.
"""

import struct
from collections.abc import Sequence

import numpy as np

VERSION, OPERATORS = 7, 13  # of the file format, and of the set of operators
FLOAT, INTS = 1, 7  # kinds of an attribute; FLOAT is a tensor's kind, too


def write_conv_stack(
    kernels: Sequence[np.ndarray], biases: Sequence[np.ndarray], *, slope: float, shape: tuple
) -> bytes:
    """Return the model: 'x', float32 of `shape` (B, C, H, W), through every (kernel, bias), rectified between them.

    Kernels are (side, side, inputs, outputs) with an odd side; zeros lie around the picture.
    """
    graph, last = b"", "x"
    for i, (kernel, bias) in enumerate(zip(kernels, biases)):
        if i:
            alpha = _field(1, "alpha") + _field(2, float(slope)) + _field(20, FLOAT)
            graph, last = graph + _node("LeakyRelu", [last], f"r{i}", alpha), f"r{i}"
        pads = b"".join(_field(8, len(kernel) // 2) for _ in range(4))
        graph += _node("Conv", [last, f"k{i}", f"b{i}"], f"c{i}", _field(1, "pads") + pads + _field(20, INTS))
        graph += _tensor(f"k{i}", kernel.transpose(3, 2, 0, 1)) + _tensor(f"b{i}", bias)
        last = f"c{i}"
    out = (shape[0], len(biases[-1]), *shape[2:])
    graph += _field(2, "stack") + _field(11, _kind("x", shape)) + _field(12, _kind(last, out))
    return _field(1, VERSION) + _field(7, graph) + _field(8, _field(2, OPERATORS))


def _node(kind: str, inputs: list[str], output: str, attribute: bytes) -> bytes:
    joined = b"".join(_field(1, i) for i in inputs) + _field(2, output) + _field(3, output)
    return _field(1, joined + _field(4, kind) + _field(5, attribute))


def _tensor(name: str, values: np.ndarray) -> bytes:
    sides, data = b"".join(_field(1, n) for n in values.shape), np.ascontiguousarray(values, np.float32).tobytes()
    return _field(5, sides + _field(2, FLOAT) + _field(8, name) + _field(9, data))


def _kind(name: str, shape: tuple) -> bytes:
    sides = b"".join(_field(1, _field(1, n)) for n in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, FLOAT) + _field(2, sides)))


def _field(number: int, value) -> bytes:
    """One field of a protocol buffer: a varint, a float32, or text or bytes behind their length."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    if isinstance(value, float):
        return _varint(number << 3 | 5) + struct.pack("<f", value)
    value = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(n: int) -> bytes:
    return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + _varint(n >> 7)
