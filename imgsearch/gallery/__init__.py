"""Pictures with their vectors: open, build, save; whole or not at all."""
