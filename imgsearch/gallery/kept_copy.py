"""The file that a gallery keeps of a picture."""

from imgsearch.gallery.gallery import GALLERY_SIDE
from imgsearch.images.formats import open_picture
from imgsearch.images.reading import read_picture
from imgsearch.images.transforms import Picture, encode

QUALITY = 82
MAX_ORIGINAL_BYTES = 100_000  # a file that is larger is written anew, however small its picture

# What Pillow tells of a file that holds nothing but its pixels. Anything else (a place, a camera, a comment, a colour
# profile, transparency) is left behind by writing the picture anew.
_PLAIN_INFO = {
    *("jfif", "jfif_version", "jfif_unit", "jfif_density", "adobe", "adobe_transform", "dpi"),
    *("progressive", "progression", "interlace", "srgb", "background", "loop"),
}
_PLAIN_SEGMENTS = {"APP0", "APP14"}


def kept_copy(data: bytes) -> tuple[bytes, Picture]:
    """The file that a gallery keeps of a picture file, and the picture that is read from it, or PictureError.

    A small JPEG, PNG or WebP file of nothing but pixels stays as it is, without another loss. Everything else becomes
    WebP, its longer side at most `GALLERY_SIDE` pixels.
    """
    picture = read_picture(data, longest=GALLERY_SIDE)
    if _stays(data):
        return data, picture
    kept = encode(picture, "webp", quality=QUALITY)
    return kept, read_picture(kept)


def _stays(data: bytes) -> bool:
    """Whether the file of a picture that could be read is small, and nothing but what a browser shows of it."""
    if len(data) > MAX_ORIGINAL_BYTES:
        return False
    image = open_picture(data)
    if image.format not in ("JPEG", "PNG", "WEBP") or image.mode not in ("RGB", "L") or max(image.size) > GALLERY_SIDE:
        return False
    if image.format == "PNG":
        image.load()  # it may say more behind its pixels
    segments = {name for name, _ in getattr(image, "applist", ())}
    plain = set(image.info) <= _PLAIN_INFO and segments <= _PLAIN_SEGMENTS
    return plain and not getattr(image, "is_animated", False)
