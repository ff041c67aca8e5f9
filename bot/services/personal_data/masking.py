"""Personal values as they may be shown: enough to recognise one's own, too little for others."""


def mask_name(name: str) -> str:
    """`王*`, whatever its length: the first letter only."""
    return f"{name[:1]}*" if name else ""


def mask_phone(phone: str) -> str:
    """`138****1234`; `****1234` where only the last digits are known."""
    if len(phone) >= 11:
        return f"{phone[:3]}****{phone[-4:]}"
    return f"****{phone[-4:]}" if phone else ""


def mask_number(number: str) -> str:
    """`****6789`: the last four of a number, half of a short one."""
    return f"****{number[-min(4, len(number) // 2) :]}" if len(number) > 1 else "****"
