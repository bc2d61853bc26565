"""What exporters write, read by those whose formats they are."""
