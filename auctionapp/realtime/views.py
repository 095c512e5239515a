"""Streams of server-sent events: an auction's, a conversation's, a post's, the feed's, a person's; an auction's for programs.

Order (fault 30): join the hub first, then tell what was missed and the present state from the database, then go
live leaving out what was seen. The database's session is given back before anything is written.
"""

import errno
import logging
import random
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Blueprint, Response, abort, request
from flask_login import current_user

from auctionapp import topics
from auctionapp.auctions.models import Auction
from auctionapp.chat import queries as chats
from auctionapp.errors import DomainError, NotFound
from auctionapp.extensions import db
from auctionapp.posts.queries import posts
from auctionapp.problems import to_login
from auctionapp.realtime import catch_up, cursor, queries
from auctionapp.realtime.hub import Hub, hub
from auctionapp.realtime.message import API, PAGE
from auctionapp.realtime.streams import QueueStream, SocketStream, Stream

log = logging.getLogger(__name__)
blueprint = Blueprint("realtime", __name__)

RETRY_MILLISECONDS = (500, 4000)
"""Each stream draws its own wait, so that after a restart not everybody comes at once."""
MOST_PRICES = 20
"""That one page's stream carries beside its own topics."""
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}

Opening = Callable[[dict[str, int]], Iterator[bytes]]
"""From where the topics stand now to what is written before the stream goes live."""


class InvalidEventId(DomainError):
    slug = "invalid-last-event-id"
    status = 400
    text = "Last-Event-ID is not the id of an event of this stream."


@blueprint.get("/auctions/<int:auction_id>/stream")
def auction(auction_id: int) -> Response:
    """An auction's page, open to guests; a signed-in person's own topic comes along (fault 40: one stream a page)."""
    _see(auction_id)
    names = [topics.auction_topic(auction_id)]
    if current_user.is_authenticated:
        names.append(topics.person_topic(current_user.id))
    return _page_stream(names)


@blueprint.get("/posts/<int:post_id>/stream")
def post(post_id: int) -> Response:
    """A post's page, open to guests; a signed-in person's own topic comes along."""
    posts.one(post_id, current_user.id if current_user.is_authenticated else None)
    return _page_stream([topics.post_topic(post_id), *_own_topic()])


@blueprint.get("/feed/stream")
def feed() -> Response:
    """The feed's page, open to guests: that there are new posts. The person's own topic comes along."""
    return _page_stream([topics.feed_topic(), *_own_topic()])


@blueprint.get("/stream")
def person() -> Response:
    """The signed-in person's own topic. A guest's browser is sent to sign in, a guest's stream is told 401."""
    if not current_user.is_authenticated:
        return _not_signed_in()
    return _page_stream([topics.person_topic(current_user.id)])


def _not_signed_in() -> Response:
    if "text/event-stream" in request.headers.get("Accept", ""):
        abort(401)
    return to_login()


@blueprint.get("/inbox/<int:conversation_id>/stream")
def conversation(conversation_id: int) -> Response:
    """A private chat for its members, the lobby for everybody who is signed in; the person's own topic comes along.

    Of a direct chat that a block has silenced it carries the own topic alone.
    """
    if not current_user.is_authenticated:
        return _not_signed_in()
    chats.see(conversation_id, current_user.id)
    own = [topics.person_topic(current_user.id)]
    return _page_stream(own if chats.silent([conversation_id]) else [topics.conversation_topic(conversation_id), *own])


def api_stream(auction_id: int) -> Response:
    """An auction's events for programs: bid, extended, closed, message.

    With Last-Event-ID none is missed, however long ago. Raises NotFound, InvalidEventId.
    """
    _see(auction_id)
    topic = topics.auction_topic(auction_id)
    try:
        seen = cursor.read_number(request.headers.get("Last-Event-ID"))
    except ValueError as wrong:
        raise InvalidEventId() from wrong

    def opening(present: dict[str, int]) -> Iterator[bytes]:
        return catch_up.api_opening(topic, seen, present[topic], random.randint(*RETRY_MILLISECONDS))

    return _respond(API, [topic], opening)


def _see(auction_id: int) -> None:
    """Raises NotFound for what this reader may not see: a draft is its seller's alone (fault 41)."""
    found = db.session.query(Auction.seller_id, Auction.state).filter_by(id=auction_id).first()
    if found is None or (found.state == "draft" and not (
            current_user.is_authenticated and current_user.id == found.seller_id)):
        raise NotFound()


def _prices() -> list[str]:
    """The prices that the page's cards show (`?prices=12.13`), as far as everybody may see them (fault 38)."""
    asked = request.args.get("prices", "")[:20 * MOST_PRICES].split(".")[:MOST_PRICES]
    numbers = dict.fromkeys(int(one) for one in asked if one.isascii() and one.isdigit() and len(one) <= 18)
    return [topics.price_topic(number) for number in queries.public_auctions(list(numbers))]


