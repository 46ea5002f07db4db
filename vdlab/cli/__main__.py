"""The command `vdlab`, also as `python -m vdlab.cli`."""

import signal


def main() -> int:
    """Load the command line and run it. Ctrl-C while it loads ends it at once; `program` then says what is lost."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from .program import main as run

    return run()


if __name__ == "__main__":
    raise SystemExit(main())
