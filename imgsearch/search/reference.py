"""A short name of a picture that comes with a gallery: "g12" for one of its own, "q12" for one to try it with."""

import re
from dataclasses import dataclass
from typing import Literal

from imgsearch.gallery.gallery import Gallery, GalleryError


@dataclass(frozen=True)
class Reference:
    """Which picture is meant, by its index: of the gallery itself ("g"), or of its queries ("q")."""

    kind: Literal["g", "q"]
    index: int

    def __str__(self) -> str:
        return f"{self.kind}{self.index}"

    @classmethod
    def parse(cls, text: str) -> "Reference | None":
        """What "g12" or "q12" means; None for any other text."""
        found = re.fullmatch("([gq])([0-9]{1,9})", text)
        return cls("g" if found[1] == "g" else "q", int(found[2])) if found else None

    @classmethod
    def of_gallery(cls, gallery: Gallery, text: str) -> "Reference":
        """What `text` means; GalleryError if it names no picture that the gallery has."""
        reference = cls.parse(text)
        if reference is None or not reference.is_in(gallery):
            raise GalleryError(
                f"The gallery {gallery.title} has no picture {text}: its {gallery.n} pictures are numbered from g0."
            )
        return reference

    def is_in(self, gallery: Gallery) -> bool:
        """Whether the gallery has this picture."""
        if self.kind == "g":
            return self.index < gallery.n
        return gallery.queries is not None and self.index < gallery.queries.n
