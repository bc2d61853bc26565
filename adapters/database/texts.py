"""Text as PostgreSQL can hold it."""


def storable(text: str | None) -> str | None:
    """The text with NUL characters and lone surrogates escaped: a message that quotes them must not cost its row."""
    if text is None or (text.isascii() and "\x00" not in text):
        return text
    return text.replace("\x00", "\\u0000").encode(errors="backslashreplace").decode()
