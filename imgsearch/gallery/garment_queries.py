"""Photographs as queries of a gallery in the form of Fashion-MNIST."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from imgsearch.gallery.fashion_mnist import FASHION_LABELS
from imgsearch.methods.explanations import Heat
from imgsearch.methods.garment_conversion import Conversion, convert
from imgsearch.methods.garment_head import GarmentReader, Guess, garment_reader, place
from imgsearch.methods.method import Method
from imgsearch.methods.siamese import Siamese
from imgsearch.ranking.vectors import mean_direction


@dataclass(frozen=True)
class QueryDescription:
    """A query as one method of a gallery sees it."""

    vector: NDArray[np.float32]  # (d,), that is searched with
    picture: NDArray[np.uint8] | None = None  # what it was made from, in the form that the method knows
    added: Mapping[str, NDArray[np.floating]] = field(default_factory=dict)  # the `parts` of its `explanations.Side`
    guess: Guess | None = None  # what the photo network saw, where it was asked


@dataclass(frozen=True)
class GarmentQueries:
    """Describes photographs for one gallery; threads may share it."""

    labels: NDArray[np.int16] | None
    label_names: Sequence[str]
    vectors: Callable[[str, NDArray[np.intp]], NDArray[np.float32]]  # those of some rows by a method's key
    reader: Callable[[], GarmentReader] = garment_reader  # asked for when there is a photograph
    _centres: dict[str, NDArray[np.float32]] = field(default_factory=dict, init=False)

    def describe(
        self, method: Method, photograph: NDArray[np.uint8], conversion: Conversion | None = None
    ) -> QueryDescription:
        """What a method makes of a photograph, (h, w, 3) uint8, or of its conversion, where that is at hand.

        Where a network ranks pictures of the ten kinds of Fashion-MNIST, the kind that the photo network sees in the
        photograph is joined to the conversion (`garment_head.place`).
        """
        conversion = conversion or convert(photograph)
        vector = method.describe(conversion.result)
        centres = self._centres_of(method) if conversion.from_photograph else None
        if centres is None:
            return QueryDescription(vector, conversion.result)
        guess = self.reader().guess(photograph)
        placed, of_kind = place(guess, centres, vector)
        name = f"the kind ({FASHION_LABELS[guess.kind]})"
        return QueryDescription(placed, conversion.result, {name: of_kind}, guess)

    def where(self, photograph: NDArray[np.uint8], kind: int) -> Heat:
        """What each place of a photograph adds to the score of a kind; see `GarmentReader.where`."""
        return self.reader().where(photograph, kind)

    def _centres_of(self, method: Method) -> NDArray[np.float32] | None:
        """Mean direction of each kind among a network's vectors, (10, d); None if the gallery has no such kinds."""
        if self.labels is None or not isinstance(method, Siamese) or set(FASHION_LABELS) - set(self.label_names):
            return None
        if method.key not in self._centres:
            members = [np.flatnonzero(self.labels == self.label_names.index(kind)) for kind in FASHION_LABELS]
            if not all(one.size for one in members):
                return None
            self._centres[method.key] = np.stack([mean_direction(self.vectors(method.key, one)) for one in members])
        return self._centres[method.key]
