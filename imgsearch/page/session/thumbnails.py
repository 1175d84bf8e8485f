"""Pictures as addresses that hold them, for cards, drawings and components."""

from imgsearch.gallery.gallery import Gallery
from imgsearch.images.reading import stored_format
from imgsearch.images.transforms import Picture, encode, enlarge, fit
from imgsearch.page.components.encoded import data_url

THUMBNAIL = 320  # pixels along the longer side of a picture that is made smaller for a card
_TINY = 96


def as_stored(gallery: Gallery, index: int) -> tuple[str, bool] | None:
    """A thumbnail without decoding; None if the picture is not stored as a file that a browser shows as it is."""
    file = gallery.store.encoded(index)
    stored = None if file is None else stored_format(file)
    if file is None or stored is None:
        return None
    kind, width, height = stored
    return data_url(file, kind.lower()), max(width, height) <= _TINY


def drawn(gallery: Gallery, index: int) -> tuple[str, bool]:
    """A thumbnail that is encoded anew."""
    picture = gallery.picture(index)
    return plainly(picture, THUMBNAIL), is_tiny(picture)


def square(picture: Picture) -> str:
    """The address of a drawing with `picture`, whole and reduced, in the middle of a clear square.

    The address holds the picture itself, so the server keeps nothing. The pixels of a tiny picture stay squares
    with sharp edges, however large the browser draws them.
    """
    tiny = is_tiny(picture)
    picture = picture if tiny else fit(picture, THUMBNAIL)
    address = data_url(encode(picture, "png"), "png") if tiny else data_url(encode(picture, "jpeg"), "jpeg")
    height, width = picture.shape[:2]
    side = max(height, width)
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{THUMBNAIL}" height="{THUMBNAIL}" viewBox="0 0 {side} {side}">'
        f'<image x="{(side - width) / 2}" y="{(side - height) / 2}" width="{width}" height="{height}" '
        f'style="image-rendering:{"pixelated" if tiny else "auto"}" href="{address}"/></svg>'
    )
    return data_url(drawing.encode("ascii"), "svg+xml")


def shown(picture: Picture, longest: int) -> Picture:
    """`picture` at about `longest` pixels: tiny ones enlarged by a whole factor, large ones reduced."""
    longer = max(picture.shape[:2])
    if longer <= _TINY:
        return enlarge(picture, max(1, longest // longer))
    return fit(picture, longest)


def plainly(picture: Picture, longest: int) -> str:
    """The address of a picture for a component that draws it: tiny ones without loss."""
    if is_tiny(picture):
        return data_url(encode(picture, "png"), "png")
    return data_url(encode(fit(picture, longest), "jpeg"), "jpeg")


def is_tiny(picture: Picture) -> bool:
    """Whether single pixels are to be seen."""
    return bool(max(picture.shape[:2]) <= _TINY)
