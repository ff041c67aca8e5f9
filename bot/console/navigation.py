"""The menu: which pages there are, in which order, and who sees them."""

from collections.abc import Callable

from bot.common.i18n import Translator
from bot.common.values import value
from bot.services.operators.roles import Operator, Right


@value
class MenuItem:
    """A page in the menu. `address` also begins the addresses of its further pages."""

    address: str
    right: Right
    label: Callable[[Translator], str]


@value
class MenuLink:
    """A menu item as a template shows it."""

    address: str
    label: str
    is_current: bool


@value
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
