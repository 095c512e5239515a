"""An administrator who sits at the desk."""

import pytest

from tests import factories


@pytest.fixture
def admin(client):
    administrator = factories.admin()
    factories.sign_in(client, administrator)
    return administrator
