"""The article's reading list (7.1, 7.3 and 10), title by title, and what the record says of each.

`ARTICLE` is what the article names; a correction stands beside an entry whose author, year or title is not what was
published. `MISSING` is what a reader would need for the subject in the title.
"""

from __future__ import annotations

# (section, what it names, what is so). An empty third entry: as the article says.
ARTICLE = (
    ("7.1", "Deep Learning, Goodfellow, Bengio and Courville", ""),
    (
        "7.1",
        "Generative Adversarial Networks, a book by Goodfellow",
        "no such book is in his list of publications; the paper of 2014 is meant",
    ),
    ("7.1", "Generative Adversarial Nets, Goodfellow et al. 2014", ""),
    (
        "7.1",
        "Unsupervised Representation Learning with Deep Convolutional GANs, Alemi et al. 2016",
        "Radford, Metz and Chintala, arXiv:1511.06434",
    ),
    ("7.1", "Documentation of TensorFlow and of PyTorch", ""),
    ("7.1", "Kaggle and GitHub", ""),
    (
        "7.3",
        "Unsupervised Learning of Video Representations with Temporal Convolutional Networks, Simonyan et al. 2018",
        "nearest in title: … using LSTMs, Srivastava, Mansimov and Salakhutdinov 2015, arXiv:1502.04681",
    ),
    ("7.3", "Beyond a Gaussian Denoiser, Wang et al. 2017", "Zhang, Zuo, Chen, Meng and Zhang, arXiv:1608.03981"),
    ("7.3", "Computer Vision: Algorithms and Applications, Szeliski", ""),
    (
        "7.3",
        "Image Processing: Principles, Algorithms, and Scientific Applications, Gonzalez and Woods",
        "their book is Digital Image Processing",
    ),
    ("10", "Documentation of OpenCV", ""),
)

MISSING = (
    (
        "Deep Unsupervised Learning using Nonequilibrium Thermodynamics, Sohl-Dickstein et al. 2015",
        "arXiv:1503.03585",
        "the idea: destroy slowly, learn to undo",
    ),
    (
        "Denoising Diffusion Probabilistic Models, Ho, Jain and Abbeel 2020",
        "arXiv:2006.11239",
        "makes it work for pictures",
    ),
    (
        "Score-Based Generative Modeling through SDEs, Song et al. 2021",
        "arXiv:2011.13456",
        "one equation behind all of them",
    ),
    ("Video Diffusion Models, Ho et al. 2022", "arXiv:2204.03458", "the term that the article's title uses"),
    ("Flow Straight and Fast, Liu, Gong and Liu 2022", "arXiv:2209.03003", "the straight path used here"),
)


def on_diffusion() -> int:
    """Return how many of the article's entries have diffusion in their title."""
    return sum("diffusion" in title.lower() for _, title, _ in ARTICLE)
