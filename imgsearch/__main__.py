"""`python -m imgsearch`: the command line; `imgsearch.commands` has one file a command."""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from imgsearch import ImgsearchError

# name → module, and what the list of commands says of it. Only the module of the command at hand is imported:
# TensorFlow, which a training needs, takes seconds.
COMMANDS = {
    "search": ("imgsearch.commands.search", "find the pictures of a gallery that look like a picture, or mean a word"),
    "name": ("imgsearch.commands.name", "say what pictures show"),
    "index": ("imgsearch.commands.index", "make a gallery of a folder, or bring it up to date"),
    "evaluate": ("imgsearch.commands.evaluate", "measure the methods on a labelled gallery"),
    "duplicates": ("imgsearch.commands.duplicates", "list the pairs of pictures that are almost the same"),
    "push": ("imgsearch.commands.push", "load a gallery's vectors into a search engine (needs pymilvus)"),
    "pull": ("imgsearch.commands.pull", "search a gallery's vectors on this machine again"),
    "verify": ("imgsearch.commands.verify", "compare every byte of a gallery with its checksum"),
    "train": ("imgsearch.training.fashion.command", "train the network for Fashion-MNIST (needs TensorFlow)"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0, or 1 after an error, which is one sentence on standard error."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        # A name may have letters that the terminal's encoding has not.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        given = _parser(words).parse_args(words)
        given.run(given)
        # A short output is written only now; at the interpreter's end, nobody could say what went wrong.
        sys.stdout.flush()
    except ImgsearchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read the output has seen enough, as in `… | head`. What is still to be flushed goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        print(f"error: {error.filename or 'A file'} cannot be used: {error.strerror or error}.", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(f"error: {error.name} is not installed: pip install -r requirements.txt.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return 0


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m imgsearch", description="Search pictures with a picture.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (module, summary) in COMMANDS.items():
        command = commands.add_parser(name, help=summary)
        if words[:1] == [name]:
            if name == "index" or "--same" in words:
                # As the page does, and before NumPy is imported: pictures are described in threads, and those of
                # OpenBLAS beside them wait for more work in a loop, which takes as much of the processor again (the
                # benchmark's row "indexing").
                os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
            implementation = import_module(module)
            implementation.add_arguments(command)
            command.set_defaults(run=implementation.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
