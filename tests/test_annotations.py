"""Annotations: what is written is read back, other programs' readers understand it, and what does not fit is refused."""

import json
from dataclasses import replace
from fractions import Fraction
from xml.etree import ElementTree as xml

import jsonschema
import numpy as np
import pytest
import webvtt
import yaml
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from vdlab import annotations, images, samples, tracks, video
from vdlab.annotations import FORMATS, Annotations, Track, annotate, load
from vdlab.errors import ParameterError, VideoError
from vdlab.formats import rle

SIZE = 272, 640                                 # of the clip bikes: H, W


def drawn(frames) -> list[Track]:
    """Two hand-made objects: an ellipse that accelerates over the cut at frame 30, hidden in frames 10 to 12; a ring that stands still."""
    height, width = frames.shape[1:3]
    y, x = np.mgrid[:height, :width]
    moving = np.stack([((x - 60 - 0.12 * t * t) / 40) ** 2 + ((y - 120) / (25 + t / 2)) ** 2 < 1 for t in range(50)])
    moving[10:13] = False
    ring = (np.hypot(x - 500, y - 100) < 50) & (np.hypot(x - 500, y - 100) > 20)
    ring[0, 0] = True                           # of two parts
    return [Track(1, 0, moving), Track(4, 35, np.stack([ring] * 9), "ring")]


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """The first 60 frames of bikes: a shot of 30, a cut, another."""
    return video.write(tmp_path_factory.mktemp("clip") / "two bikes.mp4", video.read(samples.find("bikes"), stop=60), fps=25)


@pytest.fixture(scope="module")
def found(clip) -> Annotations:
    return annotate(clip, objects=drawn)


def _same_clip(a: Annotations, b: Annotations) -> bool:
    return a.record == b.record and (a.times, a.shots, a.scenes, a.key_frames) == (b.times, b.shots, b.scenes, b.key_frames)


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_gives_back_shots_scenes_times_and_key_frames(tmp_path, found, form):
    path = found.save(tmp_path / "bikes.out", form)
    first = path.read_bytes() if path.is_file() else (path / "data.yaml").read_bytes()
    back = load(path, form, source=found.source)
    assert _same_clip(found, back) and back.times[-1] == Fraction(60, 25)
    again = replace(found).save(tmp_path / "bikes.out", form)
    assert (again.read_bytes() if again.is_file() else (again / "data.yaml").read_bytes()) == first
    assert not list(tmp_path.glob(".*partial*"))


@pytest.mark.parametrize("form", ["coco", "cvat"])
def test_formats_with_masks_give_back_every_mask_of_every_frame(tmp_path, found, form):
    back = load(found.save(tmp_path / "bikes", form), form)
    for a, b in zip(found.tracks, back.tracks, strict=True):
        assert (a.number, a.start, a.label, b.boxed) == (b.number, b.start, b.label, False)
        assert np.array_equal(a.masks, b.masks)


@pytest.mark.parametrize("form, tolerance", [("yolo", 0), ("labelstudio", tracks.TOLERANCE + 0.5)])
def test_formats_without_masks_give_back_every_box(tmp_path, found, form, tolerance):
    back = load(found.save(tmp_path / "bikes", form), form)
    for a, b in zip(found.tracks, back.tracks, strict=True):
        assert (a.number, a.start, a.label, b.boxed) == (b.number, b.start, b.label, True) and np.array_equal(a.seen, b.seen)
        assert np.abs(a.boxes - b.boxes).max() <= tolerance


def test_a_track_over_a_cut_is_split_there_and_its_parts_have_numbers_of_their_own(found):
    assert [(t.number, t.start, t.stop) for t in found.tracks] == [(1, 0, 30), (4, 35, 44), (5, 30, 50)]
    with pytest.raises(ParameterError, match="track 1: frames 0 to 49, and a new shot begins at frame 30"):
        replace(found, tracks=(drawn(np.empty((1, *SIZE, 3)))[0],))


def test_a_file_whose_track_goes_on_over_a_cut_is_refused(tmp_path, found):
    path = found.save(tmp_path / "bikes.json", "coco")
    path.write_text(path.read_text("utf8").replace('"track_id": 5', '"track_id": 1'), "utf8")
    with pytest.raises(ParameterError, match="track 1: .* a new shot begins at frame 30"):
        load(path, "coco")


