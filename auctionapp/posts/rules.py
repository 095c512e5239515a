"""What a post or a comment may hold. How often somebody may write: quotas.py."""

from dataclasses import dataclass, field, replace

from auctionapp import prose
from auctionapp.auctions import lots
from auctionapp.errors import DomainError, NotAllowed

TITLE_LENGTH = 120
TEXT_LENGTH = 10_000
TAGS = 5
TAG_LENGTH = 40
PICTURES = 10
COMMENT_LENGTH = 2_000
EXCERPT_LENGTH = 280


class InvalidPost(DomainError):
    """Some fields need another look; `errors` says which and why."""

    slug = "invalid-post"

    def __init__(self, errors: dict[str, str]):
        super().__init__(" ".join(errors.values()), errors=errors)
        self.errors = errors


class CommentBlank(DomainError):
    slug = "comment-blank"
    text = "Write something first."


class CommentTooLong(DomainError):
    slug = "comment-too-long"
    text = f"A comment holds at most {COMMENT_LENGTH:,} characters."


class TooOften(DomainError):
    slug = "too-often"
    status = 429
    text = "That was a lot in a short time. Wait a while, then write on."

    def __init__(self, seconds: int):
        super().__init__()
        self.retry_after_seconds = seconds


class Unwelcome(NotAllowed):
    """Whoever wrote it has blocked this person."""

    text = "The author takes no comments or likes from you."


@dataclass(frozen=True)
class Draft:
    """A post as its author typed it."""

    title: str
    text: str
    tags: tuple[str, ...] = field(default=())


def cleaned(draft: Draft) -> Draft:
    """The draft as it is kept. Raises InvalidPost, naming each field that cannot stand so."""
    draft = replace(draft, title=lots.clean_line(draft.title), text=lots.clean_text(draft.text),
                    tags=lots.distinct_tags(draft.tags))
    errors = {}
    if not prose.is_seen(draft.title):
        errors["title"] = "Give the post a title."
    elif len(draft.title) > TITLE_LENGTH:
        errors["title"] = f"At most {TITLE_LENGTH} characters."
    if not prose.is_seen(draft.text):
        errors["text"] = "Write something first."
    elif len(draft.text) > TEXT_LENGTH:
        errors["text"] = f"At most {TEXT_LENGTH:,} characters."
    if len(draft.tags) > TAGS:
        errors["tags"] = f"At most {TAGS} tags."
    elif any(max(len(name), len(lots.tag_slug(name))) > TAG_LENGTH for name in draft.tags):
        errors["tags"] = f"A tag has at most {TAG_LENGTH} characters."
    if errors:
        raise InvalidPost(errors)
    return draft


def clean_comment(text: str) -> str:
    """The comment as it is kept. Raises CommentBlank or CommentTooLong (counted in characters, after trimming)."""
    text = lots.clean_text(text)
    if not prose.is_seen(text):
        raise CommentBlank()
    if len(text) > COMMENT_LENGTH:
        raise CommentTooLong()
    return text


def excerpt(words: str) -> str:
    """The beginning of plain words, cut between two of them."""
    words = " ".join(words.split())
    if len(words) <= EXCERPT_LENGTH:
        return words
    cut = words[:EXCERPT_LENGTH]
    return (cut.rsplit(" ", 1)[0] if " " in cut[-40:] else cut).rstrip(" ,.;:") + " …"
