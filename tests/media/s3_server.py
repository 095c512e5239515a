"""A real HTTP server that speaks S3 (moto's), with a bucket, for tests."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from config import Bucket
from devtools.processes import end_with_parent
from tests.live import free_port

NAME = "pictures"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "a-key", "AWS_SECRET_ACCESS_KEY": "its-secret"}


class S3Server:
    def __init__(self) -> None:
        self.port = free_port()
        self.bucket = Bucket(NAME, f"http://127.0.0.1:{self.port}")
        self.client: Any = boto3.client(
            "s3", endpoint_url=self.bucket.endpoint_url, region_name="us-east-1", aws_access_key_id="a-key",
            aws_secret_access_key="its-secret", config=Config(retries={"total_max_attempts": 1}))
        self.start()

    def start(self) -> None:
        ourselves = os.getpid()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=lambda: end_with_parent(ourselves))
        deadline = time.monotonic() + 60
        while True:
            try:
                self.client.create_bucket(Bucket=NAME)
                return
            except BotoCoreError:
                assert time.monotonic() < deadline and self.process.poll() is None, "moto's server did not start"
                time.sleep(0.05)

    def keys(self) -> list[str]:
        return sorted(one["Key"] for one in self.client.list_objects_v2(Bucket=NAME).get("Contents", []))

    def empty(self) -> None:
        for key in self.keys():
            self.client.delete_object(Bucket=NAME, Key=key)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