def test_few_key_frames_hold_all_boxes_within_the_tolerance(found):
    moving, ring, _ = found.tracks
    keys = moving.keys()
    assert keys[[0, 9, 13, 29]].all() and not keys[10:13].any() and 5 <= keys.sum() <= 12
    assert np.abs(moving.interpolated() - moving.boxes)[moving.seen].max() <= tracks.TOLERANCE
    assert np.array_equal(moving.interpolated(tolerance=0.0), moving.boxes)
    assert np.flatnonzero(ring.keys()).tolist() == [0, 8]
    assert moving.boxes[0].tolist() == [21, 96, 100, 145] and not moving.boxes[11].any()


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")      # pycocotools' own
def test_pycocotools_reads_the_masks_and_finds_the_areas_and_boxes(tmp_path, found):
    coco = COCO(found.save(tmp_path / "bikes.json", "coco"))
    assert len(coco.imgs) == 60 and {c["name"] for c in coco.cats.values()} == {"object", "ring"}
    assert len(coco.anns) == 27 + 20 + 9
    by_number = {t.number: t for t in found.tracks}
    for mark in coco.anns.values():
        track, frame = by_number[mark["attributes"]["track_id"]], coco.imgs[mark["image_id"]]["frame"]
        assert np.array_equal(coco.annToMask(mark).astype(bool), track.masks[frame - track.start])
        assert mark["area"] == coco_mask.area(mark["segmentation"]) and mark["bbox"] == coco_mask.toBbox(mark["segmentation"]).tolist()
        assert mark["attributes"]["keyframe"] == track.keys()[frame - track.start]


def test_run_lengths_are_packed_as_pycocotools_packs_them():
    rng = np.random.default_rng(0)
    for shape, share in [((1, 1), 1), ((1, 1), 0), ((7, 5), 0.5), ((200, 300), 0.5), ((300, 200), 0.001), ((480, 640), 0.9999)]:
        mask = rng.random(shape) < share
        runs = rle.counts(mask.T.ravel())
        assert rle.pack(runs) == coco_mask.encode(np.asfortranarray(mask, np.uint8))["counts"].decode()
        assert rle.unpack(rle.pack(runs)) == runs
        assert np.array_equal(rle.flat(runs, mask.size).reshape(shape[::-1]).T, mask)


def test_cvat_has_the_documented_structure_and_says_which_boxes_are_interpolated(tmp_path, found):
    root = xml.parse(found.save(tmp_path / "bikes.xml", "cvat")).getroot()
    assert root.tag == "annotations" and root.findtext("version") == "1.1"
    task = root.find("meta/task")
    assert (task.findtext("size"), task.findtext("mode"), task.findtext("original_size/width")) == ("60", "interpolation", "640")
    assert [(s.findtext("start"), s.findtext("stop")) for s in task.iter("segment")] == [("0", "29"), ("30", "59")]
    assert {n.text for n in task.iterfind("labels/label/name")} == {t.get("label") for t in root.iter("track")}
    ids = [t.get("id") for t in root.iter("track")]
    assert len(set(ids)) == len(ids)
    for shape in root.findall("track/*"):
        assert {"frame", "keyframe", "outside", "occluded"} <= set(shape.keys()) and 0 <= int(shape.get("frame")) < 60
        assert set(shape.keys()) >= ({"xtl", "ytl", "xbr", "ybr"} if shape.tag == "box" else {"rle", "left", "top", "width", "height"})
    moving = found.tracks[0]
    boxes = root.find("track").findall("box")
    marks = {int(b.get("frame")): b.get("keyframe") == "1" for b in boxes if b.get("outside") == "0"}
    assert marks == {n: bool(k) for n, k in enumerate(moving.keys()) if moving.seen[n]}
    assert [int(b.get("frame")) for b in boxes if b.get("outside") == "1"] == [10, 30]


def test_a_file_from_cvat_itself_is_read_with_what_it_says(tmp_path, found):
    root = xml.parse(found.save(tmp_path / "bikes.xml", "cvat")).getroot()
    root.find("meta").remove(root.find("meta/vdlab"))
    for track in root.findall("track"):
        if track.find("mask") is not None:
            root.remove(track)
    (tmp_path / "theirs.xml").write_bytes(xml.tostring(root))
    back = load(tmp_path / "theirs.xml", "cvat", source=found.source)
    assert (back.frames, back.shots, back.times) == (60, (), ()) and [t.number for t in back.tracks] == [1, 4, 5]
    for a, b in zip(found.tracks, back.tracks):
        assert np.array_equal(a.seen, b.seen) and np.abs(a.boxes - b.boxes).max() <= tracks.TOLERANCE + 0.5
    with pytest.raises(ParameterError, match="times of two bikes.mp4 are not known"):
        back.save(tmp_path / "chapters.vtt", "webvtt")


