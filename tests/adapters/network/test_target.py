"""URLs in settings: what is accepted, and where a secret belongs."""

import pytest
from pydantic import TypeAdapter, ValidationError

from adapters.network.target import HttpUrl, origin

URLS: TypeAdapter[str] = TypeAdapter(HttpUrl)


@pytest.mark.parametrize("url", ["https://api.example.com/v1", "http://127.0.0.1:8080", "http://[::1]:8080/v1"])
def test_an_absolute_http_url_is_accepted_as_it_is(url: str) -> None:
    assert URLS.validate_python(url) == url


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://example.com", "starts with http"),
        ("file:///etc/passwd", "starts with http"),
        ("unix:/run/docker.sock", "starts with http"),
        ("example.com/v1", "starts with http"),
        ("https://", "names a host"),
        ("https://user:secret@example.com", "no user and no password"),
        ("http://[::1", "not a URL"),
        ("http://example.com:99999", "not a URL"),
    ],
)
def test_another_url_is_refused_with_what_would_be_right(url: str, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        URLS.validate_python(url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://API.Example.com/v1?x=1", "https://api.example.com:443"),
        ("http://api.example.com", "http://api.example.com:80"),
        ("https://api.example.com:8443/", "https://api.example.com:8443"),
        ("http://[::1]:9/v1", "http://[::1]:9"),
    ],
)
def test_an_origin_has_one_spelling(url: str, expected: str) -> None:
    assert origin(url) == expected
