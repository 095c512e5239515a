"""What streams show of conversations: lines as everybody receives them, how far was read, the counter of the bar.

A line is rendered once, for nobody in particular. Own lines are marked in the browser, which also leaves out a line
whose id it has already.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from flask import current_app

from auctionapp import bus, topics
from auctionapp.auctions.views import cards
from auctionapp.chat import queries, rules
from auctionapp.chat.queries import Line

LINES = {"message": "chat/_new_line.html", "edited": "chat/_changed_line.html", "deleted": "chat/_changed_line.html"}
"""Kinds of events that pages show as a line, each with its fragment."""


def lacks_line(event: dict[str, Any]) -> bool:
    """Whether an event is about a message whose line nobody has rendered yet."""
    return event["kind"] in LINES and "html" not in event


def add_lines(events: list[dict[str, Any]]) -> None:
    """Render the lines that are lacking into the events' `html`, from the database in one query, and one for lots.

    In the lobby `authors` says whose words they are: who has blocked somebody does not hear them there.
    """
    lacking = [event for event in events if lacks_line(event)]
    if not lacking:
        return
    found = queries.lines_by_id(event["payload"]["id"] for event in lacking)
    lots = linked_lots(list(found.values()))
    for event in lacking:
        line = found.get(event["payload"]["id"])
        event["html"] = _partial(line, LINES[event["kind"]], lots) if line else ""
        event["authors"] = [line.author_id] if line and line.kind == "lobby" else []


def partial(line: Line, kind: str = "message") -> str:
    """The line, appended to its conversation where that is open, or put in the place of what it was."""
    return _partial(line, LINES[kind], linked_lots([line]))


def _partial(line: Line, template: str, lots: dict[int, Any]) -> str:
    # Through the environment and not `render_template`: its context would bring the reader in.
    return current_app.jinja_env.get_template(template).render(line=line, cards=lots)


def linked_lots(lines: Sequence[Line]) -> dict[int, list[cards.Card]]:
    """The cards of the lots that these lines link to, by the line's id; a function of the templates too."""
    return dict(zip([line.id for line in lines], cards.linked([line.text for line in lines]), strict=True))


def render_reads(conversation_id: int) -> str:
    """How far each member has read: the state of a conversation's topic."""
    people = queries.people_of(conversation_id)
    if not people:
        return ""
    template = current_app.jinja_env.get_template("chat/_reads_live.html")
    return template.render(conversation_id=conversation_id, people=people)


def tell_reads(conversation_ids: Iterable[int]) -> None:
    """Have it shown anew where the conversations are open."""
    bus.publish_all([bus.News(topics.conversation_topic(one), state=True) for one in sorted(set(conversation_ids))])


def render_states(user_ids: Collection[int]) -> dict[int, str]:
    """The counter of each of these people."""
    return {user_id: _counter(unread) for user_id, unread in queries.inbox.unread(user_ids).items()}


def tell_unread(conversation_ids: Iterable[int], user_ids: Iterable[int]) -> None:
    """Show the counters of these conversations' members and of these people on all their pages: one query, one
    round trip to Redis."""
    counted = queries.inbox.unread_around(conversation_ids, user_ids)
    rendered = {unread: _counter(unread) for unread in set(counted.values())}
    bus.publish_all([bus.News(topics.person_topic(user_id), html=rendered[unread])
                     for user_id, unread in counted.items()])


def _counter(unread: int) -> str:
    template = current_app.jinja_env.get_template("chat/_counter_live.html")
    return template.render(counter=rules.counter(unread))
