"""Where a query comes from: an address, a sample, a picture from outside, a match."""

from dataclasses import replace
from time import perf_counter

from imgsearch.gallery.gallery import GALLERY_SIDE, Gallery
from imgsearch.images.formats import PictureError
from imgsearch.images.reading import read_picture
from imgsearch.images.transforms import digest
from imgsearch.page.components.crop import Box
from imgsearch.page.server import work_queue
from imgsearch.page.session import address, galleries, words
from imgsearch.page.session.visitor import Query, visitor
from imgsearch.search.lookup import UnknownWordError
from imgsearch.search.reference import Reference
from imgsearch.search.vocabulary import WordsError

_TRAIL = 12
_CALLED = 12  # letters of a picture's sha256 that it is called by in the address


def follow_address(gallery: Gallery) -> None:
    """Take the query that the address names, where the page follows it; the first sample if there is none."""
    now = visitor()
    if now.follows:
        _follow(gallery)
    # Another gallery may not know the word.
    word = "" if now.query is None else now.query.word or now.query.towards
    unknown = _why_unknown(gallery, word) if word else None
    if now.query is None or unknown or (now.query.reference and not still_there(gallery, now.query)):
        choices = galleries.samples(gallery)
        if choices:
            unknown, gone = unknown or now.unknown, now.gone and now.follows
            _start(from_reference(gallery, choices[0]))
            now.unknown, now.gone = unknown, gone
    if now.follows:
        take_box(address.box())
        now.marks, now.selected = address.marks(gallery.n), address.match(gallery.n)


def miss_own() -> None:
    """Note that the address speaks of pictures of the visitor's own gallery, which this session does not have."""
    now = visitor()
    if now.follows:
        now.query, now.gone = None, bool(address.said(address.SAMPLE) or address.said(address.PICTURE))


def shown(gallery: Gallery) -> dict[str, str]:
    """What the address says of the query; the first sample is what the page opens with and is left out."""
    now = visitor().query
    if now is None:
        return {}
    found = link_of(now)
    opening = gallery is not galleries.own() and found == {address.SAMPLE: galleries.samples(gallery)[0]}
    return ({} if opening else found) | address.looked_at()


def link_of(query: Query) -> dict[str, str]:
    """What an address holds of a query, by parameter; of a picture from outside, only what it is called."""
    if query.word:
        return {address.WORD: query.word}
    which = {address.SAMPLE: query.reference} if query.reference else {address.PICTURE: query.digest[:_CALLED]}
    return which | ({address.WORD: query.towards} if query.towards else {})


def from_reference(gallery: Gallery, reference: str) -> Query:
    """The query that a reference such as "q12" stands for."""
    parsed = Reference.of_gallery(gallery, reference)
    index, key = parsed.index, f"{galleries.token(gallery)}:{reference}"
    if parsed.kind == "q" and gallery.queries is not None:
        label = gallery.queries.label(index)
        return Query(gallery.queries.picture(index), f"Test picture {index:,}", key, reference, label)
    name = gallery.file_name(index)
    name = f"Picture {index:,} of the gallery" if name == str(index) else name
    return Query(gallery.picture(index), name, key, reference, gallery.label(index))


def still_there(gallery: Gallery, query: Query) -> bool:
    """Whether the gallery is the one that a query with a reference was taken from."""
    same = query.digest == f"{galleries.token(gallery)}:{query.reference}"
    return same and galleries.is_reference(gallery, query.reference)


def own_index(gallery: Gallery, query: Query) -> int | None:
    """The picture of the gallery that a query is; None for any other."""
    reference = Reference.parse(query.reference) if still_there(gallery, query) else None
    return reference.index if reference is not None and reference.kind == "g" else None


def take_reference(gallery: Gallery, reference: str) -> None:
    """Search with a sample, a test picture or a picture of the gallery."""
    if galleries.is_reference(gallery, reference):
        _start(from_reference(gallery, reference))


