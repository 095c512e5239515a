"""People who talk, and their browsers."""

import pytest

from tests import factories


@pytest.fixture
def as_person(app):
    """A client that is signed in as this person."""

    def sign_in(person):
        client = app.test_client()
        factories.sign_in(client, person)
        return client

    return sign_in


@pytest.fixture
def people(app):
    return [factories.user(display_name=name) for name in ("Ann", "Ben", "Cy")]