TASK = {                                        # of Label Studio's documents on tasks, pre-annotations, VideoRectangle and TimelineLabels
    "type": "array", "items": {"type": "object", "required": ["data", "predictions"], "properties": {
        "data": {"type": "object", "required": ["video"], "properties": {"video": {"type": "string"}}},
        "predictions": {"type": "array", "items": {"required": ["result"], "properties": {"result": {"type": "array", "items": {
            "required": ["id", "type", "from_name", "to_name", "value"], "properties": {"id": {"type": "string"}},
            "oneOf": [
                {"properties": {"type": {"const": "videorectangle"}, "value": {
                    "required": ["framesCount", "duration", "sequence", "labels"], "properties": {
                        "framesCount": {"type": "integer", "minimum": 1}, "duration": {"type": "number"},
                        "labels": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                        "sequence": {"type": "array", "minItems": 1, "items": {
                            "required": ["frame", "enabled", "rotation", "x", "y", "width", "height", "time"], "additionalProperties": False,
                            "properties": {"frame": {"type": "integer", "minimum": 1}, "enabled": {"type": "boolean"}, "auto": {"const": True},
                                           "rotation": {"type": "number"}, "time": {"type": "number", "minimum": 0},
                                           **{k: {"type": "number", "minimum": 0, "maximum": 100} for k in ("x", "y", "width", "height")}}}}}}}},
                {"properties": {"type": {"const": "timelinelabels"}, "value": {
                    "required": ["ranges", "timelinelabels"], "properties": {"ranges": {"type": "array", "items": {
                        "required": ["start", "end"], "properties": {k: {"type": "integer", "minimum": 1} for k in ("start", "end")}}}}}}}]}}}}}}}}


def test_label_studio_tasks_meet_their_schema_and_mark_interpolated_boxes(tmp_path, found):
    path = found.save(tmp_path / "bikes.json", "labelstudio")
    tasks = json.loads(path.read_text("utf8"))
    jsonschema.validate(tasks, TASK)
    regions = tasks[0]["predictions"][0]["result"]
    assert [r["value"]["ranges"] for r in regions if r["value"].get("timelinelabels") == ["shot"]] == [[{"start": 1, "end": 30}], [{"start": 31, "end": 60}]]
    moving, sequence = found.tracks[0], next(r for r in regions if r["id"] == "track-1")["value"]["sequence"]
    assert {s["frame"] - 1: not s.get("auto", False) for s in sequence} == {n: bool(k) for n, k in enumerate(moving.keys()) if moving.seen[n]}
    assert [s["frame"] - 1 for s in sequence if not s["enabled"]] == [9, 29]


def test_label_studio_s_own_exports_are_read_key_frames_and_added_objects_alike(tmp_path, found):
    path = found.save(tmp_path / "bikes.json", "labelstudio")
    tasks = json.loads(path.read_text("utf8"))
    regions = tasks[0].pop("predictions")[0]["result"]
    for region in regions:                      # they keep key frames only
        region["value"]["sequence"] = [s for s in region["value"].get("sequence", []) if not s.get("auto")]
    added = {"frame": 51, "enabled": True, "rotation": 0, "x": 10, "y": 10, "width": 5, "height": 50, "time": 2}
    regions.append({"id": "Dx_aB", "type": "videorectangle", "value": {"sequence": [added], "labels": ["dog"]}})
    tasks[0]["annotations"] = [{"result": regions}]
    path.write_text(json.dumps(tasks))
    *back, dog = sorted(load(path, "labelstudio").tracks, key=lambda t: t.label != "object" and t.label != "ring")
    assert [np.abs(a.boxes - b.boxes).max() <= 2.5 for a, b in zip(found.tracks, back)] == [True] * 3
    assert (dog.label, dog.start, dog.stop) == ("dog", 50, 60) and dog.number not in (1, 4, 5)


def test_yolo_has_a_file_and_a_picture_a_frame_and_a_data_file_that_yaml_reads(tmp_path, found):
    folder = found.save(tmp_path / "set", "yolo")
    data = yaml.safe_load((folder / "data.yaml").read_text("utf8"))
    assert data["names"] == ["object", "ring"] and (folder / data["train"]).is_dir()
    names = [sorted(p.stem for p in (folder / kind).iterdir()) for kind in ("images", "labels")]
    assert names[0] == names[1] == [f"two bikes_{n:06d}" for n in range(60)]
    assert (folder / "labels" / "two bikes_000055.txt").read_text() == ""
    assert len((folder / "labels" / "two bikes_000035.txt").read_text().splitlines()) == 2
    kind, *place = (folder / "labels" / "two bikes_000000.txt").read_text().split()
    assert kind == "0" and np.allclose(np.array(place, float), [60.5 / 640, 120.5 / 272, 79 / 640, 49 / 272], atol=1e-6)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(ParameterError, match="something else of that name"):
        found.save(tmp_path / "mine", "yolo")


