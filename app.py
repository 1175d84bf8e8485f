"""The page, from top to bottom, and how it is served."""

import streamlit as st

from imgsearch.page import header

if __name__ == "app":
    # `streamlit run` imports this file to serve it, and then runs it for every visitor under another name.
    from starlette.middleware import Middleware

    from imgsearch.page.server.first_visit import FirstVisit
    from imgsearch.page.server.together import Together

    app = st.App(__file__, middleware=[Middleware(FirstVisit, title=header.TITLE), Middleware(Together)])
else:
    row, top = header.show()

    # After what the browser gets first: these take a tenth of a second at the start of the server.
    from imgsearch.gallery.gallery import GalleryError
    from imgsearch.page.server import process
    from imgsearch.page.session import address, galleries, presence, queries
    from imgsearch.page.views import (
        own_pictures,
        panel,
        query_input,
        query_shown,
        results,
        sidebar,
        sight,
        stage,
        words,
    )
    from imgsearch.presentation.safe_text import for_markdown

    presence.arrive()
    address.begin()
    address.take_view()
    # The stage has no sidebar; it stays within reach.
    st.set_page_config(initial_sidebar_state="collapsed" if address.on_stage() else "auto")
    with st.sidebar:
        sidebar.choose_gallery()
        problem = ""
        try:
            gallery = galleries.current()
        except GalleryError as error:
            gallery, problem = None, str(error)
        if gallery is not None:
            sidebar.settings(galleries.usable)
            if not address.on_stage():
                stage.way_in()

    if gallery is not None and not address.on_stage():
        row.markdown(f"Find pictures like yours among {gallery.n:,}, and see why.", width="content")
    with top:
        sidebar.narrow(galleries.usable)

    if problem:
        st.error(for_markdown(problem, longest=400), icon=":material/error:")
    if galleries.is_own() and not (gallery is not None and address.on_stage()):
        own_pictures.show(gallery)
    if gallery is not None:
        queries.follow_address(gallery)

    if gallery is not None and address.on_stage():
        results.show(galleries.usable)
    elif gallery is not None:
        choice, seen = st.columns([3, 2], gap="medium")
        with choice:
            query_input.choose(galleries.usable)
            words.field(galleries.usable)
        with seen:
            query_shown.show(galleries.usable)
            called = st.container()

        results.show(galleries.usable)

        # After the matches, which nobody should wait for.
        with called:
            words.names(galleries.usable)

        panel.show(galleries.usable)
        sight.watch()

    sidebar.keep_address(gallery)
    process.leave_modules_alone()
    process.give_back_memory()
