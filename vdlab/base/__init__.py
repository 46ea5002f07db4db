"""What every room may use: errors, files, threads, checks, interrupts.

Level 0; imports nothing of vdlab. `errors` holds the exceptions that a reader can cause, `files` writes files that
appear under their name only when complete, `received` and `arrays` read those that a stranger may have written,
`terminal` shows what they say, `interrupts` makes every signal to stop one, `open_files` asks for as many as are
needed, `cell_display` says what a notebook shows of what a cell returns, `parallel` does work ahead on threads and
keeps its order, `stalls` begins again what stands still, `progress` says how far it has come, `frame_counts` turns
seconds into frames, `checks` looks at what a caller gives, `onnx_writer` writes a network for OpenCV. Every room relies
on the messages of `errors` being whole sentences.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
