"""The Siamese network for photographs."""
