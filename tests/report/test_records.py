"""A recorded number says which way is better, how sure it is and what it is read against; old names are still read."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from tests.runner import made_reports
from vdlab.base.errors import ParameterError, VdlabError
from vdlab.report import findings, records
from vdlab.report.lab import Lab
from vdlab.runner import index_sentences, manifest


@pytest.fixture
def lab(tmp_path, monkeypatch):
    monkeypatch.setenv("VDLAB_RUN", str(tmp_path))
    return Lab("own", {})


def test_a_number_keeps_what_it_is_read_against(lab, tmp_path):
    lab.record(
        "PSNR", np.float32(31.5), "dB", trivial=29.25, peer=31.0, peer_name="Lanczos", better="higher", spread=0.1
    )
    lab.record("AUC", 0.8, ideal=1, chance=0.5, better="higher", spread=(np.float64(0.75), 0.875), headline=True)
    one, two = manifest.read_records(tmp_path / "records" / "own.json")["records"]
    assert one == {
        "name": "PSNR",
        "value": 31.5,
        "unit": "dB",
        "ideal": None,
        "trivial": 29.25,
        "chance": None,
        "peer": 31.0,
        "peer_name": "Lanczos",
        "better": "higher",
        "spread": 0.1,
        "headline": False,
    }
    assert (two["ideal"], two["chance"], two["spread"]) == (1, 0.5, [0.75, 0.875])


def test_floor_is_taken_for_trivial_until_notebooks_have_moved(lab):
    lab.record("distance", 2.0, floor=1.5)
    assert lab.records[0]["trivial"] == 1.5
    assert "floor" not in lab.records[0]
    with pytest.raises(ParameterError, match="former name of trivial"):
        lab.record("twice", 2.0, floor=1.5, trivial=1.0)


@pytest.mark.parametrize(
    "told", [{"better": "up"}, {"spread": -1}, {"spread": (2, 1)}, {"spread": (1, 2, 3)}, {"spread": "wide"}]
)
def test_a_direction_or_a_spread_that_is_none_is_refused(lab, told):
    with pytest.raises(ParameterError, match="record 'n'"):
        lab.record("n", 1.0, **told)


def test_what_is_no_number_in_json_becomes_nothing(lab):
    lab.record("n", float("nan"), trivial=float("inf"), spread=np.float64("nan"))
    assert (lab.records[0]["value"], lab.records[0]["trivial"], lab.records[0]["spread"]) == (None, None, None)
    lab.record("m", 1.0, spread=(0.0, float("inf")))
    assert lab.records[1]["spread"] is None


def test_the_table_of_results_has_the_columns_in_which_something_stands():
    made = [
        records.make_record(
            "PSNR", 31.5, "dB", against, peer_name="Lanczos", better="higher", spread=0.25, headline=True
        )
        for against in [dict(ideal=None, trivial=None, chance=None, peer=31.0)]
    ]
    table = records.results_table(made)
    assert [h for h in ("spread", "trivial", "chance", "ideal", "peer") if f">{h}<" in table] == ["spread", "peer"]
    assert "PSNR ↑" in table
    assert "± 0.25" in table
    assert "31 Lanczos" in table


def test_a_report_of_an_earlier_kit_is_read_as_todays(tmp_path):
    folder = made_reports.write_report(tmp_path / "old")
    metrics = json.loads((folder / "metrics.json").read_text())
    old = metrics["chapters"]["01_tiny"]["records"][0]
    for field in {"ideal", "trivial", "chance", "better", "spread"} & {*old}:
        del old[field]
    old["floor"] = 0.75
    (folder / "metrics.json").write_text(json.dumps(metrics))
    (read,) = manifest.read_metrics(folder)["chapters"]["01_tiny"]["records"]
    assert read["trivial"] == 0.75
    assert (read["ideal"], read["better"], "floor" in read) == (None, "", False)
    assert index_sentences.sentence(read)["than"] == "doing nothing scores 0.75"


@pytest.mark.parametrize("wrong", [{"better": "up"}, {"spread": [2, 1]}, {"spread": 10**400}, {"spread": "wide"}])
def test_a_report_whose_direction_or_spread_is_none_is_refused(tmp_path, wrong):
    folder = made_reports.write_report(tmp_path / "bad")
    metrics = json.loads((folder / "metrics.json").read_text())
    metrics["chapters"]["01_tiny"]["records"][0] |= wrong
    (folder / "metrics.json").write_text(json.dumps(metrics))
    with pytest.raises(VdlabError, match="damaged"):
        manifest.read_metrics(folder)


def test_a_spread_of_no_width_is_not_told(lab):
    lab.record("PSNR", 30.35, "dB", spread=(30.3512, 30.3514))
    lab.record("AUC", 0.8, spread=(0.75, 0.875))
    assert [records.spread_text(r) for r in lab.records] == ["", "[0.75, 0.875]"]


LOOP = (
    "from vdlab.report import lab as rooms\nwritten = []\nwrite = rooms.replace_text\n"
    "rooms.replace_text = lambda path, text: written.append(write(path, text))\nlab = rooms.Lab('own', {})\n"
    "for n in range(3000): lab.record(f'r{n}', n)\nprint(len(written), flush=True)"
)
CELL = (
    "import os\nfrom IPython.core.interactiveshell import InteractiveShell\n"
    f"InteractiveShell.instance().run_cell({LOOP!r})\nos._exit(0)"
)


@pytest.mark.parametrize("code", [LOOP, CELL], ids=["a script", "a cell of a kernel that is killed then"])
def test_thousands_of_numbers_are_written_now_and_then_and_when_a_cell_or_the_script_ends(tmp_path, code):
    environment = {**os.environ, "VDLAB_RUN": str(tmp_path), "IPYTHONDIR": str(tmp_path)}
    end = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert end.stderr == ""
    assert int(end.stdout) < 200
    assert len(manifest.read_records(tmp_path / "records" / "own.json")["records"]) == 3000


def test_a_notebook_with_more_than_a_report_can_show_is_told_so(monkeypatch, lab):
    monkeypatch.setitem(findings.MOST_FOUND, "record", 3)
    for n in range(3):
        lab.record(f"r{n}", n)
    with pytest.raises(ParameterError, match="at most 3 records; write more into a file"):
        lab.record("r3", 3)
    assert len(lab.records) == 3
