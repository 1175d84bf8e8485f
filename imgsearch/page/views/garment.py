"""What the photo network sees in a photograph that is searched for among garments: the kind, and where."""

from typing import NamedTuple

import streamlit as st

from imgsearch.gallery.fashion_mnist import FASHION_LABELS
from imgsearch.gallery.gallery import Gallery
from imgsearch.images.transforms import Picture
from imgsearch.methods.explanations import Heat
from imgsearch.methods.garment_head import Guess, likeliest
from imgsearch.page.session import searching, thumbnails
from imgsearch.page.session.visitor import Query
from imgsearch.presentation.heatmap import laid_over
from imgsearch.ranking.metrics import signed

_SIDE = 252
_SHOWN = 112
_MOST = 3
"""So many kinds are named."""
_HELP = (
    "Each kind has such a score, and so has “no garment”: they give the percentages. The matches are of these kinds, "
    "and among them of this cut."
)


class _Seen(NamedTuple):
    """What is shown: the photograph under its heat as an address, and the sentences beside it."""

    address: str
    kind: str
    sentence: str


def show(gallery: Gallery, now: Query, key: str) -> None:
    """The kind, and the places that speak for it; nothing where the photo network is not asked."""
    guess = searching.described(gallery, key, now).guess
    if guess is None:
        return
    seen = searching.worked_out(gallery, ("garment", now.digest, now.box), lambda: _seen(gallery, now.looked_at, guess))
    st.markdown("**What the photo network sees**")
    with st.container(horizontal=True, gap="small"):
        with st.container(width=_SHOWN):
            st.image(seen.address, width=_SHOWN, alt="Your picture with heat where it speaks for that kind")
        with st.container(width="stretch", gap="xxsmall"):
            st.markdown(seen.kind)
            st.caption(seen.sentence, help=_HELP)


def _seen(gallery: Gallery, photograph: Picture, guess: Guess) -> _Seen:
    heat = gallery.garment_queries.where(photograph, guess.kind)
    shown = thumbnails.shown(heat.picture, _SIDE)
    address = thumbnails.square(laid_over(shown, heat.over(*shown.shape[:2])))
    return _Seen(address, _kinds(guess), _sentence(guess, heat))


def _kinds(guess: Guess) -> str:
    likely = list(likeliest(guess, FASHION_LABELS).items())[:_MOST]
    kinds = ", ".join(f"{name} {part:.0%}" for name, part in likely)
    return kinds if guess.is_garment else f"Hardly a garment ({guess.garment:.0%}); if any, {likely[0][0]}"


def _sentence(guess: Guess, heat: Heat) -> str:
    return (
        f"Orange areas speak for {FASHION_LABELS[guess.kind]}, blue ones against it: together {signed(heat.places)}. "
        f"With {signed(sum(heat.parts.values()))}, which every picture gets, the score is **{signed(heat.total)}**."
    )
