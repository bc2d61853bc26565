"""Blobs by key: a local directory or an S3 bucket."""
