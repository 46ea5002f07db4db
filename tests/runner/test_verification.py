"""A report proves itself: whatever is changed in it, or around it, is caught, named, and measured."""

import base64
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.runner.test_reports import write_notebook
from vdlab import VdlabError, runner, video
from vdlab.report import parameters
from vdlab.runner import content_differences, differences, report_facts, verification
from vdlab.video import images

CODE = """import pathlib, numpy as np, vdlab
from vdlab import video; from vdlab.report import figures, parameters
parameters.NOTEBOOKS = pathlib.Path({folder!r})
lab = vdlab.start("01_tiny", globals())
frames = video.read(lab.clip, width=64)[:6]
plt = figures.plt()
figure, axes = plt.subplots()
axes.plot(frames.mean((1, 2, 3)) * n)
lab.figure(figure, f"{{n}} curves", name="curve")
lab.figure(frames[0], "One frame", name="still")
lab.play({{"source": frames}}, "The clip", name="clip")
lab.record("mean", float(frames.mean()) * n, "grey levels")
own = {{"section": "1", "english": "Frames are bright", "holds": "brightest > 100"}}
lab.claim("bright", f"{{frames.mean():.3f}}", see="curve", own=own, brightest=frames.max())
video.write(lab.artifact("made.mp4"), frames, fps=5)
np.savez(lab.artifact("codes.npz"), codes=frames.mean((1, 2)))
lab.artifact("t.csv").write_text(f"a,b\\n1,{{frames.mean():.4f}}\\n")"""
KNOBS = 'clip: str = "synthetic"  # path; the clip\nn: int = 1  # 0..9; a factor'


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    """A folder with one small chapter that draws, plays, records and writes files, in place of the kit's."""
    folder = tmp_path_factory.mktemp("notebooks")
    write_notebook(folder, "01_tiny", CODE.format(folder=str(folder)), parameters=KNOBS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parameters, "NOTEBOOKS", folder)
        yield folder


@pytest.fixture(scope="module")
def pristine(books, tmp_path_factory):
    """A report of that chapter on a reader's own clip, made once; nobody changes it."""
    place = tmp_path_factory.mktemp("reports")
    rng = np.random.default_rng(3)
    video.write(place / "own.mp4", rng.integers(0, 256, (6, 48, 64, 3), dtype=np.uint8), fps=5)
    done = runner.run_report(
        runner.make_request(str(place / "own.mp4")), out=place / "own", command="vdlab report own.mp4"
    )
    assert done[0].failure == ""
    return place / "own"


@pytest.fixture
def report(pristine, tmp_path):
    """A copy that a test may change, its clip beside it."""
    shutil.copytree(pristine, tmp_path / "own")
    shutil.copy(pristine.parent / "own.mp4", tmp_path / "own.mp4")
    return tmp_path / "own"


@pytest.fixture
def second(pristine, monkeypatch, tmp_path):
    """The second run, for tests of what comes after it: a copy of the first (a test shows that they are equal)."""

    def copy(run, own, source, place, jobs):
        return shutil.copytree(pristine, place / "again")

    monkeypatch.setattr(verification, "_second_run", copy)


def judge(report, **options):
    """Verify, and return what was said as one text, and what speaks against the report."""
    lines = []
    against = runner.verify_report(report, say=lines.append, **options)
    return "\n".join(lines), against


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf8")


def edit_run(report, change) -> None:
    run = json.loads((report / "run.json").read_text("utf8"))
    change(run)
    (report / "run.json").write_text(json.dumps(run), "utf8")


def test_an_unchanged_report_is_identical_when_it_is_run_again(report):
    said, against = judge(report)
    assert against == []
    assert "identical" in said
    assert not [p for p in report.parent.iterdir() if p.name.startswith(".")]


def test_a_renamed_and_moved_report_and_clip_are_still_identical(report, tmp_path):
    moved = tmp_path / "elsewhere" / "renamed"
    moved.parent.mkdir()
    report.rename(moved)
    (tmp_path / "own.mp4").rename(tmp_path / "holiday in another name.mp4")
    said, against = judge(moved, clip=str(tmp_path / "holiday in another name.mp4"))
    assert against == []
    assert "identical" in said


def test_a_changed_parameter_is_caught_before_the_run_and_its_effect_after(report):
    edit_run(report, lambda run: run["parameters"]["01_tiny"].update(n=2))
    said, _ = judge(report)
    assert "run.json: 01_tiny, n: 2, but metrics.json has 1" in said.splitlines()[0]
    assert "01_tiny, parameters, n: 1 → 2" in said
    assert re.search(r"01_tiny, record 'mean': .* \(50 %\) grey levels", said)
    assert "figure 'curve'" in said
    assert "1 → 2" in said
    assert "figure 'still'" not in said


@pytest.mark.usefixtures("second")
def test_a_changed_number_is_named_with_old_new_and_by_how_much(report):
    value = json.loads((report / "metrics.json").read_text())["chapters"]["01_tiny"]["records"][0]["value"]
    edit(report / "metrics.json", repr(value), repr(value * 1.25))
    said, _ = judge(report)
    assert f"01_tiny, record 'mean': {value * 1.25!r} → {value!r} (20 %) grey levels" in said
    assert said.index("its bytes are not those that the run wrote") < said.index("record 'mean'")
    assert [d.where for d in judge(report, again=False)[1]] == ["metrics.json"]


