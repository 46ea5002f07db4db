"""Annotations: what is written is read back, other programs' readers understand it, and what does not fit is
refused.
"""

import json
import os
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as xml

import imageio_ffmpeg
import jsonschema
import numpy as np
import pytest
import webvtt
import yaml
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from vdlab import segmentation, video
from vdlab.base.errors import ParameterError, VideoError
from vdlab.segmentation import run_lengths, tracks
from vdlab.segmentation.annotations import FORMATS, Annotations, annotate_clip, load_annotations
from vdlab.segmentation.formats import rle
from vdlab.segmentation.run_lengths import Masks, Part
from vdlab.segmentation.tracks import Track
from vdlab.video import images, sample_clips

SIZE = 272, 640  # of the clip bikes: H, W


def drawn(frames) -> list[Track]:
    """Two hand-made objects: an ellipse that accelerates over the cut at frame 30, hidden in frames 10 to 12; a ring
    that stands still.
    """
    height, width = frames.shape[1:3]
    y, x = np.mgrid[:height, :width]
    moving = np.stack([((x - 60 - 0.12 * t * t) / 40) ** 2 + ((y - 120) / (25 + t / 2)) ** 2 < 1 for t in range(50)])
    moving[10:13] = False
    ring = (np.hypot(x - 500, y - 100) < 50) & (np.hypot(x - 500, y - 100) > 20)
    ring[0, 0] = True  # of two parts
    return [Track(1, 0, moving), Track(4, 35, np.stack([ring] * 9), "ring")]


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """The first 60 frames of bikes: a shot of 30, a cut, another."""
    return video.write(
        tmp_path_factory.mktemp("clip") / "two bikes.mp4", video.read(sample_clips.find_clip("bikes"), stop=60), fps=25
    )


@pytest.fixture(scope="module")
def found(clip) -> Annotations:
    return annotate_clip(clip, objects=drawn)


def _same_clip(a: Annotations, b: Annotations) -> bool:
    return a.record == b.record and (a.times, a.shots, a.scenes, a.key_frames) == (
        b.times,
        b.shots,
        b.scenes,
        b.key_frames,
    )


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_gives_back_shots_scenes_times_and_key_frames(tmp_path, found, form):
    path = found.save(tmp_path / "bikes.out", form)
    first = path.read_bytes() if path.is_file() else (path / "data.yaml").read_bytes()
    back = load_annotations(path, form, source=found.source)
    assert _same_clip(found, back)
    assert back.times[-1] == Fraction(60, 25)
    again = replace(found).save(tmp_path / "bikes.out", form)
    assert (again.read_bytes() if again.is_file() else (again / "data.yaml").read_bytes()) == first
    assert not list(tmp_path.glob(".*partial*"))


@pytest.mark.parametrize("form", ["coco", "cvat"])
def test_formats_with_masks_give_back_every_mask_of_every_frame(tmp_path, found, form):
    back = load_annotations(found.save(tmp_path / "bikes", form), form)
    for a, b in zip(found.tracks, back.tracks, strict=True):
        assert (a.number, a.start, a.label, b.boxed) == (b.number, b.start, b.label, False)
        assert np.array_equal(a.masks, b.masks)


@pytest.mark.parametrize("form, tolerance", [("yolo", 0), ("labelstudio", tracks.TOLERANCE + 0.5)])
def test_formats_without_masks_give_back_every_box(tmp_path, found, form, tolerance):
    back = load_annotations(found.save(tmp_path / "bikes", form), form)
    for a, b in zip(found.tracks, back.tracks, strict=True):
        assert (a.number, a.start, a.label, b.boxed) == (b.number, b.start, b.label, True)
        assert np.array_equal(a.seen, b.seen)
        assert np.abs(a.boxes - b.boxes).max() <= tolerance


def test_a_track_over_a_cut_is_split_there_and_its_parts_have_numbers_of_their_own(found):
    assert [(t.number, t.start, t.stop) for t in found.tracks] == [(1, 0, 30), (4, 35, 44), (5, 30, 50)]
    with pytest.raises(ParameterError, match="track 1: frames 0 to 49, and a new shot begins at frame 30"):
        replace(found, tracks=(drawn(np.empty((1, *SIZE, 3)))[0],))


