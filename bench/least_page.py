"""The least Flask pages that show the same rows as ours: the reference of the page benchmark.

No sign-in, no forms, no scripts, no styles: one query for the rows, one small template.
"""

import os

from flask import Flask, render_template_string
from sqlalchemy import create_engine, text

import config

app = Flask(__name__)
engine = create_engine(config.database_url(os.environ["DATABASE_URL"]))

CATALOGUE = text("""
    SELECT id, title, price_cents, starting_price_cents, bid_count, ends_at FROM auctions
    WHERE state = 'open' AND ends_at > now() ORDER BY ends_at, id LIMIT 24""")
AUCTION = text("""
    SELECT a.id, a.title, a.description, a.price_cents, a.starting_price_cents, a.bid_count, a.ends_at,
           u.display_name, c.name AS category
    FROM auctions a JOIN users u ON u.id = a.seller_id JOIN categories c ON c.id = a.category_id WHERE a.id = :id""")
STEPS = text("SELECT alias, amount_cents, placed_at FROM price_steps WHERE auction_id = :id ORDER BY sequence DESC LIMIT 5")

ROWS = """<!doctype html><title>Auctions</title><ul>{% for row in rows %}
<li><a href="/auctions/{{ row.id }}">{{ row.title }}</a> {{ row.price_cents or row.starting_price_cents }}
{{ row.bid_count }} bids, ends {{ row.ends_at }}</li>{% endfor %}</ul>"""
LOT = """<!doctype html><title>{{ lot.title }}</title><h1>{{ lot.title }}</h1><p>{{ lot.description }}</p>
<p>{{ lot.display_name }}, {{ lot.category }}: {{ lot.price_cents or lot.starting_price_cents }}, {{ lot.bid_count }} bids,
ends {{ lot.ends_at }}</p><ol>{% for step in steps %}
<li>Bidder {{ step.alias }} {{ step.amount_cents }} {{ step.placed_at }}</li>{% endfor %}</ol>"""


@app.get("/healthz")
def healthz() -> str:
    return "ok"


@app.get("/auctions")
def catalogue() -> str:
    with engine.connect() as connection:
        return render_template_string(ROWS, rows=connection.execute(CATALOGUE).all())


@app.get("/auctions/<int:auction_id>")
def auction(auction_id: int) -> str:
    with engine.connect() as connection:
        lot = connection.execute(AUCTION, {"id": auction_id}).one()
        steps = connection.execute(STEPS, {"id": auction_id}).all()
    return render_template_string(LOT, lot=lot, steps=steps)
