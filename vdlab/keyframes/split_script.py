"""A shell script that splits a clip at its cuts with FFmpeg."""

from __future__ import annotations

import math
import shlex

from .cut_records import _EXACT, _exactly, _pure, _rate, _title, _titled, decimal

LONGEST = 200  # bytes of a clip's name that the names of its shots keep: file systems allow 255 in all


SCRIPT = r"""#!/bin/sh
# Splits a clip into its shots: an mp4 a shot, exact to the picture, with the sound. It needs FFmpeg 4.2 or newer.
#
#     sh shots.sh [CLIP]
#
# The clip is looked for beside this script, then in the folder you are in. The shots are written into the folder you
# are in; files of the same names that are there, such as those of an earlier run, are REPLACED without a question.
set -eu
clip=CLIP
case $clip in /*) ;; *) if [ -e "$(dirname -- "$0")/$clip" ]; then clip=$(dirname -- "$0")/$clip; fi ;; esac
if [ $# -gt 0 ]; then clip=$1; fi
if [ ! -f "$clip" ]; then
    if [ -d "$clip" ]; then why="$clip is a folder, and this splits a file"; else why="there is no file $clip"; fi
    printf '%s\n' "$why: say where the clip is: sh shots.sh CLIP" >&2
    exit 2
fi
sync=-vsync
if ffmpeg -nostdin -hide_banner -h long 2>/dev/null | grep -q -e '^-fps_mode'; then sync=-fps_mode; fi
partial=
trap 'if [ -n "$partial" ]; then rm -f "./$partial"; fi' EXIT
trap 'exit 130' HUP INT TERM

even='pad=ceil(iw/2)*2:ceil(ih/2)*2'                          # as H.264 asks
gapless='aresample=async=1:first_pts=0,apad,asetpts=N/SR/TB'    # silence where the sound has a gap: it keeps in step

# Pictures are counted: in and out points in seconds are not exact on B pictures and a varying rate. Every name follows
# "file:", so that FFmpeg takes none for an address or an option.
shot() {    # NAME, and what is to be taken
    name=$1
    shift
    partial=$name.partial
    ffmpeg -nostdin -hide_banner -loglevel error -y -i "file:$clip" -sn -dn -map_chapters -1 "$@" \
        "$sync" passthrough -enc_time_base:v TICK -bf 0 -crf 18 -f mp4 "file:$partial"
    mv -f "./$partial" "./$name"
    partial=
}
"""


def _to_sh(shots, media) -> str:
    """One command a shot. `trim` counts frames, so it is exact where in and out points are not: on B pictures (the
    concat list plays two frames too many a join) and on a varying frame rate.

    The encoder's tick goes into the rate's frame and is as short as it may be: where it is a thousandth of a second or
    less, FFmpeg before 5 gives the last picture no duration, and a player leaves it out. So it does with pictures
    before a gap, where there are B pictures: the shots have none.
    """
    fps = _rate(shots).fps
    tick = 1 / (fps * max(1, math.ceil(1000 / fps) - 1))
    script = SCRIPT.replace("clip=CLIP", f"clip={shlex.quote(media)}", 1).replace(
        "TICK", f"{tick.numerator}:{tick.denominator}", 1
    )
    lines, stem = [script], shortened(_pure(media).stem)
    for number, shot in enumerate(shots, 1):
        start, end, length = (decimal(t, 6) for t in (shot.start_time, shot.end_time, shot.end_time - shot.start_time))
        lines += [
            f"# {_title(number, shot)}{_EXACT.format(shot.start_time, shot.end_time)}",
            f"shot {shlex.quote(f'{stem}-shot-{number:03d}.mp4')} "
            f'-vf trim=start_frame={shot.start}:end_frame={shot.stop},setpts=PTS-STARTPTS,"$even" '
            f'-af atrim=start={start}:end={end},asetpts=PTS-{start}/TB,"$gapless",atrim=end={length}',
        ]
    return "\n".join(lines) + "\n"


def shortened(stem: str) -> str:
    """Return a file's name without its ending, cut where what is added to it would be too long for a file system."""
    raw = stem.encode("utf8", "surrogateescape")
    return stem if len(raw) <= LONGEST else raw[:LONGEST].decode("utf8", "ignore")


def _from_sh(text) -> list[dict]:
    if not text.startswith("#!/bin/sh\n"):
        raise ValueError("no #!/bin/sh line")
    return [
        _titled(line, *times) for line in text.split("\n") if line.startswith("# Shot ") and (times := _exactly(line))
    ]
