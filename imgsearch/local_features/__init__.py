"""Is it the very same thing: keypoints, what they look like in few bytes, and whether two pictures agree in them."""
