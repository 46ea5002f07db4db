#!/bin/sh
# Splits a clip into its shots: an mp4 a shot, exact to the picture, with the sound. It needs FFmpeg 4.2 or newer.
#
#     sh shots.sh [CLIP]
#
# The clip is looked for beside this script, then in the folder you are in. The shots are written into the folder you
# are in; files of the same names that are there, such as those of an earlier run, are REPLACED without a question.
set -eu
clip=montage.mp4
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
        "$sync" passthrough -enc_time_base:v 1:975 -bf 0 -crf 18 -f mp4 "file:$partial"
    mv -f "./$partial" "./$name"
    partial=
}

# Shot 1 · start · frames 0–43 · key 23 · mixed 0–0 · from 0 to 44/25 s
shot montage-shot-001.mp4 -vf trim=start_frame=0:end_frame=44,setpts=PTS-STARTPTS,"$even" -af atrim=start=0.000000:end=1.760000,asetpts=PTS-0.000000/TB,"$gapless",atrim=end=1.760000
# Shot 2 · cut · frames 44–83 · key 61 · mixed 44–44 · from 44/25 to 84/25 s
shot montage-shot-002.mp4 -vf trim=start_frame=44:end_frame=84,setpts=PTS-STARTPTS,"$even" -af atrim=start=1.760000:end=3.360000,asetpts=PTS-1.760000/TB,"$gapless",atrim=end=1.600000
# Shot 3 · cut · frames 84–117 · key 95 · mixed 84–84 · from 84/25 to 118/25 s
shot montage-shot-003.mp4 -vf trim=start_frame=84:end_frame=118,setpts=PTS-STARTPTS,"$even" -af atrim=start=3.360000:end=4.720000,asetpts=PTS-3.360000/TB,"$gapless",atrim=end=1.360000
# Shot 4 · dissolve · frames 118–155 · key 142 · mixed 112–124 · from 118/25 to 156/25 s
shot montage-shot-004.mp4 -vf trim=start_frame=118:end_frame=156,setpts=PTS-STARTPTS,"$even" -af atrim=start=4.720000:end=6.240000,asetpts=PTS-4.720000/TB,"$gapless",atrim=end=1.520000
# Shot 5 · cut · frames 156–194 · key 171 · mixed 156–156 · from 156/25 to 39/5 s
shot montage-shot-005.mp4 -vf trim=start_frame=156:end_frame=195,setpts=PTS-STARTPTS,"$even" -af atrim=start=6.240000:end=7.800000,asetpts=PTS-6.240000/TB,"$gapless",atrim=end=1.560000
# Shot 6 · fade · frames 195–235 · key 216 · mixed 189–203 · from 39/5 to 236/25 s
shot montage-shot-006.mp4 -vf trim=start_frame=195:end_frame=236,setpts=PTS-STARTPTS,"$even" -af atrim=start=7.800000:end=9.440000,asetpts=PTS-7.800000/TB,"$gapless",atrim=end=1.640000
