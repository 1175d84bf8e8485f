"""Figures are plain, complete, and show strangers' text as text."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from imgsearch.presentation.charts.figure import MATCH_COLOUR, QUERY_COLOUR
from imgsearch.presentation.charts.histograms import (
    cell_map,
    channel_comparison,
    difference_bars,
    shade_areas,
    shade_bars,
)
from imgsearch.presentation.charts.quality import quality_bars
from imgsearch.presentation.charts.scores import distance_strip, similarity_dots

HOSTILE = '<img src=x onerror="alert(1)"> %{x} $x$'


def test_histogram_holds_both_pictures_in_percent() -> None:
    query, match = np.array([0.5, 0.3, 0.2]), np.array([0.4, 0.4, 0.2])
    figure = shade_areas(query, match, ["dark", "grey", "light"], ("your picture", "match 2"), "")
    checked(figure)
    assert [trace["name"] for trace in figure["data"]] == ["your picture", "match 2"]
    assert figure["data"][0]["y"] == [50.0, 30.0, 20.0]
    assert figure["data"][1]["y"] == [40.0, 40.0, 20.0]


def test_bin_that_stands_out_is_said_instead_of_flattening_the_rest() -> None:
    query, match = np.array([0.9, 0.06, 0.04]), np.array([0.8, 0.1, 0.1])
    figure = shade_areas(query, match, ["black", "grey", "white"], ("your picture", "match 1"), "")
    checked(figure)
    assert figure["layout"]["yaxis"]["range"] == [0, pytest.approx(13)]
    assert figure["layout"]["annotations"][0]["text"] == "black:<br>90 % and 80 %"


def test_colours_are_drawn_in_their_own_colour_up_and_down() -> None:
    colours = np.array([[255, 0, 0], [0, 0, 255], [0, 255, 0]], np.uint8)
    query, match = np.array([0.5, 0.5, 0.0]), np.array([0.25, 0.75, 0.0])
    figure = shade_bars(query, match, ["red", "blue", "green"], ("your picture", "m"), colours)
    checked(figure)
    up, down = figure["data"]
    # Blue is darker than red, and nobody has green.
    assert up["marker"]["color"] == ["rgb(0, 0, 255)", "rgb(255, 0, 0)"]
    assert up["y"] == [50.0, 50.0]
    assert down["y"] == [-75.0, -25.0]


def test_channels_hold_what_all_colours_add_up_to_and_say_both_pictures() -> None:
    query, match = np.zeros((2, 2, 4)), np.zeros((2, 2, 4))
    query[0, 0, 0], query[1, 1, 3] = 0.25, 0.75
    match[1, 0, 0] = 1.0
    figure = channel_comparison(query, match, ("your picture", HOSTILE))
    checked(figure)
    red, _, green, _, blue, _ = figure["data"]
    assert [trace["y"] for trace in (red, green, blue)] == [[25, 75], [25, 75], [25, 0, 0, 75]]
    assert [trace["x"] for trace in (red, green, blue)] == [[0, 1], [3, 4], [6, 7, 8, 9]]
    assert red["text"] == ["red 0 to 127", "red 128 to 255"]
    assert red["customdata"] == [(25, 0), (75, 100)]


def test_bars_show_every_score_and_the_selected_one_stands_out() -> None:
    figure = similarity_dots([0.9, 0.5, 0.1], ["a", "b", "c"], title="Cosine", selected=1, say=["0.9", "0.5", "0.1"])
    checked(figure)
    (dots,) = figure["data"]
    assert dots["y"] == [0.9, 0.5, 0.1]
    first, chosen, last = dots["marker"]["size"]
    assert first == last < chosen
    assert dots["type"] == "scatter"


def test_scores_that_are_almost_the_same_are_told_apart() -> None:
    figure = similarity_dots([0.995, 0.994, 0.993], ["a", "b", "c"], title="Cosine", say=["x", "y", "z"])
    low, high = figure["layout"]["yaxis"]["range"]
    assert 0.98 < low < 0.993 < 0.995 < high


def test_strip_counts_every_picture_and_marks_every_match() -> None:
    scores = np.random.default_rng(0).uniform(0, 1, 1000).astype(np.float32)
    figure = distance_strip(scores, [0.01, 0.02], title="Distance", n=1000, chance=0.5)
    checked(figure)
    assert sum(figure["data"][0]["customdata"]) == 1000
    assert figure["data"][1]["x"] == [0.01, 0.02]
    assert figure["layout"]["shapes"][0]["x0"] == 0.5


def test_strip_of_a_sample_says_about_how_many_of_all() -> None:
    scores = np.random.default_rng(0).uniform(0, 1, 1000).astype(np.float32)
    shades = distance_strip(scores, [0.01], title="Distance", n=60_000)["data"][0]
    assert sum(shades["customdata"]) == 60_000
    assert shades["hovertemplate"].startswith("about %{customdata:,} pictures")
    exact = distance_strip(scores, [0.01], title="Distance", n=1000)["data"][0]
    assert exact["hovertemplate"].startswith("%{customdata:,} pictures")


@pytest.mark.parametrize("scores", [np.zeros(0), np.full(3, 0.5), np.array([np.nan, 0.2])])
def test_strip_of_odd_scores(scores: np.ndarray) -> None:
    checked(distance_strip(scores, [0.5], title="Distance", n=len(scores), chance=0.9))


def test_difference_bars_are_shares_of_the_whole_largest_first() -> None:
    figure = difference_bars(np.array([1.0, 3.0, 0.0, 4.0]), ["a", "b", "c", "d"], most=2)
    checked(figure)
    assert figure["layout"]["xaxis"]["ticktext"] == ["d", "b"]
    assert figure["data"][0]["y"] == [50.0, 37.5]
    checked(difference_bars(np.zeros(3), ["a", "b", "c"]))


def test_no_two_bars_have_the_same_name() -> None:
    figure = difference_bars(np.array([3.0, 2.0, 1.0]), ["red #FF0000", "blue", "red #F01010"])
    assert figure["layout"]["xaxis"]["ticktext"] == ["red", "blue", "red (2)"]


def test_cell_map_is_shares_of_the_whole_from_the_top() -> None:
    figure = cell_map(np.array([[1.0, 1.0], [0.0, 2.0]]))
    checked(figure)
    assert figure["data"][0]["z"] == [[25.0, 25.0], [0.0, 50.0]]
    assert figure["layout"]["yaxis"]["autorange"] == "reversed"
    checked(cell_map(np.zeros((2, 2))))


def test_quality_is_in_percent_and_leaves_out_what_is_not_known() -> None:
    figure = quality_bars({"one": {"first": 0.5, "all": 0.25}, "two": {"first": 1.0}}, ["first", "all"])
    checked(figure)
    assert figure["data"][0]["y"] == [50.0, 25.0]
    assert figure["data"][1]["x"] == ["first"]


def test_query_and_match_have_the_same_colours_everywhere() -> None:
    histogram = shade_areas(np.ones(3) / 3, np.ones(3) / 3, ["a", "b", "c"], ("your picture", "m"), "")
    strip = distance_strip(np.arange(5.0), [0.0], title="Distance", n=5)
    bars = similarity_dots([1.0], ["a"], title="Cosine", say=["1"])
    assert histogram["data"][0]["line"]["color"] == QUERY_COLOUR
    assert histogram["data"][1]["line"]["color"] == MATCH_COLOUR
    assert strip["data"][1]["marker"]["line"]["color"] == bars["data"][0]["marker"]["color"] == MATCH_COLOUR


def test_hostile_text_is_text_in_every_figure() -> None:
    figures = [
        shade_areas(np.array([0.9, 0.1]), np.array([0.1, 0.9]), [HOSTILE] * 2, (HOSTILE, HOSTILE), ""),
        similarity_dots([0.5], [HOSTILE], title="Cosine", say=[HOSTILE]),
        difference_bars(np.array([1.0]), [HOSTILE]),
        quality_bars({HOSTILE: {"first": 0.5}}, ["first"]),
    ]
    for figure in figures:
        said = json.dumps(figure)
        assert "onerror" in said
        assert "<img" not in said
        assert "%{x} $" not in said


def checked(figure: dict[str, Any]) -> None:
    """Plotly knows every property of it, and it is nothing but plain values."""
    go.Figure(figure)
    json.dumps(figure, allow_nan=False)
