"""Layers that several networks share."""

from .backend import keras

layers, ops = keras.layers, keras.ops


RESIDUAL_SCALE = 0.1  # variance scale of the last layer of a residual block: it begins near the identity


@keras.saving.register_keras_serializable("vdlab")
class ShotDense(layers.Layer):
    """A linear map (…, inputs) → (…, outputs) whose matrix depends on the shot: y = x · W[shot]."""

    def __init__(self, shots: int, outputs: int, scale: float = 1.0, **options):
        super().__init__(**options)
        self.shots, self.outputs, self.scale = shots, outputs, scale

    def build(self, shapes):
        """Make the matrices, one a shot."""
        one = keras.initializers.VarianceScaling(self.scale, "fan_in")
        inputs = shapes[0][-1]
        self.matrix = self.add_weight(
            shape=(self.shots, inputs, self.outputs),
            name="matrix",
            initializer=lambda shape, dtype: ops.stack([one((inputs, self.outputs), dtype)] * self.shots),
        )

    def call(self, inputs):
        """(x (…, inputs), shot) → (…, outputs)."""
        x, shot = inputs
        return ops.matmul(x, ops.take(self.matrix, shot, axis=0))
