"""What the program promises about speed and memory, measured beside what people would use instead."""
