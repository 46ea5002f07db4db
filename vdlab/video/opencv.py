"""OpenCV, imported here alone: a machine on which it is missing, broken or another one is told what to install."""

import importlib.metadata
import os
from contextlib import suppress

from ..base.errors import VdlabError

MOST_PIXELS = 1 << 27  # of a picture, four times 8K
LEAST = 1500 << 20  # bytes of addresses that a process has to be allowed
os.environ.pop("OPENCV_IPP", None)  # another way to enlarge: even the built-in clips would be others
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MOST_PIXELS))  # a header that says more costs gigabytes


def _cure(trouble: str) -> VdlabError:
    """What is wrong with the OpenCV that Python finds, and what to do."""
    if ".so" in trouble:
        missing = trouble.split(":")[0]
        package = {"libGL.so.1": "libgl1", "libgthread-2.0.so.0": "libglib2.0-0"}.get(missing, "libgl1")
        return VdlabError(
            f"OpenCV needs the system library {missing}. Install it: apt install {package} "
            f"(Debian, Ubuntu) or dnf install mesa-libGL (Fedora)."
        )
    names = {str(d.name).lower() for d in importlib.metadata.distributions() if d.name}
    others = " ".join(sorted(n for n in names if n.startswith("opencv") and n != "opencv-python"))
    first = f"pip uninstall -y {others}, then " if others else ""
    beside = ": another package of it lies over the kit's" if others else ""
    return VdlabError(
        f"OpenCV 5 is needed, and {trouble}{beside}. Run {first}pip install --force-reinstall --no-deps opencv-python"
    )


def _refuse_little_memory() -> None:
    """Raise `VdlabError` where this process may have too little: OpenBLAS, loading, then tries for ever to get more."""
    with suppress(ImportError):  # Windows
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if 0 <= limit < LEAST:
            raise VdlabError(f"only {limit >> 20} MB of memory may be used, and {LEAST >> 20} are needed: ulimit -v")


_refuse_little_memory()
try:
    import cv2
except ImportError as error:
    raise _cure(str(error) if ".so" in str(error) else "there is none") from None
if int(cv2.__version__.split(".")[0]) < 5:
    raise _cure(f"this is {cv2.__version__}")
