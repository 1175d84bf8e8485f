"""Keys of the keyboard that choose."""

from imgsearch.page.components.mount import component


def number_keys(control: str, *, key: str) -> None:
    """Let 1, 2, 3… choose among the options of the control whose key is `control`."""
    component("keys")(key=key, data={"control": control})
