"""The menu: which pages there are, in which order, and who sees them."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.common.i18n import Translator
from bot.services.operators.roles import Operator, Right


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A page in the menu. `address` also begins the addresses of its further pages."""

    address: str
    right: Right
    label: Callable[[Translator], str]


@dataclass(frozen=True, slots=True)
class MenuLink:
    """A menu item as a template shows it."""

    address: str
    label: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Navigation:
    """The menu of all roles."""

    items: tuple[MenuItem, ...]

    def of(self, operator: Operator, path: str, t: Translator) -> list[MenuLink]:
        """What this operator sees, on the page with that path."""
        return [
            MenuLink(one.address, one.label(t), _is_in(path, one.address))
            for one in self.items
            if operator.may(one.right)
        ]


def _is_in(path: str, address: str) -> bool:
    return path == address or (address != "/" and path.startswith(f"{address}/"))
