"""A note for whoever is offline."""

from imgsearch.page.components.mount import component


def offline_note(*, key: str) -> None:
    """A sentence that appears when the network or the server is away, and goes when it is back."""
    stays = "What is on the page stays; searching goes on as soon as it is back."
    component("offline")(
        key=key,
        data={
            "no_network": f"You are offline: there is no network. {stays}",
            "no_server": f"The server does not answer. {stays}",
            # What Streamlit writes over its own dialog about it.
            "dialog": "Connection error",
        },
        # Nothing but that the page is drawn again.
        on_back_change=lambda: None,
    )
