"""Where uploaded files are kept: a folder of this machine, or a bucket of S3 or of anything that speaks it.

A file is small, written once under a name that nobody can guess, never changed, and removed for good. What the two
places have in common is all that the rest of the house knows of them.
"""

from __future__ import annotations

import logging
import os
import secrets
import time
from collections.abc import Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from auctionapp.errors import DomainError
from auctionapp.threads import beside_the_loop
from config import Bucket

log = logging.getLogger(__name__)

CONNECT_SECONDS = 3
READ_SECONDS = 10
TRIES = 3
CONNECTIONS = 50
"""Kept open to S3 by one process: pictures are asked for by the dozen."""
LOOK_SECONDS = 1
"""What a look at the bucket may take to connect, and then to answer: whoever asks whether all is well waits for it."""
LOOK_AGAIN_SECONDS = 5.0
A_REQUEST_REMOVES = 1000
"""S3's own limit."""
ABSENT = ("404", "NoSuchKey", "NotFound")
FOREVER = "public, max-age=31536000, immutable"
"""A name never changes its content."""

Place = Path | Bucket


class StorageAway(DomainError):
    slug = "storage-away"
    status = 503
    text = "Pictures are out of reach just now. Nothing was changed; please try again in a moment."


class Storage(Protocol):
    """Every call raises StorageAway when the place cannot be reached or is full."""

    def put(self, name: str, data: bytes) -> None:
        """Keep a file; whoever reads it sees all of it or nothing."""

    def get(self, name: str) -> bytes | None:
        """The whole file, or None when there is none."""

    def has(self, name: str) -> bool: ...

    def remove(self, names: Sequence[str]) -> None:
        """Remove these files; those that are not there count as removed."""


def at(place: Place) -> Storage:
    """The storage of a folder or a bucket."""
    return Folder(place) if isinstance(place, Path) else _in_bucket(place)


def bucket_answers(place: Place) -> bool | None:
    """Whether the bucket can be reached; None for a folder. Takes two seconds at the most, once in five."""
    return None if isinstance(place, Path) else _in_bucket(place).answers()


class Folder:
    def __init__(self, path: Path) -> None:
        self.path = path

    def put(self, name: str, data: bytes) -> None:
        with _away_on(OSError):
            beside_the_loop(self._write, name, data)

    def _write(self, name: str, data: bytes) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        half = self.path / f".{secrets.token_hex(8)}"
        try:
            half.write_bytes(data)
            os.replace(half, self.path / name)
        except BaseException:
            half.unlink(missing_ok=True)
            raise

    def get(self, name: str) -> bytes | None:
        with _away_on(OSError):
            try:
                return (self.path / name).read_bytes()
            except FileNotFoundError:
                return None

    def has(self, name: str) -> bool:
        return (self.path / name).is_file()

    def remove(self, names: Sequence[str]) -> None:
        with _away_on(OSError):
            for name in names:
                (self.path / name).unlink(missing_ok=True)


class BucketStorage:
    """Speaks only what every kind of S3 knows: PutObject, GetObject, HeadObject, DeleteObjects, HeadBucket."""

    def __init__(self, bucket: Bucket) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        self.bucket = bucket.name
        self.errors: tuple[type[Exception], ...] = (BotoCoreError, ClientError)
        self.refusals = ClientError
        self.client = _client(bucket, CONNECT_SECONDS, READ_SECONDS, TRIES, CONNECTIONS)
        self._looking = _client(bucket, LOOK_SECONDS, LOOK_SECONDS, 1, 1)
        self._looked = -LOOK_AGAIN_SECONDS, False

    def answers(self) -> bool:
        """Whether the bucket is there and open to us, as it was within the last seconds; soon known, whatever happens."""
        looked_at, well = self._looked
        if time.monotonic() < looked_at + LOOK_AGAIN_SECONDS:
            return well
        self._looked = time.monotonic(), well  # whoever asks meanwhile is told what was seen before
        try:
            self._looking.head_bucket(Bucket=self.bucket)
            well = True
        except self.errors as error:
            log.warning("the bucket of pictures does not answer: %s", error)
            well = False
        self._looked = time.monotonic(), well
        return well

    def put(self, name: str, data: bytes) -> None:
        with _away_on(*self.errors):
            self.client.put_object(Bucket=self.bucket, Key=name, Body=data, ContentType="image/webp",
                                   CacheControl=FOREVER)

    def get(self, name: str) -> bytes | None:
        with _away_on(*self.errors):
            try:
                return self.client.get_object(Bucket=self.bucket, Key=name)["Body"].read()
            except self.refusals as error:
                _refuse_unless_absent(error)
                return None

    def has(self, name: str) -> bool:
        with _away_on(*self.errors):
            try:
                self.client.head_object(Bucket=self.bucket, Key=name)
                return True
            except self.refusals as error:
                _refuse_unless_absent(error)
                return False

    def remove(self, names: Sequence[str]) -> None:
        for start in range(0, len(names), A_REQUEST_REMOVES):
            keys = [{"Key": name} for name in names[start:start + A_REQUEST_REMOVES]]
            with _away_on(*self.errors):
                answer = self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": keys, "Quiet": True})
            if answer.get("Errors"):
                log.error("S3 did not remove %d files: %s", len(answer["Errors"]), answer["Errors"][0].get("Code"))
                raise StorageAway()


def _client(bucket: Bucket, connect_seconds: float, read_seconds: float, tries: int, connections: int) -> Any:
    # Only a house with a bucket pays for boto3, in time and in memory.
    import boto3
    from botocore.config import Config

    return boto3.session.Session().client(
        "s3",
        endpoint_url=bucket.endpoint_url or None,
        region_name=bucket.region or None,
        config=Config(
            connect_timeout=connect_seconds,
            read_timeout=read_seconds,
            retries={"mode": "standard", "total_max_attempts": tries},
            max_pool_connections=connections,
            # A store of one's own seldom has a host name for each bucket, nor the newer checksums.
            s3={"addressing_style": "path" if bucket.endpoint_url else "auto"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


@lru_cache(maxsize=4)
def _in_bucket(bucket: Bucket) -> BucketStorage:
    """One client for each process: making it takes a tenth of a second, and it keeps its connections."""
    return BucketStorage(bucket)


def _refuse_unless_absent(error: Any) -> None:
    """Raise the error again, unless S3 says that there is no such file."""
    if error.response["Error"]["Code"] not in ABSENT:
        raise error


@contextmanager
def _away_on(*errors: type[Exception]) -> Any:
    try:
        yield
    except errors as error:
        log.error("The storage of pictures failed: %s", error)
        raise StorageAway() from error
