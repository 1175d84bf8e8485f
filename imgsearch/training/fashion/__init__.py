"""The Siamese network for Fashion-MNIST."""
