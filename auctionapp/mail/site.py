"""What a mail says about the house: its name and address. Services get it as an argument."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from auctionapp.errors import NotSetUp


@dataclass(frozen=True)
class Site:
    name: str
    public_url: str
    mail_works: bool
    outbox: str | None = None
    """Where mail lands as files in development; None where it is really sent."""
    secret_key: str = field(default="", repr=False)
    """Signs the links of mails that work without signing in."""

    def url(self, path: str) -> str:
        """An absolute link to a path of this site; never made from a request's Host header (fault 49)."""
        return self.public_url + path

    def require_mail(self) -> None:
        """Raises NotSetUp where no mail can be sent or its links would lead nowhere."""
        if not self.mail_works:
            raise NotSetUp("This house cannot send mail yet, so nobody can register and no password can be reset. "
                           "Whoever runs it sets MAIL_URL and PUBLIC_URL.")

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Site":
        """The site of these settings (`app.config`)."""
        in_files = not settings["MAIL_URL"] and not settings["PRODUCTION"]
        return cls(
            name=settings["SITE_NAME"], public_url=settings["PUBLIC_URL"],
            mail_works=in_files or bool(settings["MAIL_URL"] and settings["PUBLIC_URL"]),
            outbox=str(settings["OUTBOX"]) if in_files else None,
            secret_key=settings["SECRET_KEY"],
        )
