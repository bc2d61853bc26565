"""Blobs in an S3-compatible bucket, through boto3 in threads."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from adapters.storage.keys import checked
from core.errors import BenchmarkError, NotFound, ServiceUnavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK = 1024 * 1024
REGION = "us-east-1"
"""When AWS_REGION says nothing; S3-compatible servers take any."""

# Retries belong to the callers. Checksums only on demand: many S3-compatible servers know none.
CONFIG = Config(
    retries={"total_max_attempts": 1},
    connect_timeout=5,
    read_timeout=30,
    max_pool_connections=32,
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class S3Bucket:
    """A bucket's objects by raw key, blocking: call it in a thread."""

    def __init__(self, name: str) -> None:
        self.name = name

    @cached_property
    def _client(self) -> "S3Client":
        with self._translated(""):
            client = _client(CONFIG)
            if ".amazonaws.com" in client.meta.endpoint_url:
                return client
            # Other servers rarely answer to bucket.host.
            return _client(CONFIG.merge(Config(s3={"addressing_style": "path"})))

    def get(self, key: str) -> bytes:
        with self._translated(key):
            return self._client.get_object(Bucket=self.name, Key=key)["Body"].read()

    def download(self, key: str, sink: IO[bytes], *, limit: int) -> int:
        """Copies an object, or the first `limit` + 1 bytes of a larger one; returns how many bytes."""
        size = 0
        with self._translated(key):
            body = self._client.get_object(Bucket=self.name, Key=key)["Body"]
            for chunk in body.iter_chunks(CHUNK):
                size += len(chunk)
                sink.write(chunk)
                if size > limit:
                    body.close()
                    break
        return size

    def put(self, key: str, content: bytes, media_type: str) -> None:
        with self._translated(key):
            self._client.put_object(Bucket=self.name, Key=key, Body=content, ContentType=media_type)

    def exists(self, key: str) -> bool:
        try:
            with self._translated(key):
                self._client.head_object(Bucket=self.name, Key=key)
        except NotFound:
            return False
        return True

    def remove(self, folder: str) -> None:
        """Everything whose key begins with `folder/`."""
        with self._translated(folder):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=f"{folder}/")
            for found in pages:
                # One by one: servers differ in what they want of a request for many.
                for each in found.get("Contents", ()):
                    self._client.delete_object(Bucket=self.name, Key=each["Key"])  # type: ignore[typeddict-item]

    def check(self) -> None:
        """Raises ServiceUnavailable when the bucket cannot be reached or is not there."""
        try:
            with self._translated(""):
                self._client.head_bucket(Bucket=self.name)
        except NotFound as error:
            raise self._no_bucket() from error

    @contextmanager
    def _translated(self, key: str) -> Generator[None]:
        try:
            yield
        except ClientError as error:
            raise self._translate(error, key) from error
        except BotoCoreError as error:
            raise ServiceUnavailable(f"The bucket {self.name!r} cannot be reached: {_sentence(error)}.") from error

    def _translate(self, error: ClientError, key: str) -> BenchmarkError:
        response = cast("dict[str, Any]", error.response)
        code = str(response.get("Error", {}).get("Code", ""))
        match code:
            case "NoSuchBucket":
                return self._no_bucket()
            case "NoSuchKey" | "404" | "NotFound":
                return NotFound(f"The bucket {self.name!r} has no {key!r}.")
            case "403" | "AccessDenied" | "Forbidden" | "InvalidAccessKeyId" | "SignatureDoesNotMatch":
                return ServiceUnavailable(
                    f"The bucket {self.name!r} refuses the service's credentials ({code}); "
                    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role, with access to it."
                )
            case _:
                return ServiceUnavailable(f"The bucket {self.name!r} failed: {_sentence(error)}.")

    def _no_bucket(self) -> ServiceUnavailable:
        where = self._client.meta.endpoint_url
        return ServiceUnavailable(f"There is no bucket {self.name!r} at {where}; create it, or name another one.")


class S3Storage:
    """Implements core.ports.ObjectStorage under a prefix of a bucket."""

    def __init__(self, bucket: S3Bucket, prefix: str = "") -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""

    async def get(self, key: str) -> bytes:
        return await asyncio.to_thread(self._bucket.get, self._prefix + checked(key))

    async def put(self, key: str, content: bytes, *, media_type: str = "application/octet-stream") -> None:
        await asyncio.to_thread(self._bucket.put, self._prefix + checked(key), content, media_type)

    async def exists(self, key: str) -> bool:
        return await asyncio.to_thread(self._bucket.exists, self._prefix + checked(key))

    async def remove(self, folder: str) -> None:
        await asyncio.to_thread(self._bucket.remove, self._prefix + checked(folder))

    async def check(self) -> None:
        """Raises ServiceUnavailable when nothing can be stored."""
        await asyncio.to_thread(self._bucket.check)


def _client(config: Config) -> "S3Client":
    session = boto3.Session()
    # The stubs of a session offer every service but those installed.
    make = cast("Callable[..., S3Client]", cast("Any", session).client)
    return make("s3", region_name=session.region_name or REGION, config=config)


def _sentence(error: Exception) -> str:
    return str(error).strip().rstrip(".")
