"""What a PDF says, read by poppler, a reader that shares no code with the writer."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def text_of(pdf: bytes, folder: Path) -> str:
    """All its text. Skips without pdftotext, or fails where REQUIRE_BROWSER is set."""
    return _run("pdftotext", pdf, folder, "-layout").decode()


def picture_of(pdf: bytes, folder: Path) -> bytes:
    """The first page as a picture (PPM, 60 dpi)."""
    return _run("pdftoppm", pdf, folder, "-r", "60", "-singlefile")


def _run(name: str, pdf: bytes, folder: Path, *options: str) -> bytes:
    program = shutil.which(name)
    if program is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail(f"{name} is missing; install poppler-utils")
        pytest.skip(f"{name} is missing; install poppler-utils")
    path = folder / "page.pdf"
    path.write_bytes(pdf)
    out = ["-"] if name == "pdftotext" else []
    command = [program, *options, str(path), *out]
    done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603 - our own page
    assert not done.stderr, done.stderr
    return done.stdout
