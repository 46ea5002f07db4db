"""The adversarial game: its losses, its theory, toy games (chapter 03; the article's 2.3, 3.3, 4.3).

    losses.discriminator_loss(real_logits, fake_logits)
    theory.jensen_shannon(p, q)

Level 5. `losses` are pure functions of logits, used by every adversarial training here; `theory` needs NumPy alone;
`toy_games` plays many small games side by side. `losses` and `toy_games` load TensorFlow.
"""

from ..base import former_names

__getattr__, __dir__, __all__ = former_names.attach(__name__, __file__)