def test_a_file_whose_track_goes_on_over_a_cut_is_refused(tmp_path, found):
    path = found.save(tmp_path / "bikes.json", "coco")
    path.write_text(path.read_text("utf8").replace('"track_id": 5', '"track_id": 1'), "utf8")
    with pytest.raises(ParameterError, match="track 1: .* a new shot begins at frame 30"):
        load_annotations(path, "coco")


def test_few_key_frames_hold_all_boxes_within_the_tolerance(found):
    moving, ring, _ = found.tracks
    keys = moving.keys()
    assert keys[[0, 9, 13, 29]].all()
    assert not keys[10:13].any()
    assert 5 <= keys.sum() <= 12
    assert np.abs(moving.interpolated() - moving.boxes)[moving.seen].max() <= tracks.TOLERANCE
    assert np.array_equal(moving.interpolated(tolerance=0.0), moving.boxes)
    assert np.flatnonzero(ring.keys()).tolist() == [0, 8]
    assert moving.boxes[0].tolist() == [21, 96, 100, 145]
    assert not moving.boxes[11].any()


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools' own
def test_pycocotools_reads_the_masks_and_finds_the_areas_and_boxes(tmp_path, found):
    coco = COCO(found.save(tmp_path / "bikes.json", "coco"))
    assert len(coco.imgs) == 60
    assert {c["name"] for c in coco.cats.values()} == {"object", "ring"}
    assert len(coco.anns) == 27 + 20 + 9
    by_number = {t.number: t for t in found.tracks}
    for mark in coco.anns.values():
        track, frame = by_number[mark["attributes"]["track_id"]], coco.imgs[mark["image_id"]]["frame"]
        assert np.array_equal(coco.annToMask(mark).astype(bool), track.masks[frame - track.start])
        assert mark["area"] == coco_mask.area(mark["segmentation"])
        assert mark["bbox"] == coco_mask.toBbox(mark["segmentation"]).tolist()
        assert mark["attributes"]["keyframe"] == track.keys()[frame - track.start]


def test_run_lengths_are_packed_as_pycocotools_packs_them():
    rng = np.random.default_rng(0)
    for shape, share in [
        ((1, 1), 1),
        ((1, 1), 0),
        ((7, 5), 0.5),
        ((200, 300), 0.5),
        ((300, 200), 0.001),
        ((480, 640), 0.9999),
    ]:
        mask = rng.random(shape) < share
        runs = run_lengths.run_lengths_of(mask.T.ravel())
        assert rle.to_coco_text(runs) == coco_mask.encode(np.asfortranarray(mask, np.uint8))["counts"].decode()
        assert rle.from_coco_text(rle.to_coco_text(runs)) == runs
        assert np.array_equal(run_lengths.mask_from_runs(runs, mask.size).reshape(shape[::-1]).T, mask)


def test_cvat_has_the_documented_structure_and_says_which_boxes_are_interpolated(tmp_path, found):
    root = xml.parse(found.save(tmp_path / "bikes.xml", "cvat")).getroot()
    assert root.tag == "annotations"
    assert root.findtext("version") == "1.1"
    task = root.find("meta/task")
    assert (task.findtext("size"), task.findtext("mode"), task.findtext("original_size/width")) == (
        "60",
        "interpolation",
        "640",
    )
    assert [(s.findtext("start"), s.findtext("stop")) for s in task.iter("segment")] == [("0", "29"), ("30", "59")]
    assert {n.text for n in task.iterfind("labels/label/name")} == {t.get("label") for t in root.iter("track")}
    ids = [t.get("id") for t in root.iter("track")]
    assert len(set(ids)) == len(ids)
    for shape in root.findall("track/*"):
        assert {"frame", "keyframe", "outside", "occluded"} <= set(shape.keys())
        assert 0 <= int(shape.get("frame")) < 60
        assert set(shape.keys()) >= (
            {"xtl", "ytl", "xbr", "ybr"} if shape.tag == "box" else {"rle", "left", "top", "width", "height"}
        )
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
    back = load_annotations(tmp_path / "theirs.xml", "cvat", source=found.source)
    assert (back.frames, back.shots, back.times) == (60, (), ())
    assert [t.number for t in back.tracks] == [1, 4, 5]
    for a, b in zip(found.tracks, back.tracks):
        assert np.array_equal(a.seen, b.seen)
        assert np.abs(a.boxes - b.boxes).max() <= tracks.TOLERANCE + 0.5
    with pytest.raises(ParameterError, match="times of two bikes.mp4 are not known"):
        back.save(tmp_path / "chapters.vtt", "webvtt")


