"""`python -m vdlab` is the command line."""

from .cli.program import main

if __name__ == "__main__":
    raise SystemExit(main())
