from . import losses, theory, toy_games, toy_networks

__all__ = ["losses", "theory", "toy_games", "toy_networks"]
