"""What a visitor has marked and selected among the matches."""

from collections.abc import Sequence

from imgsearch.page.session.visitor import visitor
from imgsearch.search.result import Match


def mark(index: int, value: int | None) -> None:
    """Mark a picture: 1 for "more like this", −1 for "not like this", None to take its mark away."""
    if value is None:
        visitor().marks.pop(index, None)
    else:
        visitor().marks[index] = value


def selected(matches: Sequence[Match]) -> Match | None:
    """The match that is looked at: the one that was chosen, or else the best that is not the query itself."""
    chosen = visitor().selected
    for match in matches:
        if match.index == chosen:
            return match
    return next((match for match in matches if not match.identical), matches[0] if matches else None)
