from . import anonymisation, covering, covers, differential_privacy, face_detector, faces, membership
from .anonymisation import anonymize, audit
from .covers import cover_faces
from .faces import find_faces
from .membership import measure_memorisation

__all__ = [
    "anonymisation",
    "anonymize",
    "audit",
    "cover_faces",
    "covering",
    "covers",
    "differential_privacy",
    "face_detector",
    "faces",
    "find_faces",
    "measure_memorisation",
    "membership",
]
