from . import losses, theory, toy_games, toy_networks, toy_samples
