"""The browser of this machine, for tests and screenshots."""

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ("--no-sandbox", "--disable-gpu")


def chromium_path() -> str | None:
    """Where Chromium is installed, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)
