"""What an agent sent instead of an answer, made safe to store and show."""

LIMIT = 4096
"""Bytes kept."""


def printable(content: bytes) -> str:
    """The first 4 KiB as text: what is not UTF-8 or not printable (`\\u0000` above all) is shown escaped."""
    text = content[:LIMIT].decode("utf-8", errors="backslashreplace")
    shown = "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)
    return shown if len(content) <= LIMIT else f"{shown} ... ({len(content)} bytes)"