@pytest.mark.usefixtures("second")
def test_a_changed_number_of_a_claim_is_measured_and_its_verdict_worked_out_again(report):
    told = (report / "metrics.json").read_text()
    value = json.loads(told)["chapters"]["01_tiny"]["claims"][0]["numbers"]["brightest"]
    edit(report / "metrics.json", f'"brightest": {value}', '"brightest": 50')
    said, against = judge(report)
    assert f"01_tiny, claim 'Frames are bright', brightest: 50 → {value}" in said
    assert "01_tiny, claim 'Frames are bright': is said to be 'holds', but its rule and numbers give 'wrong'" in said
    assert any("its rule and numbers give" in str(d) for d in against)


@pytest.mark.usefixtures("second")
def test_a_changed_curve_and_a_changed_verdict_are_named_by_figure_and_claim(report):
    page = report / "01_tiny.html"
    path = re.search(
        r'(<path d="m[^"z]*[ -])([\d.]+)(?=")', page.read_text().split('id="curve"')[1]
    )  # an open path's last step
    edit(page, path[0], path[1] + str(float(path[2]) + 5))
    edit(page, "<b>✔ holds</b>", "<b>✘ wrong</b>")
    said, _ = judge(report)
    assert re.search(r"01_tiny.html, figure 'curve': 1 places of the drawing moved, by up to [\d.]+ %", said)
    assert "01_tiny.html, claim 'Frames are bright': “✘ wrong” → “✔ holds”" in said
    assert "figure 'still'" not in said
    assert "figure 'clip'" not in said


@pytest.mark.usefixtures("second")
def test_a_changed_picture_and_a_changed_clip_in_a_page_are_measured_in_grey_levels(report, tmp_path):
    page = report / "01_tiny.html"
    for anchor, kind, made in (
        ("still", "image/webp", images.encode_image(np.full((48, 64, 3), 90, np.uint8), "webp")),
        (
            "clip",
            "video/mp4",
            video.write(tmp_path / "x.mp4", np.full((6, 48, 64, 3), 90, np.uint8), fps=5).read_bytes(),
        ),
    ):
        before, after = page.read_text().split(f'id="{anchor}"', 1)
        after = re.sub(
            f'data:{kind};base64,[^"]*', f"data:{kind};base64,{base64.b64encode(made).decode()}", after, count=1
        )
        page.write_text(f'{before}id="{anchor}"{after}')
    said, _ = judge(report)
    assert re.search(r"figure 'still': picture 1 of 1: [\d.]+ grey levels on average, at most \d+", said)
    assert re.search(
        r"figure 'clip': clip 2 of 2: [\d.]+ grey levels on average, at most \d+ in 6 of 6 frames, the first is 0", said
    )
    assert "figure 'curve'" not in said


@pytest.mark.usefixtures("second")
def test_a_changed_artifact_is_measured_by_what_it_holds(report):
    folder = report / "artifacts" / "01_tiny"
    frames = video.read(folder / "made.mp4")
    frames[3] = 0
    video.write(folder / "made.mp4", frames, fps=5)
    codes = np.load(folder / "codes.npz")["codes"]
    np.savez(folder / "codes.npz", codes=codes * 1.5)
    edit(folder / "t.csv", "1,", "2,")
    (folder / "added.bin").write_bytes(b"x")
    said, _ = judge(report)
    assert re.search(r"made.mp4: .* grey levels on average", said)
    assert "codes: by up to" in said
    assert "(33.33 % of the largest value)" in said
    assert "t.csv: 2 → 1 (50 %)" in said
    assert "added.bin: was not written by the run" in said


@pytest.mark.usefixtures("second")
def test_a_missing_page_is_named(report):
    (report / "01_tiny.html").unlink()
    assert "01_tiny.html: is missing" in judge(report, again=False)[0]


@pytest.mark.usefixtures("second")
def test_another_package_version_is_named_first(report, monkeypatch):
    here = report_facts._version
    monkeypatch.setattr(report_facts, "_version", lambda p: "1.2.3" if p == "numpy" else here(p))
    edit(report / "metrics.json", "Frames are bright", "Frames are dark")
    said, against = judge(report)
    assert said.splitlines()[0].startswith("version of numpy: ")
    assert "→ 1.2.3" in said.splitlines()[0]
    assert against[0].where == "version of numpy"


@pytest.mark.usefixtures("second")
def test_a_version_changed_in_run_json_is_caught_by_the_index(report):
    edit_run(report, lambda run: run["versions"].update(numpy="0.0.1"))
    said, against = judge(report, again=False)
    assert "version of numpy: 0.0.1 →" in said.splitlines()[0]
    assert "names other versions than index.html" in said
    assert len(against) == 2


