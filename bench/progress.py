"""How far a measurement is, on a terminal; a pipe hears nothing."""

import sys


def progress(text: str = "") -> None:
    """Overwrites the last line of progress; without a text it is taken away."""
    if sys.stderr.isatty():
        print(f"\r{text:80}", end="\r" if not text else "", file=sys.stderr, flush=True)
