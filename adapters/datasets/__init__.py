"""Where cases come from, and how they are stored for runs."""
