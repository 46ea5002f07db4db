"""Arrays from a file, .npy or .npz, that a stranger may have written: no pickles, and no more than a stated size.

Of an .npz, zipped, a few megabytes can be gigabytes of zeros.
"""

import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .received import named_file

MOST_BYTES = 1 << 30


def read_arrays(path: Path, *, only: Sequence[str] = (), most: int = MOST_BYTES) -> dict[str, np.ndarray]:
    """Return {name: array} of an .npz, of all or `only` some; of an .npy {"array": array}.

    Raises `KeyError` where one of `only` is missing, `OSError` for a file that cannot be opened, `ValueError` for what
    holds no arrays, or takes more than `most` bytes.
    """
    size = os.path.getsize(named_file(path, most=1 << 62))
    try:
        packed = zipfile.is_zipfile(path)
        if packed:
            with zipfile.ZipFile(path) as file:  # it hands out no more of an entry than is stated here
                size = sum(entry.file_size for entry in file.infolist())
        if size > most:
            raise ValueError(f"its arrays take {size:,} bytes, and {most:,} are the most")
        found = np.load(path, allow_pickle=False, mmap_mode=None if packed else "r")
        if isinstance(found, np.ndarray):
            return {"array": np.array(found)}
        with found:
            return {name: found[name] for name in only or found.files}
    except (ValueError, KeyError, OSError):
        raise
    except Exception as error:  # a header is Python's syntax, a zip is packed: what breaks in them has many names
        raise ValueError(f"not arrays that can be read: {type(error).__name__}") from error
