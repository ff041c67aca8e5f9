"""Where the tests find files of the project and their own data."""

from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parents[1]
TEST_DATA: Final = TESTS / "data"
ROOT: Final = TESTS.parent
