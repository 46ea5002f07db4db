"""A clip in, a clip out.

    for frame in video.stream("clip.mp4"): ...          # frame.ordinal, frame.time (a fraction of seconds), frame.image
    frames = video.read("clip.mp4", width=320)          # uint8 RGB (N, H, W, 3)
    video.write("out.mp4", frames, fps=25)

Level 1; the article's input and output. `reading`, `probing` and `writing` are the entry points; below them `sources`
is what a reader may name, `container` decodes what `demuxers` lets in, `image_sequence` and `animated_webp` take
images as clips, `clock`, `timeline`, `frame_rate`, `timecode` and `ticks` know when pictures are shown, `tone_mapping`
makes HDR SDR; `codecs`, `planes`, `mux` and `av1_render_size` are H.264, AV1 and mp4, `audio` copies sound,
`transparent` writes films with alpha, `files` gives a file its name when it is complete, `metadata` (with
`metadata_formats`) and `conversion_losses` say what a file holds besides, `quantisers` what its coding took from the
pictures, `file_to_file` puts a whole clip through some work, which goes on where it was interrupted (`unfinished`,
`asked`). `images` handles one picture, `png_chunks` what a PNG has besides, `opencv` is where OpenCV comes from,
`filter_graph` runs FFmpeg's filters, `optical_flow` and `neighbours` bring frames onto each other, `sample_clips` holds
the built-in clips and the truth about them. All rooms rely on this: a clip is read as a player shows it (turned,
deinterlaced, HDR tone-mapped, transparency over white), frames are uint8 RGB, ordinals count decoded frames, times rise
and are exact.
"""

from ..base import former_names

__getattr__, __dir__, __all__ = former_names.attach(__name__, __file__)
