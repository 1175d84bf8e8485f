"""What stands on the card of a match."""

from imgsearch.page.views.match_cards import place
from imgsearch.search.result import Match


def match(rank: int, closer_than: float) -> Match:
    return Match(rank, 0, "", "a.png", 0.5, closer_than, False)


def test_what_a_match_beats_is_said_only_where_the_rank_does_not_say_it() -> None:
    assert place(match(3, 0.97), 100, left=0) == ""
    assert place(match(3, 0.9), 100, left=0) == "closer than 90.0\N{NO-BREAK SPACE}%"
    assert place(match(3, 0.95), 100, left=2) == ""
    assert place(match(1, 0.98), 100, left=1) == "", "the query itself has no rank"
