"""What is done around the import of the application."""

import ssl
import subprocess
import sys

import pytest

from bot.commands.running.loading import application_loading, root_certificates_unread
from bot.config.settings import read_settings

LOAD = """
from bot.commands.running.loading import application_loading
from bot.config.settings import read_settings
with application_loading(read_settings({settings})):
    import ssl
    context = ssl.create_default_context()
    import bot.commands.running.serve
print(len(context.get_ca_certs()), len(ssl.create_default_context().get_ca_certs()))
"""


def certificates(settings: dict[str, str]) -> tuple[int, int]:
    """How many a context trusts that is made while the application loads, and one made later."""
    code = LOAD.format(settings=settings)
    done = subprocess.run(  # noqa: S603 - this Python and the lines above
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    during, later = map(int, done.stdout.split())
    return during, later


@pytest.fixture
def trusted() -> int:
    """How many root certificates this system has."""
    if not (count := len(ssl.create_default_context().get_ca_certs())):
        pytest.skip("needs root certificates in one file")
    return count


def test_without_an_account_root_certificates_are_not_read_at_the_start(trusted: int) -> None:
    assert certificates({}) == (0, trusted)


@pytest.mark.parametrize("account", ["YIZHAN_TELEGRAM_TOKEN", "YIZHAN_WECHAT_APP_ID"])
def test_a_service_with_an_account_reads_root_certificates(account: str, trusted: int) -> None:
    assert certificates({account: "4242:x"}) == (trusted, trusted)


def test_root_certificates_are_read_again_after_an_error(trusted: int) -> None:
    with pytest.raises(ImportError), root_certificates_unread():
        raise ImportError
    assert len(ssl.create_default_context().get_ca_certs()) == trusted


def test_an_error_in_the_import_is_raised() -> None:
    with pytest.raises(ImportError), application_loading(read_settings({})):
        raise ImportError
