"""Pictures become vectors, and a reason why two vectors are close."""
