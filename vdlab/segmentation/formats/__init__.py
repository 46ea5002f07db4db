"""Annotations as files that other programs read, one file a format; and back.

| format      | what                           | masks      | boxes between key frames   | for                       |
|-------------|--------------------------------|------------|----------------------------|---------------------------|
| coco        | .json, run lengths             | exact      | a mask's, `keyframe` false | training, evaluation      |
| cvat        | .xml, CVAT 1.1 (video, images) | exact      | interpolated, keyframe="0" | correcting them in CVAT   |
| labelstudio | .json, one task, predictions   | none       | interpolated, "auto": true | correcting them there     |
| yolo        | a folder, one .txt a frame     | none       | a mask's, unmarked         | training                  |
| webvtt      | .vtt, a chapter a scene        | no objects | –                          | `<track kind="chapters">` |
| thumbnails  | .vtt and a .jpg sprite sheet   | no objects | –                          | previews on a seek bar    |

Each module has `write(annotations, path)` and `read(path)`, which returns what the file says of the clip (a dictionary,
see `segmentation.Annotations.record`) and its tracks. What is known of the clip beside its objects (times, shots, key
frames, scenes) rides along in each, exact, in a place that the format leaves to its users. Files are written as they
are made: none is held as a whole.

Pixels are the stored ones, after the turn that a phone's file asks for: what CVAT shows and `ffmpeg` extracts. A clip
with wide pixels (a DVD) is not stretched. Images are called by the names that they have in a folder; a video's frames
as CVAT calls them.
"""
