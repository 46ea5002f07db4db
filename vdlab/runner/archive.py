"""A report as one file to send: what its run wrote, each file proven by its hash, and nothing else that lies there.

The same report gives the same bytes: names in order, no dates, no owners.
"""

import os
import shutil
import zipfile
from pathlib import Path

from ..base.errors import VdlabError
from ..base.terminal import visible
from ..video.files import replacing
from . import manifest, report_facts

DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can name


def zip_report(report, out=None, *, force: bool = False) -> Path:
    """Write the report in the folder `report` into one zip and return its path: `out`, or NAME.zip beside the report.

    Raises `VdlabError` for a folder that is no report, for a file that is not as its run wrote it, and for an `out`
    that is there, unless `force` replaces it, or that cannot be written.
    """
    folder = Path(os.path.realpath(report))
    listed = manifest.own_files(folder)
    name = folder.name
    out = folder.with_name(f"{name}.zip") if out is None else Path(out)
    if not manifest.is_plain_name(name):  # a backslash in it is a folder on Windows
        raise VdlabError(f"{visible(name)}: not a name that a zip's folder can have; rename the report's folder.")
    if out.is_dir() or out.exists() and not force:
        raise VdlabError(f"{out.name}: is there already; give another name, or --force.")
    if folder in Path(os.path.realpath(out)).parents:
        raise VdlabError(f"{out.name}: would lie inside the report that it holds; give another place.")
    for path, promised in listed.items():
        if not report_facts.is_as_written(folder, path, promised):
            raise VdlabError(
                f"{name}/{path}: is not as its run wrote it, so it is not sent. "
                f"`vdlab verify {name} --files-only` says what else has changed; run the report again."
            )
    try:
        with replacing(out) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(listed):
                entry = zipfile.ZipInfo(f"{name}/{path}", DATE)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                entry.create_system = 3  # Unix on every system, for the same bytes
                entry.file_size = (folder / path).stat().st_size  # more than 2 GB need other fields
                with open(folder / path, "rb") as file, archive.open(entry, "w") as held:
                    shutil.copyfileobj(file, held, 1 << 20)
    except OSError as error:
        raise VdlabError(f"{out.name}: cannot be written ({error.strerror or error}).") from error
    return out