TASK = {  # of Label Studio's documents on tasks, pre-annotations, VideoRectangle and TimelineLabels
    "type": "array",
    "items": {
        "type": "object",
        "required": ["data", "predictions"],
        "properties": {
            "data": {"type": "object", "required": ["video"], "properties": {"video": {"type": "string"}}},
            "predictions": {
                "type": "array",
                "items": {
                    "required": ["result"],
                    "properties": {
                        "result": {
                            "type": "array",
                            "items": {
                                "required": ["id", "type", "from_name", "to_name", "value"],
                                "properties": {"id": {"type": "string"}},
                                "oneOf": [
                                    {
                                        "properties": {
                                            "type": {"const": "videorectangle"},
                                            "value": {
                                                "required": ["framesCount", "duration", "sequence", "labels"],
                                                "properties": {
                                                    "framesCount": {"type": "integer", "minimum": 1},
                                                    "duration": {"type": "number"},
                                                    "labels": {
                                                        "type": "array",
                                                        "items": {"type": "string"},
                                                        "minItems": 1,
                                                    },
                                                    "sequence": {
                                                        "type": "array",
                                                        "minItems": 1,
                                                        "items": {
                                                            "required": [
                                                                "frame",
                                                                "enabled",
                                                                "rotation",
                                                                "x",
                                                                "y",
                                                                "width",
                                                                "height",
                                                                "time",
                                                            ],
                                                            "additionalProperties": False,
                                                            "properties": {
                                                                "frame": {"type": "integer", "minimum": 1},
                                                                "enabled": {"type": "boolean"},
                                                                "auto": {"const": True},
                                                                "rotation": {"type": "number"},
                                                                "time": {"type": "number", "minimum": 0},
                                                                **{
                                                                    k: {"type": "number", "minimum": 0, "maximum": 100}
                                                                    for k in ("x", "y", "width", "height")
                                                                },
                                                            },
                                                        },
                                                    },
                                                },
                                            },
                                        }
                                    },
                                    {
                                        "properties": {
                                            "type": {"const": "timelinelabels"},
                                            "value": {
                                                "required": ["ranges", "timelinelabels"],
                                                "properties": {
                                                    "ranges": {
                                                        "type": "array",
                                                        "items": {
                                                            "required": ["start", "end"],
                                                            "properties": {
                                                                k: {"type": "integer", "minimum": 1}
                                                                for k in ("start", "end")
                                                            },
                                                        },
                                                    }
                                                },
                                            },
                                        }
                                    },
                                ],
                            },
                        }
                    },
                },
            },
        },
    },
}


def test_label_studio_tasks_meet_their_schema_and_mark_interpolated_boxes(tmp_path, found):
    path = found.save(tmp_path / "bikes.json", "labelstudio")
    tasks = json.loads(path.read_text("utf8"))
    jsonschema.validate(tasks, TASK)
    regions = tasks[0]["predictions"][0]["result"]
    assert [r["value"]["ranges"] for r in regions if r["value"].get("timelinelabels") == ["shot"]] == [
        [{"start": 1, "end": 30}],
        [{"start": 31, "end": 60}],
    ]
    moving, sequence = found.tracks[0], next(r for r in regions if r["id"] == "track-1")["value"]["sequence"]
    assert {s["frame"] - 1: not s.get("auto", False) for s in sequence} == {
        n: bool(k) for n, k in enumerate(moving.keys()) if moving.seen[n]
    }
    assert [s["frame"] - 1 for s in sequence if not s["enabled"]] == [9, 29]


def test_label_studio_s_own_exports_are_read_key_frames_and_added_objects_alike(tmp_path, found):
    path = found.save(tmp_path / "bikes.json", "labelstudio")
    tasks = json.loads(path.read_text("utf8"))
    regions = tasks[0].pop("predictions")[0]["result"]
    for region in regions:  # they keep key frames only
        region["value"]["sequence"] = [s for s in region["value"].get("sequence", []) if not s.get("auto")]
    added = {"frame": 51, "enabled": True, "rotation": 0, "x": 10, "y": 10, "width": 5, "height": 50, "time": 2}
    regions.append({"id": "Dx_aB", "type": "videorectangle", "value": {"sequence": [added], "labels": ["dog"]}})
    tasks[0]["annotations"] = [{"result": regions}]
    path.write_text(json.dumps(tasks))
    *back, dog = sorted(
        load_annotations(path, "labelstudio").tracks, key=lambda t: t.label != "object" and t.label != "ring"
    )
    assert [np.abs(a.boxes - b.boxes).max() <= 2.5 for a, b in zip(found.tracks, back)] == [True] * 3
    assert (dog.label, dog.start, dog.stop) == ("dog", 50, 60)
    assert dog.number not in (1, 4, 5)


