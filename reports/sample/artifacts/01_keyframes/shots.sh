#!/bin/sh
set -e
# Shot 1 · start · frames 0–43 · key 23 · mixed 0–0 · from 0 to 44/25 s
ffmpeg -i montage.mp4 -vf trim=start_frame=0:end_frame=44,setpts=PTS-STARTPTS -fps_mode passthrough -an montage-shot-001.mp4
# Shot 2 · cut · frames 44–83 · key 61 · mixed 44–44 · from 44/25 to 84/25 s
ffmpeg -i montage.mp4 -vf trim=start_frame=44:end_frame=84,setpts=PTS-STARTPTS -fps_mode passthrough -an montage-shot-002.mp4
# Shot 3 · cut · frames 84–117 · key 95 · mixed 84–84 · from 84/25 to 118/25 s
ffmpeg -i montage.mp4 -vf trim=start_frame=84:end_frame=118,setpts=PTS-STARTPTS -fps_mode passthrough -an montage-shot-003.mp4
# Shot 4 · dissolve · frames 118–155 · key 142 · mixed 112–124 · from 118/25 to 156/25 s
ffmpeg -i montage.mp4 -vf trim=start_frame=118:end_frame=156,setpts=PTS-STARTPTS -fps_mode passthrough -an montage-shot-004.mp4
# Shot 5 · cut · frames 156–195 · key 171 · mixed 156–156 · from 156/25 to 196/25 s
ffmpeg -i montage.mp4 -vf trim=start_frame=156:end_frame=196,setpts=PTS-STARTPTS -fps_mode passthrough -an montage-shot-005.mp4
# Shot 6 · fade · frames 196–235 · key 216 · mixed 189–203 · from 196/25 to 236/25 s
ffmpeg -i montage.mp4 -vf trim=start_frame=196:end_frame=236,setpts=PTS-STARTPTS -fps_mode passthrough -an montage-shot-006.mp4
