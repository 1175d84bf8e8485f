"""Where everything lies that is delivered with the program."""

from pathlib import Path

ASSETS = Path(__file__).resolve().parent.parent / "assets"
