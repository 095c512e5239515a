"""Pages of posts: who sees and does what, forms without script, fragments with it."""

import io
import re

import pytest
from PIL import Image

from auctionapp import pictures
from auctionapp.extensions import db
from auctionapp.posts import services
from auctionapp.posts.models import Comment, Post, PostPicture
from tests import factories
from tests.counting import statements

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def own_media(app, tmp_path):
    """Pictures of other tests are not counted."""
    app.config["MEDIA"] = tmp_path


@pytest.fixture
def ada(app):
    return factories.user(display_name="Ada Moreau")


@pytest.fixture
def bruno(app):
    return factories.user(display_name="Bruno Keller")


def signed_in(app, person):
    client = app.test_client()
    factories.sign_in(client, person)
    return client


def a_picture(colour="navy"):
    file = io.BytesIO()
    Image.new("RGB", (80, 60), colour).save(file, "PNG")
    file.seek(0)
    return file, f"{colour}.png"


def field(html, name):
    return re.search(rf'name="{name}" value="([^"]*)"', html)[1]


def test_a_post_is_written_previewed_published_read_edited_and_deleted(app, ada):
    client = signed_in(app, ada)
    form = client.get("/posts/new").text
    typed = {"key": field(form, "key"), "title": "A clock runs again", "text": "It took **two** evenings.",
             "tags": "Clocks, Brass"}
    preview = client.post("/posts/new", data=typed | {"preview": "1"})
    assert preview.status_code == 200 and "<strong>two</strong>" in preview.text and "not published yet" in preview.text
    assert field(preview.text, "key") == typed["key"] and db.session.query(Post).count() == 0
    db.session.rollback()
    alone = client.post("/posts/new", data=typed | {"preview": "1"}, headers=HTMX)
    assert "<html" not in alone.text and "<strong>two</strong>" in alone.text
    published = client.post("/posts/new", data=typed | {"pictures": [a_picture(), a_picture("teal")]})
    assert published.status_code == 303
    path = published.location
    assert client.post("/posts/new", data=typed | {"pictures": [a_picture()]}).location == path
    page = client.get(path).text
    assert "<strong>two</strong>" in page and page.count('class="post-pictures') == 1 and "Picture 2 of 2" in page
    assert len(list(app.config["MEDIA"].glob("*-1600.webp"))) == db.session.query(PostPicture).count() == 2
    db.session.rollback()
    edit = client.get(f"{path}/edit").text
    assert "Brass, Clocks" in edit and "It took **two** evenings." in edit
    drop = re.search(r'name="drop" value="(\d+)"', edit)[1]
    assert client.post(f"{path}/edit", data={"title": "Better", "text": "Now", "tags": "", "drop": drop}).status_code == 303
    page = client.get(path).text
    assert "· edited" in page and "Better" in page and "Picture 1 of 1" in page
    assert "Delete “Better”?" in client.get(f"{path}/delete").text
    assert client.post(f"{path}/delete").location == f"/people/{ada.id}/posts"
    assert client.get(path).status_code == 404
    assert list(app.config["MEDIA"].glob("*-1600.webp")) == []


def test_a_refused_post_keeps_what_was_typed_and_says_why_beside_the_field(app, ada):
    client = signed_in(app, ada)
    refused = client.post("/posts/new", data={"title": " ", "text": "Kept <b>words</b>", "tags": "a,b,c,d,e,f"})
    assert refused.status_code == 422
    assert "Give the post a title." in refused.text and "At most 5 tags." in refused.text
    assert "Kept &lt;b&gt;words&lt;/b&gt;" in refused.text
    bad_file = client.post("/posts/new", data={"title": "One", "text": "two", "pictures": [(io.BytesIO(b"no"), "x.png")]})
    assert bad_file.status_code == 422 and pictures.InvalidPicture.text in bad_file.text
    many = client.post("/posts/new", data={"title": "One", "text": "two", "pictures": [a_picture() for _ in range(11)]})
    assert many.status_code == 422 and "at most 10 pictures" in many.text
    assert client.post("/posts/new", data={"title": "", "text": "", "preview": "1"}).status_code == 422
    assert db.session.query(Post).count() == 0 and list(app.config["MEDIA"].glob("*")) == []


