"""Tables, fonts and models that ship with the package."""

from pathlib import Path
from typing import Final

DATA: Final = Path(__file__).parent
