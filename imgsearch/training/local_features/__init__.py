"""Learn the codebook of the local features."""
