"""Everything that needs TensorFlow or Keras: the page never imports this package."""