ROUTES = [
    # method, path, form, then the status for: guest, author, other person, one whom the author has blocked
    ("GET", "/feed", None, 200, 200, 200, 200),
    ("GET", "/people/{author}/posts", None, 200, 200, 200, 200),
    ("GET", "/posts/new", None, 303, 200, 200, 200),
    ("POST", "/posts/new", {"title": "One", "text": "two"}, 303, 303, 303, 303),
    ("GET", "/posts/{post}", None, 200, 200, 200, 200),
    ("GET", "/posts/{post}/edit", None, 303, 200, 404, 404),
    ("POST", "/posts/{post}/edit", {"title": "One", "text": "two"}, 303, 303, 404, 404),
    ("GET", "/posts/{post}/delete", None, 303, 200, 404, 404),
    ("POST", "/posts/{post}/like", {"liked": "1"}, 303, 303, 303, 403),
    ("GET", "/posts/{post}/comments", None, 200, 200, 200, 200),
    ("GET", "/posts/{post}/comments?parent={comment}", None, 200, 200, 200, 200),
    ("POST", "/posts/{post}/comments", {"text": "Hello"}, 303, 303, 303, 403),
    ("POST", "/posts/{post}/comments", {"text": "Hello", "parent": "{comment}"}, 303, 303, 303, 403),
    ("GET", "/posts/{post}/comments/{comment}/reply", None, 303, 200, 200, 200),
    ("GET", "/posts/{post}/comments/{comment}/delete", None, 303, 200, 404, 404),
    ("POST", "/posts/{post}/comments/{comment}/delete", {}, 303, 303, 404, 404),
    ("POST", "/posts/{post}/delete", {}, 303, 303, 404, 404),
]


@pytest.mark.parametrize("who", ["guest", "author", "other", "blocked"])
def test_every_route_answers_each_reader_as_it_should(app, ada, bruno, who):
    blocked, other = factories.user(), factories.user()
    factories.person_block(ada.id, blocked.id)
    client = {"guest": app.test_client, "author": lambda: signed_in(app, ada), "other": lambda: signed_in(app, other),
              "blocked": lambda: signed_in(app, blocked)}[who]()
    column = 3 + ["guest", "author", "other", "blocked"].index(who)
    for route in ROUTES:
        post_id = factories.post(ada.id)
        names = {"post": post_id, "author": ada.id, "comment": services.comment(post_id, bruno.id, "First")}
        data = {name: value.format(**names) for name, value in route[2].items()} if route[2] is not None else None
        answer = client.open(route[1].format(**names), method=route[0], data=data)
        assert (route[:2], answer.status_code) == (route[:2], route[column])
        if who == "guest" and route[column] == 303:
            assert answer.location.startswith("/account/login")


def test_what_a_reader_has_blocked_is_not_shown_to_them_and_nobody_sees_whom_the_house_blocked(app, ada, bruno):
    reader = factories.user()
    client, guest = signed_in(app, reader), app.test_client()
    post_id, own = factories.post(ada.id, "By Ada"), factories.post(reader.id, "By the reader")
    services.comment(own, ada.id, "Ada says this")
    top = services.comment(own, bruno.id, "Bruno says that")
    services.comment(own, ada.id, "Ada answers him", parent_id=top)
    assert "By Ada" in client.get("/feed").text
    factories.person_block(reader.id, ada.id)
    assert "By Ada" not in client.get("/feed").text and "By Ada" in guest.get("/feed").text
    page = client.get(f"/posts/{own}").text
    assert "Bruno says that" in page and "Ada says" not in page and "Ada answers" not in page
    for path in (f"/posts/{post_id}", f"/posts/{post_id}/stream"):
        assert client.get(path).status_code == 404
    assert client.post(f"/posts/{post_id}/like", data={"liked": "1"}).status_code == 404
    assert client.post(f"/posts/{post_id}/comments", data={"text": "x"}).status_code == 404
    assert "You have blocked this person" in client.get(f"/people/{ada.id}/posts").text
    factories.block_by_house(ada.id)
    assert "By Ada" not in guest.get("/feed").text and "Ada says this" not in guest.get(f"/posts/{own}").text
    assert guest.get(f"/posts/{post_id}").status_code == 404 and guest.get(f"/people/{ada.id}/posts").status_code == 404


