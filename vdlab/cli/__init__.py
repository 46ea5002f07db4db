"""The command line, a file a verb.

    vdlab report holiday.mp4
    vdlab enhance holiday.mp4 large.mp4 --scale 2
    python -m vdlab list

Level 9. `program` puts the verbs together and turns errors into one sentence and an exit code; `command` adds a verb,
`chapter_options` has what the verbs that run chapters share, `file_verb` what those share that make a file of a file,
`trial` says how long they will take. Help loads neither OpenCV nor NumPy: a verb imports what
it needs when it is done. Scripts rely on the exit codes: 0 well, 1 a chapter failed, 2 bad input, 130 interrupted.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
