"""The pictures that the local features may be learned from."""

from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from imgsearch.gallery.folders import list_pictures
from imgsearch.gallery.kept_copy import kept_copy
from imgsearch.images.formats import PictureError
from imgsearch.images.transforms import Picture
from imgsearch.search.same_evaluation import is_held_out

FOLDERS = ("photos", "garments")


def free_pictures(folder: Path) -> Iterator[Picture]:
    """The pictures of a folder as a gallery keeps them, but those that ``evaluate --same`` makes slants of."""
    names = [name for name in list_pictures(folder) if not is_held_out(Path(name).name)]
    for name in tqdm(names, desc=folder.name, unit=" pictures"):
        try:
            _, picture = kept_copy((folder / name).read_bytes())
        except PictureError:
            continue
        yield picture