def test_a_comment_and_an_answer_go_with_and_without_script(app, ada, bruno):
    post_id = factories.post(ada.id)
    client = signed_in(app, bruno)
    page = client.get(f"/posts/{post_id}").text
    plain = client.post(f"/posts/{post_id}/comments", data={"text": "See https://example.org/x\n<b>", "key": field(page, "key")})
    comment_id = db.session.query(Comment).one().id
    db.session.rollback()
    assert plain.location == f"/posts/{post_id}#comment-{comment_id}"
    page = client.get(f"/posts/{post_id}").text
    assert '<a href="https://example.org/x" rel="nofollow' in page and "&lt;b&gt;" in page and "1 comment" in page
    form = client.get(f"/posts/{post_id}/comments/{comment_id}/reply")
    assert "Reply to Bruno Keller" in form.text
    alone = client.get(f"/posts/{post_id}/comments/{comment_id}/reply", headers=HTMX)
    assert alone.text.lstrip().startswith("<form") and field(alone.text, "parent") == str(comment_id)
    answered = client.post(f"/posts/{post_id}/comments", headers=HTMX,
                           data={"text": "Me again", "parent": comment_id, "key": field(alone.text, "key")})
    assert f'hx-target="#replies-{comment_id}"' in answered.text and "Me again" in answered.text
    for headers, start in ((HTMX, "<form"), ({}, "<!doctype html>")):
        refused = client.post(f"/posts/{post_id}/comments", data={"text": " "}, headers=headers)
        assert refused.status_code == 422 and refused.text.lstrip().startswith(start)
        assert "Write something first." in refused.text
    assert client.post(f"/posts/{post_id}/comments", data={"text": "x" * 2001}).status_code == 422
    assert client.post(f"/posts/{post_id}/comments", data={"text": "x", "parent": "999999"}).status_code == 404


def test_liking_twice_by_the_same_button_is_one_like(app, ada, bruno):
    post_id = factories.post(ada.id)
    client = signed_in(app, bruno)
    for _ in range(2):
        button = client.post(f"/posts/{post_id}/like", data={"liked": "1"}, headers=HTMX)
        assert 'aria-pressed="true"' in button.text and f'data-likes-of="{post_id}">1<' in button.text
    for wanted, location in (("/feed#post-1", "/feed#post-1"), ("https://evil.example", f"/posts/{post_id}")):
        assert client.post(f"/posts/{post_id}/like", data={"liked": "0", "next": wanted}).location == location
    assert 'aria-pressed="false"' in client.get(f"/posts/{post_id}").text


def test_friends_and_followed_people_come_first_newest_first_over_all_pages(app, ada, bruno):
    reader, followed = factories.user(), factories.user()
    factories.friends(reader.id, ada.id)
    factories.follow(reader.id, followed.id)
    order = [factories.post(author, f"Post {number}") for number, author in enumerate(
        [ada.id, bruno.id, followed.id] * 5 + [bruno.id] * 10 + [reader.id])]
    close = [post_id for post_id, number in zip(order, range(26), strict=True) if number % 3 != 1 and number < 15 or number == 25]
    rest = [post_id for post_id in order if post_id not in close]
    client, path, seen, headings = signed_in(app, reader), "/feed", [], 0
    while path and len(seen) < 100:
        page = client.get(path, headers=HTMX if seen else {}).text
        seen += [int(found) for found in re.findall(r'<article class="post-card" id="post-(\d+)"', page)]
        headings += page.count("From everybody else")
        more = re.search(r'href="(/feed\?after=[^"]+)"', page)
        path = more and more[1]
    assert seen == close[::-1] + rest[::-1] and headings == 1
    guest = app.test_client().get("/feed").text
    assert [int(found) for found in re.findall(r'id="post-(\d+)"', guest)] == order[::-1][:10]
    assert "From everybody else" not in guest


