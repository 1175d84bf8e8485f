"""How it works, in fewer than 150 words, with the visitor's own query as the example."""

from __future__ import annotations

import numpy as np
import streamlit as st

from imgsearch.gallery.persistence import Gallery
from imgsearch.methods.histogram_bins import bins_of
from imgsearch.page.session import marks, searching, thumbnails
from imgsearch.page.session.visitor import Query
from imgsearch.page.views import sidebar
from imgsearch.presentation.heatmap import sorted_pixels
from imgsearch.presentation.safe_text import for_markdown


def show(gallery: Gallery, now: Query) -> None:
    """One column a method: its picture of the query, and its idea."""
    picture = searching.prepared(gallery, now)
    shades, network = st.columns(2, gap="medium")
    with shades:
        st.markdown("**Histogram: how much of each shade**")
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.image(thumbnails.square(picture), width=96, alt="Your picture")
            st.markdown(":material/arrow_forward:")
            st.image(
                thumbnails.square(sorted_pixels(thumbnails.shown(picture, 192))), width=96, alt="Its pixels, sorted"
            )
        st.markdown(shades_text(gallery, picture))
    if "siamese" not in gallery.methods:
        return
    with network:
        st.markdown("**Siamese network: what kind of thing**")
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.image(thumbnails.square(picture), width=96, alt="Your picture")
            best = marks.selected(searching.search_results(gallery, "siamese", now, sidebar.matches()).matches)
            if best is not None:
                st.markdown(":material/compare_arrows:")
                st.image(thumbnails.square(gallery.picture(best.index)), width=96, alt="A picture of this kind")
        st.markdown(network_text(gallery, now))


def shades_text(gallery: Gallery, picture: np.ndarray) -> str:
    """The idea of method 1, with the commonest shade of this picture."""
    example = "Your picture is counted"
    method = gallery.methods.get("histogram")
    bins = bins_of(method.config()) if method is not None else None
    if method is not None and bins is not None:
        shares = bins.shares(method.describe(picture))
        most = int(np.argmax(shares))
        example = f"Yours is {100 * shares[most]:.0f} % {bins.names[most]}"
    return (
        f"Count how much of each shade a picture has. {example}. Two pictures are close when these amounts are: "
        "the distance adds up the squared differences and takes the root. Where a shade is does not count, "
        "so a boot can match a coat. A grid counts in each part of the picture by itself."
    )


def network_text(gallery: Gallery, now: Query) -> str:
    """The idea of method 2, with what this picture is."""
    method = gallery.methods.get("siamese")
    numbers = f"{method.dimensions} numbers" if method is not None else "a row of numbers"
    what = f"your {for_markdown(now.label.replace('_', ' ').lower())}" if now.label else "your picture"
    return (
        f"Two copies of one network look at two pictures. Each turns its picture into {numbers}: an arrow. "
        "The cosine of the angle between two arrows is 1 when they point the same way. "
        f"Training turned pictures of one kind the same way and all others apart, so {what} "
        "finds its kind, whatever its shades."
    )
