"""Money: integer cents inside, decimal strings at the edges (R15). No float ever."""

import re

GRAMMAR = re.compile(r"(0|[1-9][0-9]{0,9})(?:\.([0-9]{1,2}))?", re.ASCII)
BASIS_POINTS = 10_000
GROUP = "\N{NARROW NO-BREAK SPACE}"
"""Between thousands for people. A broadcast is rendered once for readers of all languages: a comma or a point would say
the wrong amount to half of them, a space is understood by all."""
GROUPED = re.compile(rf"(?<=[0-9]){GROUP}(?=[0-9]{{3}}(?![0-9]))", re.ASCII)


def parse_amount(text: object) -> int | None:
    """Cents of a decimal string by R15's grammar, at least 1; None for anything else (a number too)."""
    match = GRAMMAR.fullmatch(text) if isinstance(text, str) else None
    if not match:
        return None
    cents = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    return cents or None


def parse_typed_amount(text: str | None) -> int | None:
    """The same for a page's field: blanks around it, a decimal comma, and thousands as pages write them (R15)."""
    return parse_amount(GROUPED.sub("", (text or "").strip()).replace(",", ".", 1))


def format_amount(amount_cents: int) -> str:
    """Cents as a decimal string with two digits, for programs and fields: 125000 is "1250.00"."""
    units, cents = divmod(abs(amount_cents), 100)
    return f"{'-' if amount_cents < 0 else ''}{units}.{cents:02d}"


def shown_amount(amount_cents: int) -> str:
    """The same for people to read, its thousands held apart: 125000 is "1 250.00"."""
    units, decimals = format_amount(amount_cents).split(".")
    return f"{shown_number(int(units))}.{decimals}" if abs(amount_cents) >= 100_000 else f"{units}.{decimals}"


def shown_number(number: int) -> str:
    """A number for people to read, its thousands held apart."""
    return f"{number:,}".replace(",", GROUP)


def share(amount_cents: int, basis_points: int) -> int:
    """Per cent of an amount in cents, rounded half up (R15); 500 basis points are 5 %."""
    return (amount_cents * basis_points + BASIS_POINTS // 2) // BASIS_POINTS
