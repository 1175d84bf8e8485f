"""Small components for what Streamlit has no element for: one Python file each, beside its HTML, CSS and JavaScript.

These hold nothing of a visitor's. What comes from a visitor reaches them as data: pictures as `img.src` with bytes that
this program has encoded itself, names as text. Lists are given to them as tuples: Streamlit imports pandas, for half a
second, to see whether a list is a table.
"""
