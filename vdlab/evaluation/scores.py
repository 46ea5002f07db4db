"""What generated video is judged by, each a number."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scores:
    """What `Reference.score` found.

    `floor`: what as many real windows, drawn at random, score in the samples' place.
    """

    frame: float  # Fréchet distance of frame patches, in variances of the real clip's features
    space_time: float  # the same of 7-frame patches
    wasserstein: float  # sliced, of Laplacian-pyramid patches (ProGAN), ×10³
    novelty: float  # mean distance to the nearest real window ÷ typical distance between real windows
    diversity: float  # typical distance between samples ÷ that between real windows
    motion: float  # mean absolute change from frame to frame ÷ the real clip's
    spectrum: float  # mean |log₁₀| ratio of temporal power spectra; 0 is the real clip's
    floor: Scores | None = None
