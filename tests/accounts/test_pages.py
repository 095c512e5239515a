"""The journey of a newcomer through the pages, and what the pages refuse."""

import re

import pytest
from sqlalchemy import func, select

from auctionapp.accounts.models import EmailCode, SignIn, User
from auctionapp.extensions import db
from tests import factories
from tests.accounts.conftest import ANNA, PASSWORD
from tests.counting import statements
from tests.outbox import last_code, mails


def person(email="anna@example.org"):
    db.session.rollback()
    return db.session.scalar(select(User).where(User.email == email))


def test_register_confirm_sign_in_and_sign_out(app, client):
    answer = client.post("/account/register", data=ANNA)
    assert (answer.status_code, answer.location) == (303, "/account/confirm")
    assert person() is None, "nobody is a person before the address is proved"
    waiting = client.get("/account/confirm").text
    assert "anna@example.org" in waiting
    assert "outbox" in waiting, "in development the page says where the mail lies"
    answer = client.post("/account/confirm", data={"code": last_code(app, "anna@example.org")})
    assert answer.status_code == 303
    assert answer.location.startswith("/account/login")
    anna = person()
    assert (anna.display_name, anna.role) == ("Anna", "user")
    assert anna.confirmed_at is not None
    answer = client.post("/account/login", data={"email": " Anna@Example.ORG ", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/dashboard/profile").status_code == 200
    assert client.post("/account/logout").status_code == 303
    assert client.get("/dashboard/profile").status_code == 303


@pytest.mark.parametrize("page", ["/account/login", "/account/register", "/account/confirm", "/account/reset",
                                  "/account/reset/code"])
def test_pages_for_guests_open_and_give_hints_to_password_managers(client, page):
    answer = client.get(page)
    assert answer.status_code == 200
    assert 'autocomplete="username"' in answer.text


def test_extra_fields_are_ignored(app, client, register):
    register(role="admin", confirmed_at="2020-01-01", id="1", is_admin="1")
    assert person().role == "user"


@pytest.mark.parametrize(("field", "value", "words"), [
    ("email", "nobody", "Write an address"),
    ("email", "", "Write your address"),
    ("email", "a@localhost", "Write an address"),
    ("email", "anna@exa\0mple.org", "Write an address"),
    ("email", "anna@example.org\r\nBcc: all@example.org", "Write an address"),
    ("email", "a" * 300 + "@example.org", "Write an address"),
    ("display_name", "x", "2 to 60"),
    ("display_name", "x" * 61, "2 to 60"),
    ("display_name", "An\0na", "2 to 60"),
    ("display_name", "\u202egro.elpmaxe", "2 to 60"),
    ("password", "short", "at least 12"),
    ("password", "x1" * 65, "at most 128"),
    ("password", "password1234", "first passwords"),
    ("password", "anna@example.org", "your address"),
    ("terms", "", "agreement"),
])
def test_a_refused_registration_says_why_beside_the_field_and_keeps_the_rest(app, client, field, value, words):
    fields = ANNA | {field: value}
    if field == "password":
        fields["password_again"] = value
    if field == "terms":
        del fields["terms"]
    answer = client.post("/account/register", data=fields)
    assert answer.status_code == 422
    shown = re.search(rf'id="{field}-error".*?</p>', answer.text, re.DOTALL)
    assert shown
    assert words in shown[0]
    if field != "display_name":
        assert 'value="Anna"' in answer.text, "what was typed in stays"
    assert PASSWORD not in answer.text, "but not the password"
    assert mails(app) == []


def test_two_different_passwords_are_refused(client):
    answer = client.post("/account/register", data=ANNA | {"password_again": "seven blue heron"})
    assert answer.status_code == 422
    assert "differ" in answer.text


NONSENSE = ["", "\0", "x" * 90_000, "😀" * 50, "\ud7ff\ufffe", "-1", "1e999", "[]", "{}", "' OR 1=1 --", "<script>", "%00",
            "\r\nSet-Cookie: a=b"]


@pytest.mark.parametrize("page", ["/account/register", "/account/confirm", "/account/confirm/resend", "/account/login",
                                  "/account/reset", "/account/reset/code", "/account/sell", "/dashboard/profile",
                                  "/dashboard/security"])
def test_nonsense_in_every_field_is_refused_and_never_an_error(app, client, page):
    if page.startswith("/dashboard") or page == "/account/sell":
        factories.sign_in(client, factories.user())
    names = ["email", "display_name", "password", "password_again", "old_password", "code", "terms", "next",
             "time_zone", "about", "remember"]
    for nonsense in NONSENSE:
        answer = client.post(page, data=dict.fromkeys(names, nonsense))
        assert answer.status_code in (303, 422), (page, nonsense)
    for data in ({name: ["a", "b"] for name in names}, {}, {f"{name}[]": "x" for name in names}):
        assert client.post(page, data=data).status_code in (303, 422)
    assert client.post(page, json={"email": {"a": 1}}).status_code in (303, 422)
    assert client.post(page, data=b"\xff\xfe\0", content_type="multipart/form-data").status_code in (303, 400, 422)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, register, sign_in):
    register()
    client.get("/account/login")
    known, unknown = sign_in(password="not the right one"), sign_in(email="nobody@example.org")
    assert known.status_code == unknown.status_code == 422
    changing = r'(name="csrf_token" value|name="server-time" content|X-CSRFToken)[^>]*>|(anna|nobody)@'
    same = [re.sub(changing, "", answer.text) for answer in (known, unknown)]
    assert same[0] == same[1]
    assert "do not belong together" in known.text
    assert "anna@example.org" in known.text, "the address stays in its field"


def test_registering_a_known_address_looks_as_for_an_unknown_one(app, client, register):
    register()
    other = app.test_client()
    known = other.post("/account/register", data=ANNA | {"password": "four green lamps",
                                                         "password_again": "four green lamps"})
    unknown = app.test_client().post("/account/register", data=ANNA | {"email": "bert@example.org"})
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert "already have an account" in mails(app, "anna@example.org")[-1]
    page = other.get("/account/confirm").text
    assert other.post("/account/confirm", data={"code": "123456"}).status_code == 422
    assert "anna@example.org" in page
    assert person().password_hash is not None
    assert db.session.scalar(select(func.count()).select_from(User)) == 1


@pytest.mark.parametrize("target", ["//evil.com", "/\\evil.com", "https://evil.com", "/\tevil", "javascript:alert(1)",
                                    "/x\r\nSet-Cookie: a=b", "evil.com", ""])
def test_after_signing_in_one_stays_on_this_site(client, register, sign_in, target):
    register()
    assert sign_in(next=target).location == "/"


def test_signing_in_leads_back_to_the_page_that_was_asked_for(client, register, sign_in):
    register()
    answer = client.get("/dashboard/profile?tab=1")
    assert (answer.status_code, answer.location) == (303, "/account/login?next=/dashboard/profile?tab%3D1")
    page = client.get(answer.location)
    assert 'value="/dashboard/profile?tab=1"' in page.text
    assert sign_in(next="/dashboard/profile?tab=1").location == "/dashboard/profile?tab=1"
    assert client.get("/account/login?next=/auctions").location == "/auctions", "who is signed in goes on at once"


def test_a_guests_form_leads_to_sign_in_and_back_to_its_page(client):
    answer = client.post("/account/sell", headers={"Referer": "http://localhost/auctions/3?page=2"})
    assert (answer.status_code, answer.location) == (303, "/account/login?next=/auctions/3?page%3D2")
    foreign = client.post("/account/sell", headers={"Referer": "http://evil.com/auctions/3"})
    assert foreign.location == "/account/login?next=/"


def test_a_guests_request_by_htmx_loads_the_sign_in_page_whole(client):
    answer = client.get("/dashboard/profile", headers={"HX-Request": "true", "Referer": "http://localhost/auctions"})
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/account/login?next=/auctions"


def test_a_form_without_its_token_is_refused(make_app):
    client = make_app(WTF_CSRF_ENABLED=True).test_client()
    for page in ("/account/login", "/account/register", "/account/logout", "/account/reset", "/account/confirm"):
        assert client.post(page, data=ANNA).status_code == 400
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/account/register").text)[1]
    assert client.post("/account/register", data=ANNA | {"csrf_token": token}).status_code == 303


def test_without_mail_nobody_registers_but_people_sign_in(app, client, register, sign_in):
    register()
    app.config.update(PRODUCTION=True, MAIL_URL="", PUBLIC_URL="")
    for page in ("/account/register", "/account/reset"):
        for answer in (client.get(page), client.post(page, data=ANNA)):
            assert answer.status_code == 503
            assert "cannot send mail" in answer.text
    assert sign_in().status_code == 303


def test_becoming_a_seller_by_accepting_the_terms(app, client):
    anna = factories.user()
    factories.sign_in(client, anna)
    assert client.post("/account/sell").status_code == 422
    answer = client.post("/account/sell", data={"terms": "y", "role": "admin"})
    assert (answer.status_code, answer.location) == (303, "/auctions/new")
    assert person(anna.email).role == "seller"
    assert client.get("/account/sell").location == "/auctions/new"


def test_an_administrator_stays_one_on_the_sellers_page(client):
    admin = factories.user(role="admin")
    factories.sign_in(client, admin)
    assert client.post("/account/sell", data={"terms": "y"}).status_code == 303
    assert person(admin.email).role == "admin"


def test_where_the_house_chooses_its_sellers_nobody_becomes_one(app, client):
    app.config["SELLERS"] = "by_admin"
    anna = factories.user()
    factories.sign_in(client, anna)
    assert "chosen by the house" in client.get("/account/sell").text
    assert client.post("/account/sell", data={"terms": "y"}).status_code == 403
    assert person(anna.email).role == "user"


def test_the_profile_changes_name_zone_and_words(client):
    anna = factories.user()
    factories.sign_in(client, anna)
    fields = {"display_name": "Anna  K.", "time_zone": "Europe/Kyiv", "about": "Old\r\nmaps.", "role": "admin",
              "email": "other@example.org"}
    assert client.post("/dashboard/profile", data=fields).status_code == 303
    changed = person(anna.email)
    assert (changed.display_name, changed.time_zone, changed.about, changed.role) == (
        "Anna K.", "Europe/Kyiv", "Old\nmaps.", "user")
    page = client.get("/dashboard/profile").text
    assert 'selected value="Europe/Kyiv"' in page


@pytest.mark.parametrize("fields", [{"time_zone": "Mars/Base"}, {"about": "x" * 2001}, {"about": "a\0b"},
                                    {"display_name": ""}, {"time_zone": "../../etc/passwd"}])
def test_a_refused_profile_changes_nothing(client, fields):
    anna = factories.user()
    factories.sign_in(client, anna)
    given = {"display_name": "Other", "time_zone": "", "about": ""} | fields
    assert client.post("/dashboard/profile", data=given).status_code == 422
    assert person(anna.email).display_name == anna.display_name


def test_what_people_write_of_themselves_is_inert(client):
    anna = factories.user(display_name="<img src=x onerror=alert(1)>", about="</textarea><script>x</script>")
    factories.sign_in(client, anna)
    page = client.get("/dashboard/profile").text
    assert "<script>x" not in page
    assert "<img src=x" not in page


def test_a_request_of_a_signed_in_person_looks_them_up_once(app, client):
    factories.sign_in(client, factories.user())
    with statements() as asked:
        assert client.get("/account/sell").status_code == 200
    assert sum("sign_ins" in statement for statement in asked) == 1


def test_codes_and_sessions_are_stored_as_hashes_and_a_sent_mail_is_forgotten(app, client, register, sign_in):
    register()
    sign_in()
    code = re.search(r"(\d{6}) is your code", mails(app)[0])[1]
    from auctionapp.mail.models import Mail

    db.session.rollback()
    assert code not in db.session.scalar(select(EmailCode.code_hash))
    assert db.session.scalar(select(EmailCode.code_hash)).startswith("$argon2id$")
    assert set(db.session.scalars(select(Mail.body))) == {""}
    assert len(db.session.scalar(select(SignIn.token_hash))) == 64
