"""Plotly figures as plain dictionaries, which cost nothing to build; colours are those of the page's theme."""
