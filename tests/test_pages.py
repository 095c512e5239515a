"""The explaining pages and the pages of problems (http-contract: 403, 404, 500 of our own)."""

from io import BytesIO

import pytest
from sqlalchemy import update

from auctionapp.auctions.models import HouseSettings, IncrementTable
from auctionapp.errors import Busy, NotAllowed
from auctionapp.extensions import db
from tests import factories

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.mark.parametrize("path", ["/rules", "/fees", "/help", "/terms"])
def test_explaining_pages_open_for_everybody(app, client, path):
    assert client.get(path).status_code == 200
    factories.sign_in(client, factories.user())
    assert client.get(path).status_code == 200


def test_the_rules_show_the_increments_in_force(client):
    page = client.get("/rules").text
    for amount in ("0.99", "0.05", "4\u202f999.99", "50.00", "100.00"):
        assert f"{amount}\N{NO-BREAK SPACE}EUR" in page
    table = IncrementTable(steps=[[7777, 33], [None, 44]], created_at=factories.datetime.now(factories.UTC))
    db.session.add(table)
    db.session.flush()
    db.session.execute(update(HouseSettings).values(increment_table_id=table.id))
    db.session.commit()
    page = client.get("/rules").text
    assert "77.77" in page
    assert "0.33" in page
    assert "4\u202f999.99" not in page


def test_the_fees_are_computed_from_the_houses_settings(client):
    page = client.get("/fees").text
    assert "5&nbsp;%" in page
    assert "117.28" in page  # 2345.67 × 5 % = 117.2835
    db.session.execute(update(HouseSettings).values(commission_basis_points=250))
    db.session.commit()
    page = client.get("/fees").text
    assert "2.5&nbsp;%" in page
    assert "58.64" in page


def test_404_is_a_page_of_our_own_with_a_way_on(client):
    answer = client.get("/no/such/page")
    assert answer.status_code == 404
    assert "Nothing here" in answer.text
    assert 'href="/account/login?next=/no/such/page"' in answer.text


@pytest.mark.parametrize(("path", "tidy"), [
    ("", "/"), ("/auctions//new", "/auctions/new"), ("/api/v1//auctions", "/api/v1/auctions")])
def test_an_untidy_path_is_tidied_without_repeating_the_host_header(make_app, path, tidy):
    anywhere = make_app(PUBLIC_URL_GIVEN=False, PRODUCTION=True)
    answer = anywhere.test_client().get("/", base_url="http://evil.example", environ_overrides={"PATH_INFO": path})
    assert (answer.status_code, answer.location) == (308, tidy)
    assert "evil.example" not in str(answer.headers) + answer.text


def test_403_is_a_page_of_our_own(make_app, client):
    app = make_app()
    app.add_url_rule("/refused", view_func=_refuse)
    asking = app.test_client()
    with app.app_context():
        factories.sign_in(asking, factories.user())
    answer = asking.get("/refused")
    assert answer.status_code == 403
    assert "Not yours to see" in answer.text


def _refuse():
    raise NotAllowed("Not yours to see.")


def _busy():
    raise Busy()


def _broken():
    raise RuntimeError("secret detail")


def test_500_says_nothing_of_its_cause_and_503_when_to_come_back(make_app):
    app = make_app(TESTING=False)
    app.add_url_rule("/broken", view_func=_broken)
    app.add_url_rule("/busy", view_func=_busy)
    client = app.test_client()
    broken = client.get("/broken")
    assert broken.status_code == 500
    assert "secret detail" not in broken.text
    assert "Our fault" in broken.text
    busy = client.get("/busy")
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "2")


def test_a_page_whose_frame_is_broken_too_is_still_a_page(make_app, monkeypatch):
    app = make_app(TESTING=False)
    app.add_url_rule("/broken", view_func=_broken)
    app.jinja_env.globals["get_flashed_messages"] = _broken
    answer = app.test_client().get("/broken")
    assert answer.status_code == 500
    assert "Our fault" in answer.text


def test_a_problem_comes_to_htmx_as_a_message_on_the_open_page(client):
    answer = client.get("/no/such/page", headers=HTMX)
    assert answer.status_code == 404
    assert answer.headers["HX-Retarget"] == "#notices"
    assert "<html" not in answer.text


@pytest.mark.parametrize("announced", [True, False])
def test_a_form_larger_than_any_of_ours_is_413_and_never_taken_apart(client, announced):
    body = b"email=" + b"a" * 2_000_000
    environ = {} if announced else {
        "CONTENT_LENGTH": "", "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    for path in ("/account/login", "/account/register"):
        answer = client.post(path, input_stream=BytesIO(body), content_type="application/x-www-form-urlencoded",
                             content_length=len(body), environ_overrides=environ)
        assert answer.status_code == 413
    assert client.post("/account/login", data={"email": "a" * 900_000}).status_code == 422
