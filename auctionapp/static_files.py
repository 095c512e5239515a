"""Static files have addresses that change with their contents, so that a browser that has one never asks for it again.

`/static/v-1a2b3c4d5e/css/base.css`: the version is in the path, so that what a sheet or a module names beside itself
has it too. The plain address works as well, and is asked for anew each time.
"""

import hashlib
import re
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask, Response

YEAR_SECONDS = 365 * 24 * 3600
_VERSIONED = re.compile(r"(v-[0-9a-f]{10})/(.+)", re.DOTALL)


class StaticFiles(Flask):
    """The part of the application that names static files and sends them."""

    @cached_property
    def static_version(self) -> str:
        """Of all files together, as they were when the process first asked."""
        folder = Path(self.static_folder or "")
        digest = hashlib.sha256()
        for file in sorted(file for file in folder.rglob("*") if file.is_file()):
            digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
        return f"v-{digest.hexdigest()[:10]}"

    def url_for(self, /, endpoint: str, **values: Any) -> str:
        """Flask's own, which takes as long for each icon of a page as for its rows. While somebody works on the files
        (debug), they change under their addresses."""
        if endpoint != "static" or len(values) != 1 or self.debug:
            return super().url_for(endpoint, **values)
        return f"{self.static_url_path}/{self.static_version}/{values['filename']}"

    def send_static_file(self, filename: str) -> Response:
        """A file by its plain name, or by that of any version: a page may be older than the process that it asks."""
        versioned = _VERSIONED.fullmatch(filename)
        response = super().send_static_file(versioned[2] if versioned else filename)
        if versioned and versioned[1] == self.static_version:
            response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
        return response
