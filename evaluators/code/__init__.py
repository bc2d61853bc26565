"""Running code that agents wrote, where it can reach nothing."""
