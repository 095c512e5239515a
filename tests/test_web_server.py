"""The web server: its guards against slow senders, its quick end, and how its processes share the work."""

import socket
import time
from contextlib import ExitStack

import gevent
import psutil
import pytest
from werkzeug.exceptions import RequestTimeout

from auctionapp.slowbody import with_body_deadline

only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


class Trickle:
    """A body that never ends and comes byte by byte."""

    def read(self, _size=-1):
        gevent.sleep(0.02)
        return b"x"


def reads_all(environ, _start_response):
    while part := environ["wsgi.input"].read(1):
        yield part


def test_a_body_that_trickles_is_refused_after_its_deadline():
    application = with_body_deadline(reads_all, seconds=0.2)
    started = time.monotonic()
    with pytest.raises(RequestTimeout):
        list(application({"CONTENT_LENGTH": "1000", "wsgi.input": Trickle()}, None))
    assert 0.15 < time.monotonic() - started < 1


def connect(site):
    return socket.create_connection(("127.0.0.1", site.port), timeout=15)


@only_sqlite
def test_a_sender_of_slow_headers_is_cut_off(site):
    with connect(site) as slow:
        started = time.monotonic()
        slow.sendall(b"GET /help HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        while slow.recv(4096):
            pass
        assert time.monotonic() - started < 8
    assert site.ready()


@only_sqlite
@pytest.mark.parametrize("header", [
    "X-Forwarded-Proto: https", "X-Forwarded-Ssl: on", "SCRIPT_NAME: /help", "PATH_INFO: /secret"])
def test_nobody_is_believed_what_only_a_proxy_knows_when_there_is_none(site, header):
    with connect(site) as sender:
        sender.sendall(f"GET /help HTTP/1.1\r\nHost: 127.0.0.1\r\n{header}\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while part := sender.recv(65_536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"https://127.0.0.1" not in answer


@only_sqlite
@pytest.mark.parametrize(("path", "media_type"), [
    ("/account/login", "application/x-www-form-urlencoded"), ("/api/v1/tokens", "application/json")])
def test_a_body_in_broken_chunks_is_refused(site, path, media_type):
    with connect(site) as sender:
        sender.sendall(f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n"
                       f"Content-Type: {media_type}\r\n\r\nno number\r\n".encode())
        assert sender.recv(12) == b"HTTP/1.1 400"


@only_sqlite
def test_the_web_process_ends_within_five_seconds_with_connections_open(site):
    with connect(site), connect(site) as half:
        half.sendall(b"GET /help HTT")
        site.processes["web"].terminate()
        assert site.processes["web"].wait(15) == 0


@only_sqlite
def test_web_processes_that_are_killed_are_replaced_at_once(site):
    for process in psutil.Process(site.processes["web"].pid).children():
        process.kill()
        process.wait(15)
    started = time.monotonic()
    with connect(site) as patient:
        patient.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert patient.recv(15) == b"HTTP/1.1 200 OK"
    # Building the application alone would take longer.
    assert time.monotonic() - started < 1


def answered_over(stack, site):
    """Ask over one more connection, which stays open."""
    connection = stack.enter_context(connect(site))
    connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    return connection.recv(15) == b"HTTP/1.1 200 OK"


@only_sqlite
def test_a_web_process_that_stands_still_keeps_no_new_visitor_waiting_and_has_its_share_later(site):
    processes = site.web_processes()
    with ExitStack() as stack:
        with site.standing_still(processes[0]):
            assert all(answered_over(stack, site) for _ in range(8))
        assert all(answered_over(stack, site) for _ in range(8))
        assert [site.connections_of(process) for process in processes] == [8, 8]
