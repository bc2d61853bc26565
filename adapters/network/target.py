"""The URL of something outside, as people write it in settings."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from yarl import URL


def _checked(text: str) -> str:
    try:
        url = URL(text)
    except ValueError as error:
        raise ValueError("this is not a URL; write one such as https://models.example.com/v1") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError("a URL here starts with http:// or https:// and names a host")
    if url.user is not None or url.password is not None:
        raise ValueError("a URL here holds no user and no password; store them as a credential and name it")
    return text


HttpUrl = Annotated[str, StringConstraints(max_length=2048, strip_whitespace=True), AfterValidator(_checked)]
"""An absolute http or https URL without credentials in it."""


def origin(url: str) -> str:
    """`scheme://host:port` in one spelling: what a secret is bound to.

    >>> origin("https://API.example.com/v1")
    'https://api.example.com:443'
    """
    parsed = URL(url)
    host = (parsed.host or "").lower()
    return f"{parsed.scheme.lower()}://{f'[{host}]' if ':' in host else host}:{parsed.port}"
