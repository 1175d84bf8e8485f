"""The pieces that a visitor sees, one file each."""
