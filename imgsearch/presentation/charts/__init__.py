"""Plotly figures, as plain dictionaries, from plain arrays.

A dictionary costs nothing to build and needs no plotly here. Colours are those of the page's theme: its first
chart colour stands for the query, its second for a match, in every chart and in both themes.
"""

from imgsearch.presentation.charts.differences import cell_map, difference_bars
from imgsearch.presentation.charts.figure import CONFIG, MATCH_COLOUR, QUERY_COLOUR, Figure
from imgsearch.presentation.charts.histograms import histogram_comparison
from imgsearch.presentation.charts.quality import quality_bars
from imgsearch.presentation.charts.scores import distance_strip, similarity_dots

__all__ = [
    "CONFIG",
    "MATCH_COLOUR",
    "QUERY_COLOUR",
    "Figure",
    "cell_map",
    "difference_bars",
    "distance_strip",
    "histogram_comparison",
    "quality_bars",
    "similarity_dots",
]