def _page_stream(names: list[str]) -> Response:
    names = names + _prices()
    seen = cursor.read(request.headers.get("Last-Event-ID") or request.args.get("last"))
    reader = current_user.id if current_user.is_authenticated else 0
    unheard = queries.blocked_by([reader]).get(reader, frozenset()) if reader else frozenset()

    def opening(present: dict[str, int]) -> Iterator[bytes]:
        return catch_up.page_opening(seen, present, random.randint(*RETRY_MILLISECONDS), unheard)

    return _respond(PAGE, names, opening, unheard)


def _respond(kind: str, names: list[str], opening: Opening, unheard: frozenset[int] = frozenset()) -> Response:
    if request.method == "HEAD":
        return Response(b"", mimetype="text/event-stream", headers=HEADERS)
    identity: tuple[int | None, int | None] = (None, None)
    if kind == PAGE and current_user.is_authenticated:
        identity = current_user.id, current_user.sign_in_id
    fd = _own_connection(request.environ)
    stream = (QueueStream if fd is None else SocketStream)(kind, names, *identity)
    stream.unheard = unheard
    the_hub = hub()
    the_hub.join(stream)
    body = _Body(the_hub, stream, opening, fd, request.environ.get("SERVER_PROTOCOL") != "HTTP/1.0")
    response = Response(body, mimetype="text/event-stream", headers=HEADERS, direct_passthrough=True)
    db.session.remove()
    return response


def _own_connection(environ: dict[str, Any]) -> int | None:
    """The file descriptor of this request's plain HTTP/1 connection under gunicorn's gevent worker, if it is one."""
    connection = environ.get("gunicorn.socket")
    if connection is None or environ.get("SERVER_PROTOCOL") not in ("HTTP/1.0", "HTTP/1.1"):
        return None
    from gevent.socket import socket

    return connection.fileno() if type(connection) is socket else None


class _Body:
    """The body of a stream's answer, as a WSGI server asks for it piece by piece.

    Under gunicorn with gevent the stream takes the connection over after its headers, and the request ends.
    """

    def __init__(self, the_hub: Hub, stream: Stream, opening: Opening, fd: int | None, chunked: bool):
        self.hub = the_hub
        self.stream = stream
        self.opening = opening
        self.fd = fd
        self.chunked = chunked
        self.handed_over = False

    def __iter__(self) -> Iterator[bytes]:
        yield b": welcome\n\n"
        if isinstance(self.stream, SocketStream):
            assert self.fd is not None
            self.stream.take_over(self.fd, self.chunked)
            try:
                for data in self._opening():
                    self.stream.write_all(data)
                self._go_live()
            except OSError:
                log.debug("A reader left or did not read while the stream opened")
            # For gunicorn a client that left: it closes its side and says nothing, and ours stays open.
            raise BrokenPipeError(errno.EPIPE, "the hub writes on this connection from here on")
        yield from self._opening()
        self._go_live()
        assert isinstance(self.stream, QueueStream)
        yield from self.stream.pieces()

    def _opening(self) -> Iterable[bytes]:
        """What is written first; every piece is read in a session of its own, given back before it is written."""
        with self.hub.app.app_context():
            self.present = queries.sequences(self.stream.seen)
            db.session.remove()
            for data in self.opening(self.present):
                db.session.remove()
                yield data

    def _go_live(self) -> None:
        self.hub.go_live(self.stream, self.present)
        self.handed_over = isinstance(self.stream, SocketStream) and not self.stream.ended

    def close(self) -> None:
        if not self.handed_over:
            self.stream.end()


def auction_stream_url(auction_id: int, topic_sequence: int) -> str:
    """The address of an auction page's stream, going on where the page was rendered; a function of the templates.

    `topic_sequence` was read before the page's chat, so that nothing falls between page and stream.
    """
    return f"/auctions/{auction_id}/stream?last=" + cursor.write(
        {topics.auction_topic(auction_id): topic_sequence} | _own_topic())


def conversation_stream_url(conversation_id: int, topic_sequence: int) -> str:
    """The same of a conversation's page."""
    return f"/inbox/{conversation_id}/stream?last=" + cursor.write(
        {topics.conversation_topic(conversation_id): topic_sequence} | _own_topic())


def post_stream_url(post_id: int, topic_sequence: int) -> str:
    """The same of a post's page."""
    return f"/posts/{post_id}/stream?last=" + cursor.write({topics.post_topic(post_id): topic_sequence} | _own_topic())


def feed_stream_url(topic_sequence: int) -> str:
    """The same of the feed's page."""
    return "/feed/stream?last=" + cursor.write({topics.feed_topic(): topic_sequence} | _own_topic())


def person_stream_url() -> str:
    """The same of a page whose reader is signed in, for the person's own topic alone."""
    return f"/stream?last={cursor.write(_own_topic())}"


def _own_topic() -> dict[str, int]:
    """The reader's topic as it stood when the request began, before anything else was read."""
    if not current_user.is_authenticated:
        return {}
    return {topics.person_topic(current_user.id): current_user.topic_sequence}