def take_word(gallery: Gallery, text: str, *, together: bool = False) -> None:
    """Search with whatever was typed; note what is wrong with it.

    `together` says whether the picture that is searched for moves towards the word, instead of leaving.
    """
    now = visitor()
    now.unknown = _why_unknown(gallery, text)
    if now.unknown is not None:
        return
    found = words.look_up_in(gallery, text)
    if together and now.query is not None and not now.query.word:
        # The same picture is looked at still, so there is nothing to go back to.
        _start(replace(now.query, towards=found.name, note=found.note), keep_trail=True)
        return
    if now.query is not None and not now.query.word:
        _remember(now.query)
    _start(words.word_query(found), keep_trail=True)


def leave_word() -> None:
    """Search for the picture alone again."""
    now = visitor().query
    if now is not None and now.towards:
        _start(replace(now, towards="", note=""), keep_trail=True)


def hand_in(data: bytes, name: str) -> None:
    """Note a picture from outside; `take_handed_in` searches with it when it is this visitor's turn."""
    visitor().handed_in = (data, name)


def take_handed_in() -> None:
    """Search with the picture that was handed in, if there is one; whoever is interrupted takes it the next time."""
    now = visitor()
    if now.handed_in is None:
        return
    data, name = now.handed_in
    try:
        query = work_queue.run(lambda: _from_bytes(data, name), reading=True)
    except PictureError as error:
        now.problem, now.gone = str(error), False
    else:
        now.uploaded = query
        _start(query)
    now.handed_in = None


def take_box(box: Box | None) -> None:
    """Look only at a part of the query."""
    now = visitor().query
    if now is not None and now.box != box:
        _set(replace(now, box=box))


def search_with(gallery: Gallery, index: int) -> None:
    """Search with a match, and remember the way back."""
    reference = Reference("g", index)
    if not reference.is_in(gallery):
        return
    now = visitor().query
    if now is not None:
        _remember(now)
    _start(from_reference(gallery, str(reference)), keep_trail=True)


def go_back(position: int) -> None:
    """Return to a query of the trail."""
    trail = visitor().trail
    if 0 <= position < len(trail):
        earlier = trail[position]
        del trail[position:]
        _start(earlier, keep_trail=True)


def forget_gallery() -> None:
    """Let go of what was worked out from a gallery that is gone, and of a query that was one of its pictures."""
    now = visitor()
    now.marks.clear()
    now.selected = None
    now.results.clear()
    now.own.made.clear()
    now.trail.clear()
    if now.query is not None and now.query.reference:
        now.query = None


def _why_unknown(gallery: Gallery, text: str) -> tuple[str, tuple[str, ...]] | None:
    """Why a gallery knows no word in a text, with the nearest that it knows; None if it knows one."""
    try:
        words.look_up_in(gallery, text)
    except UnknownWordError as error:
        return str(error), error.suggestions
    except WordsError as error:
        return str(error), ()
    return None


def _follow(gallery: Gallery) -> None:
    """Take the query that the address names; none if it names none."""
    now = visitor()
    now.query = None
    sample, picture, word = (address.said(name) for name in (address.SAMPLE, address.PICTURE, address.WORD))
    if galleries.is_reference(gallery, sample):
        _start(from_reference(gallery, sample))
    elif now.uploaded is not None and picture == now.uploaded.digest[:_CALLED]:
        _start(now.uploaded)
    else:
        now.gone = bool(picture)
    if word:
        take_word(gallery, word, together=now.query is not None)


def _remember(query: Query) -> None:
    trail = visitor().trail
    trail.append(query)
    del trail[:-_TRAIL]


def _from_bytes(data: bytes, name: str) -> Query:
    started = perf_counter()
    picture = read_picture(data, longest=GALLERY_SIDE)
    return Query(picture, name, digest(data), seconds=perf_counter() - started)


def _start(query: Query, *, keep_trail: bool = False) -> None:
    if not keep_trail:
        visitor().trail.clear()
    _set(query)


def _set(query: Query) -> None:
    now = visitor()
    now.query, now.handed_in, now.problem, now.unknown, now.selected = query, None, "", None, None
    now.gone = False
    now.marks.clear()
