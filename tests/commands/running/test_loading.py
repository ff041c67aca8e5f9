"""What is done around the import of the application."""

import pytest

from bot.commands.running.loading import application_loading


def test_an_error_in_the_import_is_raised() -> None:
    with pytest.raises(ImportError), application_loading():
        raise ImportError
