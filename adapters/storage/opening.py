"""Object storage by its address."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from adapters.storage.directory import DirectoryStorage
from core.errors import InvalidInput

if TYPE_CHECKING:
    from adapters.storage.s3 import S3Storage


def open_storage(url: str) -> "DirectoryStorage | S3Storage":
    """`file:///folder` or `s3://bucket/prefix`; S3 reads `AWS_*` (also `AWS_ENDPOINT_URL_S3`) as every AWS tool does.

    Raises InvalidInput for any other address. Nothing is contacted yet; `check()` does that.
    """
    parts = urlsplit(url)
    match parts.scheme:
        case "file" if parts.netloc in {"", "localhost"} and parts.path.startswith("/"):
            return DirectoryStorage(Path(unquote(parts.path)))
        case "s3" if parts.netloc and not parts.query:
            # boto3 takes long to import, and those who keep objects in a folder never need it.
            from adapters.storage.s3 import S3Bucket, S3Storage

            return S3Storage(S3Bucket(parts.netloc), parts.path.strip("/"))
        case _:
            raise InvalidInput(f"{url!r} is no storage address; write file:///absolute/folder or s3://bucket/prefix.")
