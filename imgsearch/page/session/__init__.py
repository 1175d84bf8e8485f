"""What one visitor has chosen."""
