"""Amounts at the edges: plain for programs and fields, thousands held apart for people (R15)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auctionapp.money import GROUP, format_amount, parse_amount, parse_typed_amount, shown_amount
from tests import factories
from tests.auctions.bidding_client import place, signed_in


@pytest.mark.parametrize(("cents", "plain", "shown"), [
    (0, "0.00", "0.00"), (5, "0.05", "0.05"), (99_999, "999.99", "999.99"), (100_000, "1000.00", f"1{GROUP}000.00"),
    (123_456_789, "1234567.89", f"1{GROUP}234{GROUP}567.89"), (-100_050, "-1000.50", f"-1{GROUP}000.50"),
])
def test_amounts_are_plain_for_programs_and_grouped_for_people(cents, plain, shown):
    assert (format_amount(cents), shown_amount(cents)) == (plain, shown)


@given(st.integers(1, 999_999_999_999))
def test_what_a_page_shows_may_be_pasted_into_a_field_but_not_sent_by_a_program(cents):
    shown = shown_amount(cents)
    assert parse_typed_amount(f" {shown}\n") == parse_typed_amount(shown.replace(".", ",")) == cents
    assert parse_amount(shown) == (cents if cents < 100_000 else None)


@pytest.mark.parametrize("typed", [f"1{GROUP}5", f"1{GROUP}0000", f"1{GROUP}00", f"1{GROUP}{GROUP}000"])
def test_a_space_where_no_page_writes_one_is_refused(typed):
    assert parse_typed_amount(typed) is None


def test_a_lots_page_groups_what_is_read_and_nothing_that_is_sent_back(app):
    lot = factories.auction(starting_price_cents=1_234_500).id
    place(lot, factories.bidder(9_000_000), 1_250_000)
    person, _ = signed_in(app, 100)
    page = person.get(f"/auctions/{lot}").text
    assert f"12{GROUP}500.00" in page
    assert 'data-minimum="12600.00"' in page and 'min="12600.00"' in page
    attributes = re.findall(r'(?:value|min|placeholder|href|data-minimum|data-fill-amount)="([^"]*)"', page)
    assert [value for value in attributes if GROUP in value] == []
    assert re.findall(r"(?<![-\w=\"/.?#])\d{4,}\.\d\d", re.sub(r"<[^>]*>", " ", page)) == []