def test_a_tag_and_a_person_have_pages_of_their_own_and_nonsense_is_no_failure(app, ada, bruno):
    client = app.test_client()
    for number in range(12):
        factories.post(ada.id, f"Clock {number}", tags=("Grandfather clocks",))
    factories.post(bruno.id, "A cup")
    tagged = client.get("/feed?tag=grandfather-clocks")
    assert "Grandfather clocks" in tagged.text and "A cup" not in tagged.text
    more = re.search(r'href="(/feed\?tag=grandfather-clocks&amp;after=r\d+)"', tagged.text)[1].replace("&amp;", "&")
    assert "Clock 0" in client.get(more).text
    assert "A cup" not in client.get(f"/people/{ada.id}/posts").text and "A cup" in client.get(f"/people/{bruno.id}/posts").text
    for path in ("/feed?after=x", "/feed?after=c99999999999999999999", "/feed?after=r0", "/feed?tag=%00nothing",
                 "/feed?tag=no-such", f"/people/{ada.id}/posts?after=c1", "/feed?after=r²"):
        assert client.get(path).status_code == 200, path
    assert "No posts with this tag" in client.get("/feed?tag=no-such").text
    assert client.get("/people/999999/posts").status_code == client.get("/posts/999999").status_code == 404


def test_earlier_comments_and_replies_come_by_a_key(app, ada):
    post_id = factories.post(ada.id)
    ids = [services.comment(post_id, ada.id, f"Comment {number}") for number in range(25)]
    replies = [services.comment(post_id, ada.id, f"Reply {number}", parent_id=ids[-1]) for number in range(13)]
    client = app.test_client()
    page = client.get(f"/posts/{post_id}").text
    assert re.findall(r'id="comment-(\d+)"', page) == [str(one) for one in ids[5:] + replies[3:]]
    earlier = client.get(f"/posts/{post_id}/comments?before={ids[5]}", headers=HTMX).text
    assert re.findall(r'id="comment-(\d+)"', earlier) == [str(one) for one in ids[:5]] and "Earlier comments" not in earlier
    assert "Comment 4" in client.get(f"/posts/{post_id}/comments?before={ids[5]}").text
    before = client.get(f"/posts/{post_id}/comments?parent={ids[-1]}&before={replies[3]}", headers=HTMX).text
    assert re.findall(r'id="comment-(\d+)"', before) == [str(one) for one in replies[:3]]
    assert client.get(f"/posts/{post_id}/comments?before=99999999999999999999&parent=x").status_code == 200


def test_pages_take_the_same_number_of_statements_however_much_there_is(app, ada):
    reader, lot = factories.user(), factories.auction()
    client = signed_in(app, reader)

    def count_of(path):
        client.get(path)
        with statements() as asked:
            assert client.get(path).status_code == 200
        return len(asked)

    def write(count):
        for number in range(count):
            person = factories.user()
            factories.friends(reader.id, person.id) if number % 2 else None
            made = factories.post(person.id, text=f"[lot](/auctions/{lot.id})", tags=("Clocks", "Brass"))
            services.like(made, reader.id, True)
            top = services.comment(made, person.id, "one")
            services.comment(made, ada.id, "two", parent_id=top)
            services.comment(first, person.id, "three", parent_id=services.comment(first, ada.id, "four"))

    first = factories.post(ada.id, text=f"[lot](/auctions/{lot.id})", tags=("Clocks",))
    paths = ("/feed", "/feed?tag=clocks", f"/people/{ada.id}/posts", f"/posts/{first}")
    write(2)
    few = [count_of(path) for path in paths]
    write(9)
    assert [count_of(path) for path in paths] == few
    assert max(few) <= 16


def test_the_bar_leads_to_the_feed_and_an_empty_one_says_what_to_do(client):
    assert 'href="/feed"' in client.get("/").text
    assert "Nobody has written yet" in client.get("/feed").text


def test_a_linked_lot_is_a_card_whose_price_moves_with_the_stream(app, ada):
    lot = factories.auction(title="Chess set")
    post_id = factories.post(ada.id, text=f"Look: [here](/auctions/{lot.id})")
    page = app.test_client().get(f"/posts/{post_id}").text
    assert "Chess set" in page and f'data-price-of="{lot.id}"' in page
    assert f'hx-sse:connect="/posts/{post_id}/stream?last=o{post_id}.0"' in page
    assert f'data-price-of="{lot.id}"' in app.test_client().get("/feed").text
