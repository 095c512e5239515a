"""The person whose desk it is (each module says who), at a browser, and somebody who bids against them."""

import pytest

from tests import factories
from tests.auctions.bidding_client import client_of


@pytest.fixture
def rival(app):
    return factories.bidder(1_000_000)


@pytest.fixture
def browser(app, person):
    return client_of(app, person)
