"""(e) The feed: 10,000 posts against 100, its beginning and far down, for a reader with 200 friends, and a busy post."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from auctionapp.auctions.models import Tag
from auctionapp.extensions import db
from auctionapp.people.models import Friendship
from auctionapp.posts.models import Comment, Post, PostLike, PostTag
from bench import http_load, servers
from bench.chat import _app, _cookies, _house, _queries

PEOPLE = 500
FRIENDS = 200
MANY, FEW = 10_000, 100
COMMENTS = 1_000
CLIENTS = 8


def measure() -> dict[str, float]:
    """One repetition."""

    with _house(PEOPLE) as (house, environment):
        reader = house.people[0]
        _befriend(environment, reader, house.people[1:FRIENDS + 1])
        _write(environment, house.people, FEW)
        few = _queries(environment, "/feed", [reader])[0]
        first_id, last_id = _write(environment, house.people, MANY - FEW)
        paths = {"first page": "/feed", "far down": f"/feed?after=r{first_id + 300}", "tag": "/feed?tag=brass",
                 "post": f"/posts/{last_id}"}
        [cookie] = _cookies(environment, [reader])

        def get(path: str) -> Callable[[], bytes]:
            return lambda: f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()

        loads = {}
        with servers.web(environment) as web:
            for name, path in paths.items():
                http_load.run(web.port, CLIENTS, 1.0, get(path))
                loads[name] = http_load.run(web.port, CLIENTS, 4.0, get(path))
                if set(loads[name].statuses) != {200}:
                    raise RuntimeError(f"{path}: not every answer was 200: {loads[name].statuses}")
        many = _queries(environment, "/feed", [reader])[0]
    return {f"{name.replace(' ', '_')}_p50_ms": load.percentile_ms(0.5) for name, load in loads.items()} | {
        "first_page_per_second": loads["first page"].per_second, "of_100_queries": few, "of_10,000_queries": many}


def _befriend(environment: dict[str, str], reader: int, others: list[int]) -> None:
    now = datetime.now(UTC)
    with _app(environment).app_context():
        db.session.execute(insert(Friendship), [
            {"low_id": min(reader, other), "high_id": max(reader, other), "requester_id": other, "created_at": now,
             "accepted_at": now} for other in others])
        db.session.commit()
        db.engine.dispose()


def _write(environment: dict[str, str], people: list[int], count: int) -> tuple[int, int]:
    """Posts of random people, each liked by three, the last one with many comments; the first and the last id."""
    chance = random.Random(count)
    now = datetime.now(UTC)
    with _app(environment).app_context():
        tag_id = db.session.query(Tag.id).filter_by(slug="brass").scalar()
        if tag_id is None:
            tag_id = db.session.scalar(insert(Tag).values(slug="brass", name="Brass").returning(Tag.id))
        ids = sorted(db.session.scalars(insert(Post).returning(Post.id), [
            {"author_id": chance.choice(people), "title": f"Post {number}", "text": "It took **two** evenings. " * 30,
             "excerpt": "It took two evenings. " * 10, "like_count": 3, "created_at": now - timedelta(minutes=count - number)}
            for number in range(count)]))
        db.session.execute(insert(PostTag), [{"post_id": one, "tag_id": tag_id} for one in ids[::10]])
        db.session.execute(insert(PostLike), [
            {"post_id": one, "user_id": person, "created_at": now} for one in ids for person in chance.sample(people, 3)])
        db.session.execute(insert(Comment), [
            {"post_id": ids[-1], "author_id": chance.choice(people), "text": "Well done.", "created_at": now}
            for _ in range(COMMENTS)])
        db.session.commit()
        db.engine.dispose()
    return ids[0], ids[-1]
