"""Own data: names, birthday, pictures, signature, and another e-mail address."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select, update

from auctionapp import pictures
from auctionapp.accounts import services as accounts
from auctionapp.accounts.models import EmailCode, User
from auctionapp.accounts.services import create_user
from auctionapp.extensions import db
from auctionapp.people import rules, services
from auctionapp.people.models import PersonPicture
from tests import factories
from tests.at_once import at_once
from tests.outbox import last_code, mails

PASSWORD = "seven blue herons"


@pytest.fixture
def app(app, tmp_path):
    app.config["OUTBOX"] = tmp_path / "outbox"
    app.config["MEDIA"] = tmp_path / "media"
    return app


@pytest.fixture
def anna(app, client):
    person = db.session.get(User, create_user("anna@example.org", PASSWORD, "Anna"))
    factories.sign_in(client, person)
    return person


def now_of(person_id):
    db.session.rollback()
    return db.session.get(User, person_id, populate_existing=True)


def upload(kind="PNG", size=(800, 600)) -> dict:
    file = BytesIO()
    Image.new("RGB", size, "teal").save(file, kind)
    file.seek(0)
    return {"picture": (file, "me.png")}


def files(app) -> int:
    return len(list(app.config["MEDIA"].iterdir())) if app.config["MEDIA"].exists() else 0


def kept(person_id):
    db.session.rollback()
    return db.session.scalars(
        select(PersonPicture).where(PersonPicture.user_id == person_id).order_by(PersonPicture.id)).all()


# Names and birthday

def test_names_and_birthday_are_saved_and_the_birthday_stays_private_until_it_is_shown(client, anna):
    fields = {"display_name": "Anna", "first_name": " Anna  Maria ", "last_name": "Berg", "born_on": "1990-02-28"}
    assert client.post("/dashboard/profile", data=fields).status_code == 303
    person = now_of(anna.id)
    assert (person.first_name, person.last_name, person.born_on) == ("Anna Maria", "Berg", date(1990, 2, 28))
    assert not person.shows_birthday and "28 February" not in client.get(f"/people/{anna.id}").text
    client.post("/dashboard/profile", data=fields | {"shows_birthday": "y"})
    assert "28 February" in client.get(f"/people/{anna.id}").text
    empty = {"display_name": "Anna", "first_name": "", "last_name": "", "born_on": "", "shows_birthday": "y"}
    assert client.post("/dashboard/profile", data=empty).status_code == 303
    person = now_of(anna.id)
    assert (person.born_on, person.shows_birthday, person.first_name) == (None, False, "")


@pytest.mark.parametrize("fields", [
    {"born_on": (date.today() + timedelta(days=2)).isoformat()}, {"born_on": "1850-01-01"}, {"born_on": "yesterday"},
    {"born_on": "0001-01-01"}, {"first_name": "x" * 61}, {"last_name": "a\0b"}, {"last_name": "\u202eevil"},
])
def test_what_cannot_be_is_refused_and_kept_in_the_form(client, anna, fields):
    answer = client.post("/dashboard/profile", data={"display_name": "Other"} | fields)
    assert answer.status_code == 422 and 'value="Other"' in answer.text
    assert now_of(anna.id).display_name == "Anna"


# Pictures

def test_a_picture_is_cut_square_in_three_sizes_and_shown(app, client, anna):
    assert client.post("/dashboard/profile/pictures", data=upload()).status_code == 303
    name = now_of(anna.id).picture
    for width, size in ((512, 512), (192, 192), (96, 96)):
        answer = client.get(pictures.address(name, width))
        assert answer.status_code == 200
        assert Image.open(BytesIO(answer.data)).size == (size, size)
    assert f"/media/{name}-512.webp" in client.get(f"/people/{anna.id}").text


def test_a_small_picture_is_not_made_larger(app, client, anna):
    client.post("/dashboard/profile/pictures", data=upload(size=(120, 300)))
    answer = client.get(pictures.address(now_of(anna.id).picture, 512))
    assert Image.open(BytesIO(answer.data)).size == (120, 120)


def test_earlier_pictures_stay_to_choose_from(app, client, anna):
    for _ in range(2):
        client.post("/dashboard/profile/pictures", data=upload())
    first, second = kept(anna.id)
    assert now_of(anna.id).picture == second.name
    assert client.post(f"/dashboard/profile/pictures/{first.id}/use").status_code == 303
    assert now_of(anna.id).picture == first.name
    client.post("/dashboard/profile/pictures/none")
    assert now_of(anna.id).picture is None
    assert 'avatar--drawn' in client.get(f"/people/{anna.id}").text


def test_a_removed_picture_goes_with_its_files(app, client, anna):
    client.post("/dashboard/profile/pictures", data=upload())
    path = f"/dashboard/profile/pictures/{kept(anna.id)[0].id}/remove"
    assert files(app) == 1
    assert "Remove this picture?" in client.get(path).text
    assert client.post(path).status_code == 303
    assert (kept(anna.id), now_of(anna.id).picture, files(app)) == ([], None, 0)
    assert client.post(path).status_code == 404


def test_somebody_elses_picture_is_not_there(app, client, anna):
    ben = factories.user()
    picture_id = services.add_picture(ben.id, "b" * 22)
    for path in (f"{picture_id}/use", f"{picture_id}/remove", f"{10**17}/use"):
        assert client.post(f"/dashboard/profile/pictures/{path}").status_code == 404
    assert client.get(f"/dashboard/profile/pictures/{picture_id}/remove").status_code == 404
    assert now_of(ben.id).picture == "b" * 22 and now_of(anna.id).picture is None


@pytest.mark.parametrize(("path", "name"), [("pictures", "picture"), ("signature", "signature")])
def test_what_is_no_picture_is_refused(app, client, anna, path, name):
    for given in ({}, {name: "me"}, {name: (BytesIO(b"GIF89a"), "me.png")}):
        answer = client.post(f"/dashboard/profile/{path}", data=given, content_type="multipart/form-data")
        assert answer.status_code == 422 and "field-error" in answer.text
    assert (kept(anna.id), files(app)) == ([], 0)


def test_twelve_pictures_are_kept_also_when_they_come_at_once(app, client, anna):
    for number in range(rules.PICTURES_KEPT - 1):
        services.add_picture(anna.id, f"{number:022}")
    person_id = anna.id
    results = at_once(app, *(lambda name=name: services.add_picture(person_id, name * 22) for name in "ab"))
    assert sorted(type(one).__name__ for one in results) == ["TooManyPictures", "int"]
    answer = client.post("/dashboard/profile/pictures", data=upload())
    assert answer.status_code == 422 and "Remove one first" in answer.text
    assert files(app) == 0, "nothing is left of what was refused"


def test_a_signature_takes_the_place_of_the_one_before(app, client, anna):
    for _ in range(2):
        given = upload(size=(900, 200))
        assert client.post("/dashboard/profile/signature", data={"signature": given["picture"]}).status_code == 303
    assert files(app) == 1
    assert "Signature of Anna" in client.get(f"/people/{anna.id}").text
    client.post("/posts/new", data={"title": "A find", "text": "Look at this."})
    assert "Signature of Anna" in client.get("/posts/1").text
    assert "A find" in client.get(f"/people/{anna.id}").text
    client.post("/dashboard/profile/signature/remove")
    assert (now_of(anna.id).signature, files(app)) == (None, 0)


# Address

def ask(client, email="new@example.org", password=PASSWORD):
    return client.post("/dashboard/profile/address", data={"email": email, "password": password})


def confirm(client, code):
    return client.post("/dashboard/profile/address/confirm", data={"code": code})


def test_a_new_address_is_proved_by_a_code_and_the_old_one_is_warned(app, client, anna):
    assert ask(client, "New@Example.org ").location == "/dashboard/profile/address"
    assert "new@example.org" in client.get("/dashboard/profile/address").text
    assert now_of(anna.id).email == "anna@example.org"
    assert "wants to use another address" in mails(app, "anna@example.org")[-1]
    assert confirm(client, last_code(app, "new@example.org")).status_code == 303
    assert now_of(anna.id).email == "new@example.org"
    assert "has another address now" in mails(app, "anna@example.org")[-1]
    assert accounts.authenticate("new@example.org", PASSWORD).user_id == anna.id
    assert confirm(client, last_code(app, "new@example.org")).status_code == 422, "a code works once"


def test_a_taken_address_looks_the_same_and_never_becomes_ours(app, client, anna):
    ben = factories.user(email="ben@example.org")
    taken, free = ask(client, "ben@example.org"), ask(client, "free@example.org")
    assert (taken.status_code, taken.location) == (free.status_code, free.location)
    assert "already" in mails(app, "ben@example.org")[-1]
    assert not any(line.strip().isdigit() for line in mails(app, "ben@example.org")[-1].splitlines())
    assert now_of(ben.id).email == "ben@example.org"


def test_an_address_that_is_registered_meanwhile_is_refused_like_a_wrong_code(app, client, anna):
    ask(client)
    code = last_code(app, "new@example.org")
    factories.user(email="new@example.org")
    answer = confirm(client, code)
    assert answer.status_code == 422 and "This code is not right" in answer.text
    assert now_of(anna.id).email == "anna@example.org"


def test_a_code_is_its_persons_alone(app, client, anna):
    ask(client)
    code = last_code(app, "new@example.org")
    other = app.test_client()
    eve = factories.user()
    factories.sign_in(other, eve)
    assert confirm(other, code).status_code == 422
    assert confirm(client, "000000" if code != "000000" else "111111").status_code == 422
    assert now_of(eve.id).email != "new@example.org"
    assert confirm(client, code).status_code == 303


def test_five_wrong_codes_end_it(app, client, anna):
    ask(client)
    code = last_code(app, "new@example.org")
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        assert confirm(client, wrong).status_code == 422
    assert confirm(client, code).status_code == 422
    assert now_of(anna.id).email == "anna@example.org"


@pytest.mark.parametrize(("email", "password", "words"), [
    ("anna@example.org", PASSWORD, "This is your address already."), ("nobody", PASSWORD, "Write an address"),
    ("new@example.org", "wrong wrong wrong", "This is not your password."), ("new@example.org", "", "Write your password."),
    ("", PASSWORD, "Write your new address."),
])
def test_a_refused_address_says_why_and_mails_nobody(app, client, anna, email, password, words):
    answer = ask(client, email, password)
    assert answer.status_code == 422 and words in answer.text
    assert mails(app) == []


def test_one_person_asks_for_few_addresses_a_day_and_the_last_one_counts(app, client, anna):
    for number in range(6):
        assert ask(client, f"new{number}@example.org").status_code == 303
    answer = ask(client, "new6@example.org")
    assert answer.status_code == 422 and "often enough today" in answer.text
    assert confirm(client, last_code(app, "new4@example.org")).status_code == 422
    assert confirm(client, last_code(app, "new5@example.org")).status_code == 303


def test_an_old_code_is_late(app, client, anna):
    ask(client)
    code = last_code(app, "new@example.org")
    db.session.execute(update(EmailCode).values(expires_at=EmailCode.created_at))
    db.session.commit()
    assert confirm(client, code).status_code == 422
    assert now_of(anna.id).email == "anna@example.org"
