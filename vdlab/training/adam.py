"""Adam, the optimiser of every training here: Kingma and Ba 2015, arXiv:1412.6980, alg. 1.

Twice: for variables, moved in place, and for tensors, as a compiled loop carries them.
"""

from .backend import keras, tf


class Adam:
    """Adam for variables of Keras or TensorFlow: one operation a variable, where Keras's own spells out 38 and takes
    seconds to compile. Made and applied within the scope of `devices.distribution_strategy`, it adds the replicas'
    gradients up.
    """

    def __init__(self, variables, *, betas: tuple[float, float] = (0.9, 0.99), epsilon: float = 1e-7):
        self.values = [v.value if isinstance(v, keras.Variable) else v for v in variables]
        self.betas, self.epsilon = [*map(tf.constant, betas)], tf.constant(epsilon)
        self.moments = [[tf.Variable(tf.zeros_like(v), trainable=False) for v in self.values] for _ in betas]
        self.powers = [tf.Variable(1.0, trainable=False) for _ in betas]

    @property
    def variables(self) -> list:
        """All that a step changes, but for the weights."""
        return [*self.powers, *self.moments[0], *self.moments[1]]

    def apply(self, gradients, rate) -> None:
        """Take one step of size `rate` down the gradients."""
        replicas = tf.distribute.get_replica_context()
        if replicas.num_replicas_in_sync > 1:
            gradients = replicas.all_reduce(tf.distribute.ReduceOp.SUM, gradients)
        now = [tf.identity(power) * beta for power, beta in zip(self.powers, self.betas)]
        for power, value in zip(self.powers, now):
            tf.raw_ops.AssignVariableOp(resource=power.handle, value=value)  # every replica its own copy, all alike
        for value, first, second, gradient in zip(self.values, *self.moments, gradients):
            tf.raw_ops.ResourceApplyAdam(
                var=value.handle,
                m=first.handle,
                v=second.handle,
                beta1_power=now[0],
                beta2_power=now[1],
                lr=rate,
                beta1=self.betas[0],
                beta2=self.betas[1],
                epsilon=self.epsilon,
                grad=gradient,
            )


def adam_step(weights, slope, memory, age, rate, *, betas: tuple[float, float], epsilon: float = 1e-8):
    """Return (weights, memory, age) after a step of size `rate`; `memory`: means of slope and square, zeros first."""
    m, v = (b * old + (1 - b) * new for b, old, new in zip(betas, memory, (slope, slope**2)))
    age += 1
    return weights - rate * (m / (1 - betas[0] ** age)) / (tf.sqrt(v / (1 - betas[1] ** age)) + epsilon), (m, v), age
