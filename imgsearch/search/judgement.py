"""Whether the first match of a search is worth anything: the scores below which a warning is due.

Two degrees. Of the first matches that are right, at most 2 of 100 score worse than "unsure", and at most 5 of 1,000
worse than "nothing". The best score of pictures whose kind was left out of the gallery says how much the warnings
notice. How many right ones are warned of is counted on queries that had no part in setting the scores: every other
query sets them for the rest.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from imgsearch.gallery.gallery import Gallery
from imgsearch.ranking.metrics import Metric

Doubt = Literal["none", "unsure", "nothing"]

UNSURE, NOTHING = 0.02, 0.005
WEAK = 0.5
"""A method whose first match is right less often is not judged query by query: every warning would be a guess."""
_FEWEST = 100  # right first matches; fewer say nothing about 2 of 100


def judged(
    metric: Metric, scores: NDArray[np.float64], right: NDArray[np.bool_], absent: NDArray[np.float64]
) -> dict[str, float] | None:
    """The scores that warnings go by, and how often they are right.

    `scores` are those of the best match of each query, `right` says whether it is relevant, and `absent` are the scores
    of the best match of each among the pictures of all other kinds: (q,) each. "unsure" and "nothing" are the scores;
    "right_warned", "absent_warned" and "absent_nothing" the shares, 0 to 1, of right first matches that score worse
    than "unsure", and of `absent` that score worse than either. None if the method is weak or right matches are few.
    """
    if right.mean() < WEAK or right.sum() < _FEWEST:
        return None
    good = scores[right]
    halves = good[::2], good[1::2]
    warned = sum(
        int(_worse(metric, tested, _limit(metric, setting, UNSURE)).sum()) for setting, tested in (halves, halves[::-1])
    )
    unsure, nothing = _limit(metric, good, UNSURE), _limit(metric, good, NOTHING)
    shares = {
        "right_warned": warned / len(good),
        "absent_warned": float(_worse(metric, absent, unsure).mean()),
        "absent_nothing": float(_worse(metric, absent, nothing).mean()),
    }
    return {"unsure": unsure, "nothing": nothing, **{name: round(share, 4) for name, share in shares.items()}}


def limits_of(gallery: Gallery, key: str) -> dict[str, float] | None:
    """What `judged` gave for a method of a gallery; None if it was not measured or cannot be judged."""
    limits = (gallery.evaluation or {}).get("judgement", {}).get(key)
    return limits if isinstance(limits, dict) and {"unsure", "nothing"} <= limits.keys() else None


def doubt(metric: Metric, limits: dict[str, float] | None, score: float) -> Doubt:
    """How far a first match of this score is to be doubted; "none" where nothing was measured."""
    if limits is None or metric.at_least(score, limits["unsure"]):
        return "none"
    return "unsure" if metric.at_least(score, limits["nothing"]) else "nothing"


def _limit(metric: Metric, scores: NDArray[np.float64], share: float) -> float:
    """The score that all but at most this share of `scores` reach."""
    worst_first = scores[metric.order(scores)][::-1]
    return float(worst_first[int(share * len(scores))])


def _worse(metric: Metric, scores: NDArray[np.float64], limit: float) -> NDArray[np.bool_]:
    return scores < limit if metric.higher_is_better else scores > limit
