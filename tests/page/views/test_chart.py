"""A figure reaches the browser as this program has made it, without plotly taking it apart."""

from plotly.tools import return_figure_from_figure_or_data

from imgsearch.page.views import chart
from imgsearch.presentation import charts


def test_a_figure_is_taken_as_it_is():
    figure = charts.similarity_bars([0.9, 0.8], ["one", "two"], title="Cosine similarity", selected=0)
    assert return_figure_from_figure_or_data(chart._as_it_is()(figure), validate_figure=True) is figure
