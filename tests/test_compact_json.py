"""JSON for programs and the database."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from auctionapp import compact_json


@pytest.mark.parametrize(("value", "text"), [
    ({"a": [1, None, True], "b": "\u00e9"}, '{"a":[1,null,true],"b":"\u00e9"}'),
    ("two\nlines\x00\u2028", '"two\\nlines\\u0000\u2028"'),
    (2**63 - 1, "9223372036854775807"),
    (datetime(2026, 11, 21, 8, 30, 0, 250_000, tzinfo=UTC), '"2026-11-21T08:30:00.250000+00:00"'),
    ("half a pair \ud800", '"half a pair \\ud800"'),
])
def test_values_are_written_without_blanks_and_on_one_line(value, text):
    assert compact_json.encode(value) == text
    assert "\n" not in compact_json.encode(value)


def test_what_json_does_not_know_is_refused():
    with pytest.raises(TypeError):
        compact_json.encode(Decimal(1))
