"""A notebook that was written before the rooms goes on, and is told what its names are called now."""

import importlib
import subprocess
import sys

import pytest

import vdlab
from vdlab.base import former_names


def test_every_former_name_leads_somewhere():
    for module, entry in former_names.table().items():
        for old in entry:
            if old != "module":
                with pytest.warns(DeprecationWarning, match=f"vdlab.{module}.{old} is vdlab"):
                    former_names.find(module, old)


def test_a_module_of_before_is_imported_and_says_where_it_is():
    segment = importlib.import_module("vdlab.segment")
    with pytest.warns(DeprecationWarning, match="is vdlab.segmentation.whole_clip.find_objects now"):
        assert segment.objects is vdlab.segmentation.find_objects


def test_a_room_knows_the_names_of_the_module_that_it_was():
    with pytest.warns(DeprecationWarning, match="is vdlab.keyframes.selection.select_key_frames now"):
        assert vdlab.keyframes.key_frames is vdlab.keyframes.select_key_frames


def test_the_warning_names_the_line_of_the_notebook():
    with pytest.warns(DeprecationWarning) as caught:
        _ = vdlab.keyframes.tween
    assert caught[0].filename == __file__


def test_a_name_that_never_was_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'vdlab.video' has no attribute 'nothing'"):
        _ = vdlab.video.nothing
    with pytest.raises(ImportError):
        importlib.import_module("vdlab.nothing")


def test_former_names_cost_no_tensorflow():
    script = "import sys\nfrom vdlab import segment, compress, video\nassert 'tensorflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)
