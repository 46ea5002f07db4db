"""What files say besides their pictures, a kind of file each: what is not known to be pictures is named.

Each file here has a `said(data)` that yields a line for each such thing in the bytes of a file (`bytes` or a memory
map), and works from lists of what is harmless, so that what nobody thought of is named as well. `words` tells what any
program writes by itself from what a person or a camera says; `coded_pictures` looks into the coded pictures of all
containers. `vdlab.video.metadata` chooses among them.
"""