def test_chapters_and_thumbnails_are_read_by_a_webvtt_reader(tmp_path, found):
    chapters = webvtt.read(str(found.save(tmp_path / "chapters.vtt", "webvtt")))
    assert [(c.start, c.end, c.text) for c in chapters] == [("00:00:00.000", "00:00:01.200", "Scene 1 · shot 1"),
                                                            ("00:00:01.200", "00:00:02.400", "Scene 2 · shot 2")]
    path = found.save(tmp_path / "a seek bar.vtt", "thumbnails")
    sheet, cues = images.read_image(tmp_path / "a seek bar.jpg"), list(webvtt.read(str(path)))
    assert [c.text for c in cues] == [f"a%20seek%20bar.jpg#xywh={160 * n},0,160,68" for n in range(3)]
    assert (cues[0].start, cues[-1].end) == ("00:00:00.000", "00:00:02.400") and all(a.end == b.start for a, b in zip(cues, cues[1:]))
    for n, frame in enumerate((0, 25, 50)):
        true = images.fit(video.read(found.source, start=frame, stop=frame + 1)[0], 160).astype(float)
        assert np.abs(sheet[:, 160 * n:160 * n + 160] - true).mean() < 6
    images_only = replace(found, source=None)
    with pytest.raises(VideoError, match="thumbnails need the clip"):
        images_only.save(path, "thumbnails")
    (tmp_path / "a seek bar.jpg").write_bytes(images.encode(sheet[:, :200]))
    with pytest.raises(ParameterError, match="has no cell"):
        load(path, "thumbnails")


def test_masks_of_a_wrong_size_are_refused_when_made_and_when_loaded(tmp_path, clip, found):
    with pytest.raises(ParameterError, match="track 7: its masks are 320×136 pixels, the clip two bikes.mp4 is 640×272"):
        annotate(clip, objects=lambda frames: [Track(7, 0, np.ones((3, 136, 320), bool))])
    with pytest.raises(ParameterError, match="ends with frame 60, the clip .* with frame 59"):
        replace(found, tracks=(Track(7, 58, np.ones((3, *SIZE), bool)),))
    coco = found.save(tmp_path / "a.json", "coco")
    text = coco.read_text("utf8")
    coco.write_text(text.replace('"size": [272, 640]', '"size": [136, 320]', 1), "utf8")
    with pytest.raises(ParameterError, match="mask of annotation 1 is 320×136 pixels, its image 640×272"):
        load(coco, "coco")
    cvat = found.save(tmp_path / "a.xml", "cvat")
    cvat.write_text(cvat.read_text("utf8").replace('left="21"', 'left="600"', 1), "utf8")
    with pytest.raises(ParameterError, match="mask of frame 0 reaches to 679, 145, the picture has 640×272"):
        load(cvat, "cvat")
    for form in ("yolo", "webvtt"):
        with pytest.raises(ParameterError, match="speaks of 60 frames of 640×272 pixels, the clip has 2 frames of 30×20"):
            load(found.save(tmp_path / form, form), form, source=np.zeros((2, 20, 30, 3), np.uint8))


@pytest.mark.parametrize("form", FORMATS)
def test_one_frame_and_no_objects_can_be_written_and_read(tmp_path, form):
    one = annotate(np.full((1, 20, 30, 3), 90, np.uint8), objects=lambda frames: [])
    back = load(one.save(tmp_path / "one.x", form), form)
    assert _same_clip(one, back) and back.tracks == () and len(back.shots) == len(back.scenes) == 1
    if form not in ("webvtt", "thumbnails"):
        seen = replace(one, tracks=(Track(0, 0, np.eye(20, 30, dtype=bool)[None]),))
        assert load(seen.save(tmp_path / "two.x", form), form).tracks[0].boxes.tolist() == [[0, 0, 20, 20]]


def test_a_clip_without_objects_asked_for_has_none_and_a_clip_without_frames_is_an_error():
    assert annotate(iter(np.zeros((4, 16, 16, 3), np.uint8))).tracks == ()
    with pytest.raises(VideoError):
        annotate(np.zeros((0, 16, 16, 3), np.uint8))


def test_unknown_formats_foreign_files_and_bad_tracks_are_errors(tmp_path, found):
    with pytest.raises(ParameterError, match="coco, cvat, labelstudio, yolo, webvtt, thumbnails"):
        found.save(tmp_path / "x", "pascal")
    (tmp_path / "other").write_text('{"a": 1}\n')
    for form in FORMATS:
        with pytest.raises(ParameterError, match=f"no annotations in the format {form}"):
            load(tmp_path / "other", form)
    with pytest.raises(ParameterError, match="two tracks have the number 3"):
        replace(found, tracks=(Track(3, 0, np.ones((1, *SIZE), bool)),) * 2)
    with pytest.raises(ParameterError, match="track 2: it is seen in no frame"):
        replace(found, tracks=(Track(2, 0, np.zeros((1, *SIZE), bool)),))
    for masks in (np.ones(SIZE, bool), np.ones((1, *SIZE)), np.ones((0, *SIZE), bool)):
        with pytest.raises(ParameterError, match="masks are bool"):
            Track(0, 0, masks)
    assert annotations.load(found.save(tmp_path / "y", "coco"), "coco").tracks
