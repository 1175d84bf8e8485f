"""The page's typeface."""

from imgsearch.page.components.mount import component


def typeface(family: str, address: str, weights: str, *, key: str) -> None:
    """Give the page a typeface, its address as `data_url` gives it, its weights from and to, such as "300 900".

    Not by the setting for it: that sends the typeface with every click, where this sends it with the page.
    """
    component("typeface")(key=key, data={"family": family, "address": address, "weights": weights})
