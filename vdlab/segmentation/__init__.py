"""Scenes, moving objects, clicks, and annotation files (chapter 07; the article's 6.4, 8.2).

    found = segmentation.annotate("clip.mp4")
    found.save("clip.json", "coco")
    segmentation.segment_file("clip.mp4", "cut-out.webm", kind="cutouts")
    masks = segmentation.pick_object(frames, at=0, point=(120, 80))

Level 5. `scenes` groups shots; `objects` finds what moves in one shot from `superpixels`, `motion_saliency`,
`background` (before `backdrop`), `voting`, `outlines`, `object_network` (trained/objects.npz) and `reidentification`;
`fragments` says which of its pieces are one; `overlays` (`overlay_growth`) finds logos and captions over the picture,
`overlay_removal` fills them before; `click` follows one chosen object with `click_evidence`, `click_walk` and
`grabcut`; `whole_clip` does a clip, `shot_by_shot` one of any length, `segmented_files` draws a file of it; `tracks`,
`run_lengths` and `annotations` keep what was found and `formats` writes it for other programs. Runs without TensorFlow.
Other programs rely on `formats`: their tests read each file with a foreign reader.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
