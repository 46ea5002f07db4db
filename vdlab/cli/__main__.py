"""The command `vdlab`, also as `python -m vdlab.cli`."""

from ..base.interrupts import end_with_a_sentence


def main() -> int:
    """Load the command line and run it."""
    end_with_a_sentence()
    from .program import main as run

    return run()


if __name__ == "__main__":
    raise SystemExit(main())
