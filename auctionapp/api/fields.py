"""Fields of bodies and queries: amounts, times, text. Strict, so that what is documented is what is taken."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields

from auctionapp.errors import InvalidAmount
from auctionapp.money import parse_amount

AMOUNT_PATTERN = r"^(0|[1-9][0-9]{0,9})(\.[0-9]{1,2})?$"
SIGNED_AMOUNT_PATTERN = r"^-?(0|[1-9][0-9]*)\.[0-9]{2}$"
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)


def storable(text: str) -> bool:
    """Whether a database can keep the text: no NUL, no halves of characters."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


class Text(fields.String):
    """Text that a database can keep."""

    default_error_messages = {"unstorable": "This text has characters that cannot be stored."}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if not storable(text):
            raise self.make_error("unstorable")
        return text


class Amount(fields.String):
    """A decimal string such as "12.50" (R15), loaded as integer cents. A JSON number is refused."""

    def __init__(self, **given: Any):
        about = {"pattern": AMOUNT_PATTERN, "example": "12.50"} | given.pop("metadata", {})
        super().__init__(metadata=about, **given)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        cents = parse_amount(value)
        if cents is None:
            raise ValidationError(InvalidAmount.text)
        return cents


class Moment(fields.DateTime):
    """A time by RFC 3339 with its offset from UTC, loaded as an aware time in UTC."""

    default_error_messages = {"moment": "Write a time with its offset, such as 2030-01-31T18:00:00Z."}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        if not isinstance(value, str) or not _MOMENT.fullmatch(value):
            raise self.make_error("moment")
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.make_error("moment") from None


class Number(fields.Float):
    """A JSON number; neither a string nor true or false."""

    def _validated(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid", input=value)
        try:
            return super()._validated(value)
        except OverflowError:
            raise self.make_error("too_large", input=value) from None


class Whole(fields.Integer):
    """A whole JSON number."""

    def __init__(self, **given: Any):
        super().__init__(strict=True, **given)

    def _validated(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class NotYet(fields.Field):
    """A member that the contract names and the house does not offer yet: only null is taken."""

    def __init__(self, **given: Any):
        super().__init__(metadata={"description": "Not yet: only null is taken.", "enum": [None]}, **given)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        raise ValidationError("This is not offered yet.")


class QueryNumber(fields.Integer):
    """A whole number of an address's query, in plain figures."""

    def _validated(self, value: Any) -> int:
        if not isinstance(value, str) or not re.fullmatch(r"-?[0-9]{1,18}", value, re.ASCII):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)
