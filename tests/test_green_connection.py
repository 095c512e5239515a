"""A web process waits for PostgreSQL as one greenlet among others, and hears of everything that goes wrong."""

import json
import subprocess
import sys

import pytest

from devtools.postgres_server import PostgresServer

SCRIPT = """
from gevent import monkey
monkey.patch_all()
import json, sys, time
import gevent, psycopg
from sqlalchemy import create_engine, text
from auctionapp import bulk
from auctionapp.green_connection import GreenConnection

address, what = sys.argv[1:3]
connections = [GreenConnection.connect(address, autocommit=True) for _ in range(5)]

def answer(connection, statement, *values):
    return connection.execute(statement, values).fetchone()[0]

def side_by_side():
    began = time.monotonic()
    sleeps = [gevent.spawn(answer, connection, "SELECT pg_sleep(1)::text") for connection in connections]
    gevent.joinall(sleeps, raise_error=True)
    return time.monotonic() - began < 4

def more_than_a_socket_holds():
    text = "x" * 30_000_000
    with connections[0].pipeline():
        cursors = [connections[0].execute("SELECT %s::text || %s", (text, str(number))) for number in range(3)]
    return all(cursor.fetchone()[0] == text + str(number) for number, cursor in enumerate(cursors))

def an_error_within_a_pipeline():
    try:
        with connections[0].pipeline():
            connections[0].execute("SELECT 1")
            connections[0].execute("SELECT 1 / 0")
    except psycopg.errors.DivisionByZero:
        return answer(connections[0], "SELECT 5") == 5

def the_server_goes():
    pid = answer(connections[0], "SELECT pg_backend_pid()")
    gevent.spawn_later(0.3, answer, connections[1], "SELECT pg_terminate_backend(%s)", pid)
    try:
        answer(connections[0], "SELECT pg_sleep(60)::text")
    except psycopg.OperationalError:
        return True

def given_up():
    try:
        with gevent.Timeout(0.3, KeyError("given up")):
            answer(connections[0], "SELECT pg_sleep(60)::text")
    except KeyError:
        connections[0].cancel_safe()
        return answer(connections[1], "SELECT 7") == 7

def ended_while_waiting_for_several_answers():
    engine = create_engine("postgresql+psycopg://", creator=lambda: GreenConnection.connect(address))

    def rows_of(statement):
        with engine.connect() as connection:
            return bulk.read_each(connection, [(text("SELECT 1"), {}), (text(statement), {})])

    waiting = gevent.spawn(rows_of, "SELECT pg_sleep(60)::text")
    gevent.sleep(0.3)
    waiting.kill(timeout=3)
    return isinstance(waiting.value, gevent.GreenletExit) and rows_of("SELECT 7") == [[(1,)], [(7,)]]

print(json.dumps(globals()[what]()))
"""


@pytest.fixture(scope="module")
def server():
    server = PostgresServer()
    yield server
    server.stop()


@pytest.mark.parametrize("what", ["side_by_side", "more_than_a_socket_holds", "an_error_within_a_pipeline", "the_server_goes",
                                  "given_up", "ended_while_waiting_for_several_answers"])
def test_it_holds(what, server):
    address = server.url().replace("postgresql+psycopg://", "postgresql://")
    said = subprocess.run([sys.executable, "-c", SCRIPT, address, what], capture_output=True, text=True, timeout=60)
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout) is True