def test_yolo_has_a_file_and_a_picture_a_frame_and_a_data_file_that_yaml_reads(tmp_path, found):
    folder = found.save(tmp_path / "set", "yolo")
    data = yaml.safe_load((folder / "data.yaml").read_text("utf8"))
    assert data["names"] == ["object", "ring"]
    assert (folder / data["train"]).is_dir()
    names = [sorted(p.stem for p in (folder / kind).iterdir()) for kind in ("images", "labels")]
    assert names[0] == names[1] == [f"two bikes_{n:06d}" for n in range(60)]
    assert (folder / "labels" / "two bikes_000055.txt").read_text() == ""
    assert len((folder / "labels" / "two bikes_000035.txt").read_text().splitlines()) == 2
    kind, *place = (folder / "labels" / "two bikes_000000.txt").read_text().split()
    assert kind == "0"
    assert np.allclose(np.array(place, float), [60.5 / 640, 120.5 / 272, 79 / 640, 49 / 272], atol=1e-6)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(ParameterError, match="vdlab did not write"):
        found.save(tmp_path / "mine", "yolo")
    for own in ("labels.cache", "runs/best.pt", "images/notes.md"):
        (folder / own).parent.mkdir(exist_ok=True)
        (folder / own).write_text("the reader's")
        with pytest.raises(ParameterError, match="vdlab did not write"):
            found.save(folder, "yolo")
        (folder / own).unlink()
    found.save(folder, "yolo")


@pytest.fixture(scope="module")
def folder(tmp_path_factory, clip):
    """The same frames as PNG in a folder, under names of its own that do not sort as text."""
    path = tmp_path_factory.mktemp("folder") / "run 7"
    path.mkdir()
    for n, frame in enumerate(video.read(clip), 1):
        (path / f"shot {n}.png").write_bytes(images.encode_image(frame, "png"))
    return path


@pytest.fixture(scope="module")
def found_in_folder(folder) -> Annotations:
    return annotate_clip(folder, objects=drawn)


def truth(found: Annotations, frame: int) -> dict[int, np.ndarray]:
    """The masks of a frame, by track."""
    there = {t.number: t.masks[frame - t.start] for t in found.tracks if t.start <= frame < t.stop}
    return {number: mask for number, mask in there.items() if mask.any()}


def test_images_of_a_folder_are_called_by_their_own_names_in_every_format_that_names_them(
    tmp_path, folder, found_in_folder
):
    own = [f"shot {n}.png" for n in range(1, 61)]
    coco = json.loads(found_in_folder.save(tmp_path / "a.json", "coco").read_text("utf8"))
    assert [i["file_name"] for i in coco["images"]] == own
    root = xml.parse(found_in_folder.save(tmp_path / "a.xml", "cvat")).getroot()
    assert [i.get("name") for i in root.iterfind("image")] == own
    assert {(i.get("width"), i.get("height")) for i in root.iterfind("image")} == {("640", "272")}
    yolo = found_in_folder.save(tmp_path / "yolo", "yolo")
    assert sorted(p.name for p in (yolo / "images").iterdir()) == sorted(own)
    assert (yolo / "images" / own[9]).read_bytes() == (folder / own[9]).read_bytes()
    assert sorted(p.stem for p in (yolo / "labels").iterdir()) == sorted(Path(name).stem for name in own)


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_said_of_a_folder_is_read_back(tmp_path, found_in_folder, form):
    back = load_annotations(found_in_folder.save(tmp_path / "run.out", form), form, source=found_in_folder.source)
    assert _same_clip(found_in_folder, back)
    assert back.names == found_in_folder.names
    if form in ("coco", "cvat"):
        assert [np.array_equal(a.masks, b.masks) for a, b in zip(found_in_folder.tracks, back.tracks, strict=True)] == [
            True
        ] * 3


