"""Stacks of convolutions as an ONNX file's bytes, so that OpenCV runs them: the kit's networks without TensorFlow.

Only what such stacks need of the format: convolutions with their biases, leaky rectifiers, channels put side by side,
pictures enlarged twice. A function gives one node; `write_model` makes a file of them. The format is protocol buffers:
https://github.com/onnx/onnx/blob/main/onnx/onnx.proto names the fields by these numbers.
"""

import struct
from collections.abc import Sequence

import numpy as np

VERSION, OPERATORS = 7, 13  # of the file format, and of the set of operators
FLOAT, INT, STRING, INTS = 1, 2, 3, 7  # kinds of an attribute; FLOAT is a tensor's kind, too


def write_conv_stack(
    kernels: Sequence[np.ndarray], biases: Sequence[np.ndarray], *, slope: float, shape: tuple
) -> bytes:
    """Return the model: 'x', float32 of `shape` (B, C, H, W), through every (kernel, bias), rectified between them.

    Kernels are (side, side, inputs, outputs) with an odd side; zeros lie around the picture.
    """
    nodes, last = [], "x"
    for i, (kernel, bias) in enumerate(zip(kernels, biases)):
        if i:
            nodes.append(leaky_relu(last, f"r{i}", slope))
            last = f"r{i}"
        nodes.append(conv(last, f"c{i}", kernel, bias))
        last = f"c{i}"
    return write_model(nodes, shape, last, (shape[0], len(biases[-1]), *shape[2:]))


def write_model(nodes: Sequence[bytes], shape: tuple, last: str, out: tuple) -> bytes:
    """Return the model that takes 'x', float32 of `shape` (B, C, H, W), through `nodes`, and gives the tensor `last` of
    shape `out`.
    """
    graph = b"".join(nodes) + _field(2, "stack") + _field(11, _kind("x", shape)) + _field(12, _kind(last, out))
    return _field(1, VERSION) + _field(7, graph) + _field(8, _field(2, OPERATORS))


def conv(x: str, y: str, kernel: np.ndarray, bias: np.ndarray, *, stride: int = 1) -> bytes:
    """`y`, `x` convolved with a kernel (side, side, inputs, outputs), odd side. Zeros lie around the picture; at a
    stride of 2 its sides are even, and the last rows and columns get the odd zero, as in TensorFlow's "same".
    """
    after = len(kernel) // 2
    pads = (after - stride + 1,) * 2 + (after,) * 2
    sides = _ints("pads", pads) + _ints("strides", (stride, stride))
    weights = _tensor(f"{y}k", kernel.transpose(3, 2, 0, 1)) + _tensor(f"{y}b", bias)
    return _node("Conv", [x, f"{y}k", f"{y}b"], y, sides) + weights


def leaky_relu(x: str, y: str, slope: float) -> bytes:
    """`y`, `x` where it is positive, `slope` times it elsewhere."""
    return _node("LeakyRelu", [x], y, _attribute("alpha", _field(2, float(slope)) + _field(20, FLOAT)))


def concat(xs: Sequence[str], y: str) -> bytes:
    """`y`, the channels of all `xs`."""
    return _node("Concat", xs, y, _attribute("axis", _field(3, 1) + _field(20, INT)))


def enlarge_twice(x: str, y: str) -> bytes:
    """`y`, `x` with each pixel four times."""
    text = lambda name, value: _attribute(name, _field(4, value) + _field(20, STRING))
    how = text("mode", "nearest") + text("coordinate_transformation_mode", "asymmetric") + text("nearest_mode", "floor")
    return _node("Resize", [x, "", f"{y}s"], y, how) + _tensor(f"{y}s", np.array([1, 1, 2, 2]))


def _node(kind: str, inputs: Sequence[str], output: str, attributes: bytes) -> bytes:
    joined = b"".join(_field(1, i) for i in inputs) + _field(2, output) + _field(3, output)
    return _field(1, joined + _field(4, kind) + attributes)


def _attribute(name: str, value: bytes) -> bytes:
    return _field(5, _field(1, name) + value)


def _ints(name: str, values: Sequence[int]) -> bytes:
    return _attribute(name, b"".join(_field(8, v) for v in values) + _field(20, INTS))


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
