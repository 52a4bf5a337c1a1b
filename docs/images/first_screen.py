"""Take the picture of README: the first screen of the report of the demo, as a browser shows it.

    python docs/images/first_screen.py qxgap-demo/report.html

Needs a browser of the Chromium family (`chromium`, `google-chrome` or `chromium-browser`). Writes
docs/images/first_screen.png.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "google-chrome", "chromium-browser")
WIDTH, HEIGHT = 1280, 610


def take(page: Path, picture: Path) -> None:
    """Write a picture of the top of a page."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(f"no browser found; install one of {', '.join(BROWSERS)}")
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                f"--user-data-dir={profile}",
                "--virtual-time-budget=3000",
                f"--window-size={WIDTH},{HEIGHT}",
                f"--screenshot={picture.resolve()}",
                page.resolve().as_uri(),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


if __name__ == "__main__":
    take(Path(sys.argv[1]), Path(__file__).with_name("first_screen.png"))