def test_images_that_share_a_name_but_for_the_ending_have_labels_of_their_own(tmp_path):
    (tmp_path / "run").mkdir()
    for name, level in (("a.png", 40), ("a.bmp", 90), ("b.png", 200)):
        images.cv2.imwrite(str(tmp_path / "run" / name), np.full((20, 30, 3), level, np.uint8))
    square = np.zeros((3, 20, 30), bool)
    square[1, 5:9, 4:14] = True
    made = annotate_clip(tmp_path / "run", objects=lambda frames: [Track(0, 0, square)])
    path = made.save(tmp_path / "yolo", "yolo")
    assert sorted(p.name for p in (path / "labels").iterdir()) == ["a_bmp.txt", "a_png.txt", "b_png.txt"]
    assert load_annotations(path, "yolo").tracks[0].start == 1


def test_a_file_of_cvat_s_own_for_images_is_read(tmp_path, found_in_folder):
    root = xml.parse(found_in_folder.save(tmp_path / "run.xml", "cvat")).getroot()
    root.find("meta").remove(root.find("meta/vdlab"))
    root.find("meta/task").remove(root.find("meta/task/original_size"))
    image = root.findall("image")[2]
    image.append(
        xml.fromstring(
            '<box label="dog" occluded="0" source="manual" xtl="4.00" ytl="5.0" xbr="9" ybr="25" z_order="0"/>'
        )
    )
    image.append(xml.fromstring('<tag label="night" source="manual"/>'))
    (tmp_path / "theirs.xml").write_bytes(xml.tostring(root))
    back = load_annotations(tmp_path / "theirs.xml", "cvat")
    assert [t.number for t in back.tracks] == [1, 4, 5, 7]
    assert (back.tracks[3].label, back.tracks[3].start, back.tracks[3].boxes.tolist()) == ("dog", 2, [[4, 5, 9, 25]])
    assert np.array_equal(back.tracks[0].masks, found_in_folder.tracks[0].masks)


def test_the_frames_of_a_video_are_called_as_cvat_calls_them(tmp_path, found):
    names = [i["file_name"] for i in json.loads(found.save(tmp_path / "a.json", "coco").read_text("utf8"))["images"]]
    assert names == [f"frame_{n:06d}.PNG" for n in range(60)]


def test_cvat_s_own_kit_decodes_every_mask(tmp_path, found, found_in_folder):
    decode = pytest.importorskip(
        "cvat_sdk.masks", reason="cvat-sdk is not installed: pip install vdlab[test]"
    ).decode_mask
    for said in (found, found_in_folder):
        root = xml.parse(said.save(tmp_path / "a.xml", "cvat")).getroot()
        masks = [
            (m, int(m.get("frame")), t.get("group_id"))
            for t in root.iter("track")
            for m in t.findall("mask[@outside='0']")
        ]
        masks += [
            (m, int(image.get("id")), m.get("group_id")) for image in root.iter("image") for m in image.findall("mask")
        ]
        assert len(masks) == 56
        for mask, frame, group in masks:
            left, top, width, height = (int(mask.get(k)) for k in ("left", "top", "width", "height"))
            points = [*map(int, mask.get("rle").split(",")), left, top, left + width - 1, top + height - 1]
            assert np.array_equal(decode(points, image_width=640, image_height=272), truth(said, frame)[int(group) - 1])


@pytest.mark.parametrize("which", ["found", "found_in_folder"])
def test_supervision_reads_the_yolo_folder_and_finds_every_box(tmp_path, which, request):
    supervision = pytest.importorskip("supervision", reason="supervision is not installed: pip install vdlab[test]")
    said = request.getfixturevalue(which)
    path = said.save(tmp_path / "yolo", "yolo")
    data = supervision.DetectionDataset.from_yolo(str(path / "images"), str(path / "labels"), str(path / "data.yaml"))
    assert (len(data), data.classes) == (60, ["object", "ring"])
    frames = {Path(name).stem: n for n, name in enumerate(said.names)} or {f"two bikes_{n:06d}": n for n in range(60)}
    for picture, _, seen in data:
        frame = frames[Path(picture).stem]
        boxes = [t.boxes[frame - t.start].tolist() for t in said.tracks if t.number in truth(said, frame)]
        assert np.allclose(sorted(seen.xyxy.tolist()), sorted(boxes), atol=1e-3)


