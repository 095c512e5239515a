"""Money: integer cents inside, decimal strings at the edges (R15). No float ever."""

import re

GRAMMAR = re.compile(r"(0|[1-9][0-9]{0,9})(?:\.([0-9]{1,2}))?", re.ASCII)
BASIS_POINTS = 10_000


def parse_amount(text: object) -> int | None:
    """Cents of a decimal string by R15's grammar, at least 1; None for anything else (a number too)."""
    match = GRAMMAR.fullmatch(text) if isinstance(text, str) else None
    if not match:
        return None
    cents = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    return cents or None


def parse_typed_amount(text: str | None) -> int | None:
    """The same for a page's field: blanks around it and a decimal comma are accepted (R15)."""
    return parse_amount((text or "").strip().replace(",", ".", 1))


def format_amount(amount_cents: int) -> str:
    """Cents as a decimal string with two digits: 1250 is "12.50"."""
    sign = "-" if amount_cents < 0 else ""
    return f"{sign}{abs(amount_cents) // 100}.{abs(amount_cents) % 100:02d}"


def share(amount_cents: int, basis_points: int) -> int:
    """Per cent of an amount in cents, rounded half up (R15); 500 basis points are 5 %."""
    return (amount_cents * basis_points + BASIS_POINTS // 2) // BASIS_POINTS
