"""(f) Every page of the desks with 10,000 auctions and 100,000 bids: milliseconds at the server, one reader at a time.

The aim: each page below 100 ms. A further page is one line of PAGES.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import event

from auctionapp.extensions import db
from bench import http_load, past, servers
from bench.chat import _analyze, _app, _cookies, _house

PEOPLE = 300
SECONDS = 3.0
PAGES: list[tuple[str, str, str]] = [
    ("my bids, leading", "bidder", "/dashboard/bids?show=leading"),
    ("my bids, outbid", "bidder", "/dashboard/bids?show=outbid"),
    ("my bids, won", "bidder", "/dashboard/bids?show=won"),
    ("my bids, lost", "bidder", "/dashboard/bids?show=lost"),
    ("my bids, watched", "bidder", "/dashboard/bids?show=watched"),
    ("watchlist", "bidder", "/dashboard/watchlist"),
    ("statistics", "bidder", "/dashboard/statistics"),
    ("wallet", "bidder", "/dashboard/wallet"),
    ("statement", "bidder", "/dashboard/wallet/statement"),
    ("statement as CSV", "bidder", "/dashboard/wallet/statement.csv"),
    ("my auctions", "seller", "/dashboard/auctions"),
    ("my auctions, live", "seller", "/dashboard/auctions?status=live"),
    ("my auctions, sold", "seller", "/dashboard/auctions?status=sold"),
    ("my auctions, not sold", "seller", "/dashboard/auctions?status=unsold"),
    ("questions", "seller", "/dashboard/questions"),
    ("questions, all", "seller", "/dashboard/questions?show=all"),
    ("income", "seller", "/dashboard/income"),
    ("income as CSV", "seller", "/dashboard/income.csv"),
    ("administrators: overview", "administrator", "/admin/"),
    ("administrators: people", "administrator", "/admin/people/"),
    ("administrators: people by name", "administrator", "/admin/people/?q=person+2"),
    ("administrators: one person", "administrator", "/admin/people/{bidder}/"),
    ("administrators: reports", "administrator", "/admin/reports/"),
    ("administrators: auctions", "administrator", "/admin/auctions/"),
    ("administrators: auctions by words", "administrator", "/admin/auctions/?q=brass+77"),
    ("administrators: bids", "administrator", "/admin/bids/"),
    ("administrators: bids of one person", "administrator", "/admin/bids/?person={bidder}"),
    ("administrators: categories", "administrator", "/admin/categories/"),
    ("administrators: tags", "administrator", "/admin/tags/"),
    ("administrators: ledger", "administrator", "/admin/transfers/"),
    ("administrators: ledger of one person", "administrator", "/admin/transfers/?person={bidder}"),
    ("administrators: payments", "administrator", "/admin/payments/"),
    ("administrators: settings", "administrator", "/admin/house/"),
    ("administrators: jobs", "administrator", "/admin/jobs/"),
    ("administrators: log", "administrator", "/admin/log/"),
]
"""What it is, who reads it (bidder, seller, administrator), and its address; `{bidder}` and the like are their numbers."""


def measure() -> dict[str, float]:
    """One repetition: of each page the median, and the statements that it sends."""
    with _house(PEOPLE) as (house, environment):
        with _app(environment).app_context():
            bidder, seller = past.write(house.people)
            db.session.remove()
            db.engine.dispose()
        _analyze(environment)
        people = {"bidder": bidder, "seller": seller, "administrator": _administrator(environment, house.people[-1])}
        cookies = dict(zip(people, _cookies(environment, list(people.values())), strict=True))
        figures: dict[str, float] = {}
        pages = [(name, who, path.format(**people)) for name, who, path in PAGES]

        def get(path: str, who: str) -> Callable[[], bytes]:
            return lambda: f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookies[who]}\r\n\r\n".encode()

        with servers.web(environment) as web:
            for name, who, path in pages:
                http_load.run(web.port, 1, 1.0, get(path, who))
                load = http_load.run(web.port, 1, SECONDS, get(path, who))
                if set(load.statuses) != {200}:
                    raise RuntimeError(f"{path}: not every answer was 200: {load.statuses}")
                figures[f"{name}, median ms"] = load.percentile_ms(0.5)
                figures[f"{name}, 95th ms"] = load.percentile_ms(0.95)
        return figures | _statements(environment, [(name, path, cookies[who]) for name, who, path in pages])


def _statements(environment: dict[str, str], pages: Sequence[tuple[str, str, str]]) -> dict[str, float]:
    """How many statements each page sends once warm."""
    app, counted, said = _app(environment), {}, []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    for name, path, cookie in pages:
        for _ in range(2):
            said.clear()
            if app.test_client(use_cookies=False).get(path, headers={"Cookie": cookie}).status_code != 200:
                raise RuntimeError(path)
        counted[f"{name}, statements"] = float(len(said))
    with app.app_context():
        db.engine.dispose()
    return counted


def _administrator(environment: dict[str, str], person: int) -> int:
    from auctionapp.accounts.models import User

    with _app(environment).app_context():
        db.session.query(User).filter_by(id=person).update({"role": "admin"})
        db.session.commit()
        db.engine.dispose()
    return person
