"""Pictures, typefaces and numbers as text, for components."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


def data_url(encoded: bytes, kind: str) -> str:
    """An address that holds the bytes of a file itself; only for bytes that this program has encoded or brings along.

    The kind is "png", "webp", "jpeg", "svg+xml" or "woff2".
    """
    return f"data:{'font' if kind == 'woff2' else 'image'}/{kind};base64,{base64.b64encode(encoded).decode('ascii')}"


def packed(array: NDArray[Any]) -> str:
    """Numbers for a component, in base64."""
    return base64.b64encode(array.tobytes()).decode("ascii")