@pytest.mark.parametrize(
    "media",
    [
        'a & b <c> "d".mp4',
        "-->.mp4",
        "tab\tbell\a.mp4",
        "日本語.mp4",
        os.fsdecode(b"latin\xfc.mp4"),
        "x" * 250 + ".mp4",
        "{a}: [b].mp4",
    ],
)
@pytest.mark.parametrize("form", [f for f in FORMATS if f != "thumbnails"])
def test_a_clip_of_any_name_can_be_written_and_read(tmp_path, media, form):
    said = Annotations(
        media,
        30,
        20,
        2,
        (Fraction(0), Fraction(1, 25), Fraction(2, 25)),
        tracks=(Track(0, 0, np.eye(20, 30, dtype=bool)[None], media),),
    )
    back = load_annotations(said.save(tmp_path / "a.out", form), form)
    assert back.media == media
    if form in ("coco", "labelstudio", "yolo"):
        assert back.tracks[0].label == media
    if form == "cvat":
        assert back.tracks[0].label == media.replace("\a", "?").replace("\udcfc", "?")


def shown_by_label_studio(number: int, fps: float) -> float:
    """The moment, in seconds, that Label Studio calls frame `number`: it counts from 1, in steps of 1/fps."""
    return (number - 1) / fps


@pytest.mark.parametrize(
    "times",
    [
        [Fraction(n * 1001, 30000) for n in range(61)],
        [Fraction(round(n * 1000 / 24), 1000) for n in range(61)],
        [Fraction(sum((33, 34, 50, 17)[k % 4] for k in range(n)), 1000) for n in range(61)],
        [Fraction(1, 2) + Fraction(n, 25) for n in range(61)],
    ],
    ids=["29.97", "24 in milliseconds", "varying", "from half a second on"],
)
def test_label_studio_shows_each_box_at_the_moment_of_its_frame(tmp_path, found, times):
    said = replace(found, times=tuple(times), shots=(), scenes=())
    task = json.loads(said.save(tmp_path / "a.json", "labelstudio").read_text("utf8"))[0]
    fps, sequence = task["data"]["fps"], task["predictions"][0]["result"][0]["value"]["sequence"]
    assert fps in (30000 / 1001, 24, 59, 25)
    seen = np.flatnonzero(said.tracks[0].seen)
    assert len(sequence) == len(seen)
    for shape, frame in zip(sequence, seen):
        assert abs(shown_by_label_studio(shape["frame"], fps) - float(times[frame])) <= 0.5 / fps + 1e-9
    assert task["predictions"][0]["result"][0]["value"]["framesCount"] >= sequence[-1]["frame"]
    back = load_annotations(tmp_path / "a.json", "labelstudio")
    assert [np.array_equal(a.seen, b.seen) for a, b in zip(said.tracks, back.tracks, strict=True)] == [True] * 3


def test_masks_are_kept_small_and_drawn_when_they_are_asked_for():
    masks = np.zeros((50, 1080, 1920), bool)
    masks[:, 300:700, 500:800] = np.random.default_rng(0).random((50, 400, 300)) > 0.01
    masks[7] = False
    track = Track(1, 0, masks)
    assert sum(part.runs.nbytes for part in track.masks.parts if part) < masks.nbytes / 40
    assert track.masks.shape == masks.shape
    assert np.array_equal(track.masks[6:9], masks[6:9])
    assert np.array_equal(track.masks[track.seen], masks[track.seen])
    assert np.array_equal(track.masks[-1], masks[-1])
    assert np.array_equal(track.seen, masks.any((1, 2)))


def test_masks_found_in_smaller_pictures_are_drawn_at_the_clip_s_size_as_opencv_draws_them():
    rng = np.random.default_rng(0)
    small = np.stack([images.cv2.blur(rng.random((24, 43)), (5, 5)) > 0.52 for _ in range(5)])
    small[3] = False
    for size in ((108, 192), (24, 43), (25, 44), (270, 431)):
        grown = Masks(map(Part.of, small), (24, 43), size)
        true = (
            np.stack(
                [
                    images.cv2.resize(m.astype(np.uint8), size[::-1], interpolation=images.cv2.INTER_NEAREST_EXACT)
                    for m in small
                ]
            )
            > 0
        )
        assert np.array_equal(grown, true)
        assert np.array_equal(grown.boxes, Masks.of(true).boxes)


