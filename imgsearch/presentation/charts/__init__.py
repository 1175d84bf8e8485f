"""Plotly figures, as plain dictionaries, from plain arrays.

A dictionary costs nothing to build and needs no plotly here. Colours are those of the page's theme: its first
chart colour stands for the query, its second for a match, in every chart and in both themes.
"""
