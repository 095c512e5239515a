"""Alembic's environment: the application's own engine and tables, SQLite and PostgreSQL alike."""

from alembic import context
from flask import current_app

from auctionapp.transaction import WRITING

db = current_app.extensions["migrate"].db


def migrate(connection) -> None:
    context.configure(connection=connection, target_metadata=db.metadata, compare_server_default=False)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations run against a database: set DATABASE_URL and call `flask db upgrade`.")
with db.engine.connect().execution_options(**WRITING[db.engine.dialect.name]) as connection:
    migrate(connection)
    connection.commit()
