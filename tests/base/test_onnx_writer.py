"""Networks written as ONNX are, in OpenCV, the sums that their kernels stand for."""

import numpy as np

from vdlab.base import onnx_writer
from vdlab.video.opencv import cv2


def run(model: bytes, x: np.ndarray) -> np.ndarray:
    engine = cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
    engine.setInput(x)
    return engine.forward()


def test_the_stack_that_opencv_runs_is_the_stack_of_its_kernels():
    rng = np.random.default_rng(0)
    kernels = [rng.normal(size=(3, 3, a, b)).astype(np.float32) for a, b in ((1, 5), (5, 200), (200, 4))]
    biases = [rng.normal(size=b).astype(np.float32) for b in (5, 200, 4)]
    x = rng.normal(size=(2, 1, 9, 7)).astype(np.float32)
    found = run(onnx_writer.write_conv_stack(kernels, biases, slope=0.1, shape=x.shape), x)
    expected = x.transpose(0, 2, 3, 1).astype(np.float64)
    for i, (k, b) in enumerate(zip(kernels, biases)):
        expected = np.where(expected > 0, expected, 0.1 * expected) if i else expected
        around = np.pad(expected, ((0, 0), (1, 1), (1, 1), (0, 0)))
        expected = b + sum(around[:, dy : dy + 9, dx : dx + 7] @ k[dy, dx] for dy in range(3) for dx in range(3))
    np.testing.assert_allclose(found, expected.transpose(0, 3, 1, 2), rtol=1e-4, atol=1e-2)


def test_half_the_size_and_back_beside_the_whole_is_what_it_says():
    rng = np.random.default_rng(0)
    down, kept = (rng.normal(size=(3, 3, 4, 5)).astype(np.float32) for _ in range(2))
    bias, x = rng.normal(size=5).astype(np.float32), rng.normal(size=(1, 4, 6, 8)).astype(np.float32)
    nodes = [
        onnx_writer.conv("x", "half", down, bias, stride=2),
        onnx_writer.enlarge_twice("half", "back"),
        onnx_writer.conv("x", "whole", kept, bias),
        onnx_writer.concat(["back", "whole"], "both"),
    ]
    found = run(onnx_writer.write_model(nodes, x.shape, "both", (1, 10, 6, 8)), x)
    around = np.pad(x[0].astype(float), ((0, 0), (1, 1), (1, 1)))
    summed = lambda k, y, z: bias + sum(around[:, y + i, z + j] @ k[i, j] for i in range(3) for j in range(3))
    for y in range(6):
        for z in range(8):
            # TensorFlow's "same": at a stride of 2 the odd zeros lie below and to the right
            np.testing.assert_allclose(found[0, :5, y, z], summed(down, y // 2 * 2 + 1, z // 2 * 2 + 1), atol=1e-4)
            np.testing.assert_allclose(found[0, 5:, y, z], summed(kept, y, z), atol=1e-4)