def test_chapters_and_thumbnails_are_read_by_a_webvtt_reader(tmp_path, found):
    chapters = webvtt.read(str(found.save(tmp_path / "chapters.vtt", "webvtt")))
    assert [(c.start, c.end, c.text) for c in chapters] == [
        ("00:00:00.000", "00:00:01.200", "Scene 1 · shot 1"),
        ("00:00:01.200", "00:00:02.400", "Scene 2 · shot 2"),
    ]
    path = found.save(tmp_path / "a seek bar.vtt", "thumbnails")
    sheet, cues = images.read_image(tmp_path / "a seek bar.jpg"), list(webvtt.read(str(path)))
    assert [c.text for c in cues] == [f"a%20seek%20bar.jpg#xywh={160 * n},0,160,68" for n in range(3)]
    assert (cues[0].start, cues[-1].end) == ("00:00:00.000", "00:00:02.400")
    assert all(a.end == b.start for a, b in zip(cues, cues[1:]))
    for n, frame in enumerate((0, 25, 50)):
        true = images.resize_to_width(video.read(found.source, start=frame, stop=frame + 1)[0], 160).astype(float)
        assert np.abs(sheet[:, 160 * n : 160 * n + 160] - true).mean() < 6
    images_only = replace(found, source=None)
    with pytest.raises(VideoError, match="thumbnails need the clip"):
        images_only.save(path, "thumbnails")
    (tmp_path / "a seek bar.jpg").write_bytes(images.encode_image(sheet[:, :200]))
    with pytest.raises(ParameterError, match="has no cell"):
        load_annotations(path, "thumbnails")


def test_cues_begin_with_the_clip_also_where_a_stream_s_clock_begins_later(tmp_path):
    """A transport stream from 11.4 s on, as recorders write them: its sound begins before its pictures."""
    path = tmp_path / "part.ts"
    subprocess.run(
        [
            imageio_ffmpeg.get_ffmpeg_exe(),
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            "testsrc=s=64x48:r=25:d=2.4",
            "-f",
            "lavfi",
            "-i",
            "sine=d=2.4",
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            "libx264",
            "-c:a",
            "aac",
            "-output_ts_offset",
            "10",
            path,
        ],
        check=True,
    )
    said = annotate_clip(path)
    for form in ("webvtt", "thumbnails"):
        cues = list(webvtt.read(str(said.save(tmp_path / "cues.vtt", form))))
        assert cues[0].start == "00:00:00.000"
        assert "00:00:02.400" <= cues[-1].end < "00:00:02.500"
    task = json.loads(said.save(tmp_path / "a.json", "labelstudio").read_text("utf8"))[0]
    assert task["predictions"][0]["result"][0]["value"]["ranges"] in (
        [{"start": 1, "end": 60}],
        [{"start": 2, "end": 61}],
    )
    assert task["data"]["fps"] == 25


def test_masks_of_a_wrong_size_are_refused_when_made_and_when_loaded(tmp_path, clip, found):
    with pytest.raises(
        ParameterError, match="track 7: its masks are 320×136 pixels, the clip two bikes.mp4 is 640×272"
    ):
        annotate_clip(clip, objects=lambda frames: [Track(7, 0, np.ones((3, 136, 320), bool))])
    with pytest.raises(ParameterError, match="ends with frame 60, the clip .* with frame 59"):
        replace(found, tracks=(Track(7, 58, np.ones((3, *SIZE), bool)),))
    coco = found.save(tmp_path / "a.json", "coco")
    text = coco.read_text("utf8")
    coco.write_text(text.replace('"size": [272, 640]', '"size": [136, 320]', 1), "utf8")
    with pytest.raises(ParameterError, match="mask of annotation 1 is 320×136 pixels, its image 640×272"):
        load_annotations(coco, "coco")
    cvat = found.save(tmp_path / "a.xml", "cvat")
    cvat.write_text(cvat.read_text("utf8").replace('left="21"', 'left="600"', 1), "utf8")
    with pytest.raises(ParameterError, match="mask of frame 0 reaches to 679, 145, the picture has 640×272"):
        load_annotations(cvat, "cvat")
    for form in ("yolo", "webvtt"):
        with pytest.raises(
            ParameterError, match="speaks of 60 frames of 640×272 pixels, the clip has 2 frames of 30×20"
        ):
            load_annotations(found.save(tmp_path / form, form), form, source=np.zeros((2, 20, 30, 3), np.uint8))


