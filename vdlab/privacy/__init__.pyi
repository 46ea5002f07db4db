from . import anonymisation, covering, covers, differential_privacy, face_detector, faces, membership, remembered_looks
from .anonymisation import anonymize as anonymize
from .anonymisation import audit as audit
from .covers import cover_faces as cover_faces
from .faces import find_faces as find_faces
from .membership import measure_memorisation as measure_memorisation
