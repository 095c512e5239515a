"""A mailbox of its own for each test, and steps that many tests begin with."""

import pytest

from auctionapp import events, wiring
from auctionapp.events import SessionsEnded
from auctionapp.mail.site import Site
from tests.outbox import last_code

PASSWORD = "seven blue herons"
ANNA = {"email": "anna@example.org", "display_name": "Anna", "password": PASSWORD, "password_again": PASSWORD,
        "terms": "y"}


@pytest.fixture
def app(app, tmp_path):
    app.config["OUTBOX"] = tmp_path / "outbox"
    return app


@pytest.fixture
def site(app):
    return Site.of(app.config)


@pytest.fixture
def register(app, client):
    """Register through the pages, with the code from the mail."""

    def do(**given):
        fields = ANNA | given
        assert client.post("/account/register", data=fields).status_code == 303
        code = last_code(app, fields["email"])
        assert client.post("/account/confirm", data={"code": code}).status_code == 303

    return do


@pytest.fixture
def sign_in(client):
    def do(client=client, email=ANNA["email"], password=PASSWORD, **more):
        return client.post("/account/login", data={"email": email, "password": password, **more})

    return do


@pytest.fixture
def told(app):
    """The sessions that were said to have ended, instead of the usual reactions to that."""
    heard: list[SessionsEnded] = []
    events.subscribe(wiring.REACTIONS | {SessionsEnded: [heard.append]})
    yield heard
    events.subscribe(wiring.REACTIONS)