@pytest.mark.parametrize("form", FORMATS)
def test_one_frame_and_no_objects_can_be_written_and_read(tmp_path, form):
    one = annotate_clip(np.full((1, 20, 30, 3), 90, np.uint8), objects=lambda frames: [])
    back = load_annotations(one.save(tmp_path / "one.x", form), form)
    assert _same_clip(one, back)
    assert back.tracks == ()
    assert len(back.shots) == len(back.scenes) == 1
    if form not in ("webvtt", "thumbnails"):
        seen = replace(one, tracks=(Track(0, 0, np.eye(20, 30, dtype=bool)[None]),))
        assert load_annotations(seen.save(tmp_path / "two.x", form), form).tracks[0].boxes.tolist() == [[0, 0, 20, 20]]


def test_a_clip_without_objects_asked_for_has_none_and_a_clip_without_frames_is_an_error():
    assert annotate_clip(iter(np.zeros((4, 16, 16, 3), np.uint8))).tracks == ()
    with pytest.raises(VideoError):
        annotate_clip(np.zeros((0, 16, 16, 3), np.uint8))


def test_unknown_formats_foreign_files_and_bad_tracks_are_errors(tmp_path, found):
    with pytest.raises(ParameterError, match="coco, cvat, labelstudio, yolo, webvtt, thumbnails"):
        found.save(tmp_path / "x", "pascal")
    (tmp_path / "other").write_text('{"a": 1}\n')
    for form in FORMATS:
        with pytest.raises(ParameterError, match=f"no annotations in the format {form}"):
            load_annotations(tmp_path / "other", form)
    with pytest.raises(ParameterError, match="two tracks have the number 3"):
        replace(found, tracks=(Track(3, 0, np.ones((1, *SIZE), bool)),) * 2)
    with pytest.raises(ParameterError, match="track 2: it is seen in no frame"):
        replace(found, tracks=(Track(2, 0, np.zeros((1, *SIZE), bool)),))
    for masks in (np.ones(SIZE, bool), np.ones((1, *SIZE)), np.ones((0, *SIZE), bool)):
        with pytest.raises(ParameterError, match="masks are bool"):
            Track(0, 0, masks)
    assert segmentation.load_annotations(found.save(tmp_path / "y", "coco"), "coco").tracks


BOX = '<box frame="{}" outside="0" keyframe="1" xtl="{}" ytl="1" xbr="9" ybr="9"/>'
CVAT = (
    "<annotations><meta><task><size>{}</size><original_size><width>64</width><height>48</height></original_size>"
    '</task></meta><track id="0" label="a">{}</track></annotations>'
)


@pytest.mark.parametrize(
    "text, said",
    [
        (CVAT.format(6, BOX.format(0, "nan")), r"a box's sides are \[nan"),
        (CVAT.format(6, BOX.format(0, "inf")), r"a box's sides are \[inf"),
        (CVAT.format(6, BOX.format(0, 1) + BOX.format(10**11, 1)), "reaches from frame 0 to 100000000000, which no"),
        (CVAT.format(-1, ""), "it speaks of -1 frames of 64×48 pixels, which no clip has"),
        ("<a>" * 100_000, "no annotations in the format cvat"),
    ],
    ids=["nan", "infinite", "far", "below zero", "deep"],
)
def test_numbers_that_no_clip_has_are_refused_with_the_reason(tmp_path, text, said):
    (tmp_path / "a.xml").write_text(text)
    with pytest.raises(ParameterError, match=said):
        load_annotations(tmp_path / "a.xml", "cvat")


def test_entities_are_neither_multiplied_nor_fetched(tmp_path):
    nested = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    (tmp_path / "secret").write_text("secret")
    for entities, name in ((f'<!ENTITY a0 "ha">{nested}', "a11"), (f'<!ENTITY x SYSTEM "{tmp_path}/secret">', "x")):
        (tmp_path / "a.xml").write_text(f"<!DOCTYPE a [{entities}]>" + CVAT.format(6, f"&{name};"))
        with pytest.raises(ParameterError, match="no annotations in the format cvat"):
            load_annotations(tmp_path / "a.xml", "cvat")


def test_what_a_file_lacks_is_named(tmp_path):
    (tmp_path / "a.json").write_text('{"images": [], "annotations": []}')
    with pytest.raises(ParameterError, match="no annotations in the format coco .it lacks 'info'"):
        load_annotations(tmp_path / "a.json", "coco")
