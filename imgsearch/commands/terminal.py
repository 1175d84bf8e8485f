"""What the commands print: names made harmless, skipped files, progress."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tqdm import tqdm

from imgsearch import Progress


def plain(text: str) -> str:
    """Text from a file name without what would steer a terminal."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def list_unreadable(unreadable: Sequence[tuple[str, str]]) -> None:
    """Name the skipped files and the reasons on standard error."""
    for name, reason in unreadable:
        print(f"skipped {plain(name)}: {reason}", file=sys.stderr)


def positive(text: str) -> int:
    """The type of an option that counts from 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


@contextmanager
def progress_bar(what: str) -> Iterator[Progress]:
    """A bar on standard error while the block runs; nothing where standard error is no terminal."""
    with tqdm(desc=what, disable=None, leave=False, unit="", dynamic_ncols=True) as bar:

        def show(done: int, total: int | None, name: str) -> None:
            bar.total = total
            bar.set_postfix_str(plain(name)[-40:], refresh=False)
            bar.update(done - bar.n)

        yield show