@pytest.mark.usefixtures("second")
def test_a_changed_notebook_is_named(report, books):
    source = (books / "01_tiny.ipynb").read_text()
    try:
        edit(books / "01_tiny.ipynb", "One frame", "A frame")
        assert "notebook 01_tiny: has changed since" in judge(report, again=False)[0]
    finally:
        (books / "01_tiny.ipynb").write_text(source)


def test_a_changed_input_clip_is_caught_by_its_sha256(report):
    video.write(report.parent / "own.mp4", np.zeros((6, 48, 64, 3), np.uint8), fps=5)
    said, against = judge(report)
    assert "clip own.mp4: SHA-256" in said
    assert against[0].where == "clip own.mp4"


def test_a_clip_that_is_nowhere_is_one_sentence_that_says_what_to_do(report):
    (report.parent / "own.mp4").unlink()
    with pytest.raises(VdlabError, match="--clip PATH"):
        judge(report)


@pytest.mark.parametrize(
    "damage",
    [
        lambda r: None,
        lambda r: {},
        lambda r: {**r, "jobs": 0},
        lambda r: {**r, "parameters": {}},
        lambda r: {**r, "chapters": 7},
    ],
)
def test_a_damaged_run_json_is_bad_input(report, damage):
    run = json.loads((report / "run.json").read_text())
    (report / "run.json").write_text(json.dumps(damage(run)))
    with pytest.raises(VdlabError, match="damaged"):
        judge(report)


@pytest.mark.usefixtures("second")
def test_a_tolerance_accepts_small_shifts_of_another_machine_and_nothing_larger(report):
    def as_that_machine_wrote_it():  # a report whose own run gave slightly other numbers: its files are its own
        edit_run(report, lambda run: run.update(files=report_facts.report_manifest(report)))

    value = json.loads((report / "metrics.json").read_text())["chapters"]["01_tiny"]["records"][0]["value"]
    edit(report / "metrics.json", repr(value), repr(value * 1.0005))
    as_that_machine_wrote_it()
    said, against = judge(report, tolerance=0.001)
    assert against == []
    assert "[within the tolerance]" in said
    assert len(judge(report, tolerance=0.0001)[1]) == 1
    assert len(judge(report)[1]) == 1
    edit(report / "metrics.json", '"verdict": "holds"', '"verdict": "wrong"')
    as_that_machine_wrote_it()
    said, against = judge(report, tolerance=0.5)
    assert "verdict: “wrong” → “holds”" in said
    assert against


@pytest.mark.parametrize(
    "a, b, said",
    [
        ("12.5 dB, 3 cuts", "12.5 dB, 4 cuts", "3 → 4 (25 %)"),
        ("1\u202f234\u202f567", "1\u202f234\u202f566", "1\u202f234\u202f567 → 1\u202f234\u202f566 (8.1×10⁻⁵ %)"),
        ("a good day", "a bad day", "“good” → “bad”"),
    ],
)
def test_texts_differ_by_their_numbers_or_by_their_words(a, b, said):
    assert [w for w, _ in content_differences.text_difference(a, b)] == [said]
    assert [*content_differences.text_difference(a, a)] == []


def test_a_plot_with_other_hashes_and_the_same_curve_is_the_same():
    assert [
        *content_differences.markup_difference(
            '<path id="m0123456789" d="M 1 2"/><use href="#m0123456789"/>',
            '<path id="mabcdef0123" d="M 1 2"/><use href="#mabcdef0123"/>',
        )
    ] == []


def test_nan_is_the_same_as_nan():
    metrics = {
        "clip": {},
        "chapters": {
            "01": {"failure": "", "parameters": {}, "claims": [], "records": [{"name": "a", "value": float("nan")}]}
        },
    }
    assert [*differences.number_differences(metrics, json.loads(json.dumps(metrics)))] == []


def test_the_command_line_proves_a_real_chapter_and_lists_what_was_done_to_it(vdlab, tmp_path):
    report = tmp_path / "one"
    assert vdlab("run", "00", "synthetic", "-p", "width=96", "--out", report).returncode == 0
    end = vdlab("verify", report)
    assert end.returncode == 0, end.stdout + end.stderr
    assert "identical" in end.stdout, end.stdout + end.stderr
    metrics = json.loads((report / "metrics.json").read_text())
    metrics["chapters"]["00_overview"]["records"][1]["value"] += 1
    (report / "metrics.json").write_text(json.dumps(metrics))
    edit(
        report / "00_overview.html",
        'id="between"><p class="vd-title"><span>Figure 4',
        'id="between"><p class="vd-title"><span>Figure 5',
    )
    edit_run(report, lambda run: run["versions"].update(numpy="0.0.1"))
    end = vdlab("verify", report)
    assert end.returncode == 1
    assert end.stdout.startswith("version of numpy: 0.0.1 →")
    assert "record 'shots found': " in end.stdout
    assert "figure 'between': 5 → 4" in end.stdout
    for arguments in ([tmp_path], [report, "--tolerance", "-1"], [report, "--clip", "nothing.mp4"]):
        end = vdlab("verify", *arguments)
        assert end.returncode == 2
        assert end.stderr.startswith("vdlab: ")
        assert "Traceback" not in end.stderr
