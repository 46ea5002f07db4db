"""Faces found and covered, metadata, and what a model remembers (chapter 09; the article's 8.5).

    report = privacy.anonymize("in.mp4", "out.mp4")
    print(privacy.audit("out.mp4"))

Level 6. `face_detector` finds faces in a picture, `faces` tracks them through a clip, `covers` hides them,
`anonymisation` writes a file without faces and metadata (`video.metadata`) and looks again, what was seen outlasts an
interruption (`remembered_looks`); `membership` tests what a generator remembers, `differential_privacy` trains one that
remembers little (the only file here that loads TensorFlow). A file is never written if a check fails.
"""

from ..base import former_names

__getattr__, __dir__, __all__ = former_names.attach(__name__, __file__)
