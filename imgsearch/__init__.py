"""Search pictures with a picture, by histogram or by a Siamese network."""

__version__ = "1.0.0"
