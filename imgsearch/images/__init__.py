"""Bytes become upright RGB pictures, or a sentence that a person can act on."""
