"""How the web processes run: gevent workers, long streams, quick ends. Read by gunicorn -c gunicorn.conf.py."""

# Patching comes before anything else is imported: psycopg chooses how to wait at its import.
from gevent import monkey

monkey.patch_all()

import ctypes
import gc
import os
import resource
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import gevent
from gunicorn.glogging import Logger

BODY_DEADLINE_SECONDS = float(os.environ.get("BODY_DEADLINE_SECONDS") or 20)
PR_SET_PDEATHSIG = 1

_production = os.environ.get("GAVEL_ENV", "") == "production"

bind = f"{'0.0.0.0' if _production else '127.0.0.1'}:{os.environ.get('PORT') or 8000}"
worker_class = "auctionapp.web_worker.Worker"
# The application is built once, before the fork: a process in the place of one that died serves at once.
preload_app = True
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
# Every open stream holds one connection: when the limit is full of streams, the next page would hang.
worker_connections = 10_000
backlog = 2048
control_socket_disable = True
# Time for requests under way at the end; streams end by themselves on SIGTERM.
graceful_timeout = 2
# A worker whose loop stands still this long is replaced.
timeout = 60
# Also the deadline for a request's line and headers (slow senders are cut off).
keepalive = 5
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
# What a proxy says of the visitor is read by ProxyFix alone (PROXY_HOPS), so nobody's word counts here, and there is
# no need to look at addresses for whose does.
secure_scheme_headers = {}
forwarder_headers = ""
forwarded_allow_ips = "*"
accesslog = "-" if os.environ.get("ACCESS_LOG") == "1" else None
access_log_format = '%(m)s %(U)s %(s)s %(B)s bytes %(M)s ms'
errorlog = "-"
loglevel = "info"
# A heartbeat file on a slow disk would stall the loop.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None


class PlainLogger(Logger):
    """For `make run`, whose log adds the times and names itself."""

    error_fmt = "%(message)s"


if os.environ.get("GAVEL_PLAIN_LOG") == "1":
    logger_class = PlainLogger

# Counters of all web processes are added up through files in this folder (see auctionapp/metrics.py).
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="gavel-metrics-")
    _own_metrics_folder = True
else:
    Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).mkdir(parents=True, exist_ok=True)
    _own_metrics_folder = False


def on_starting(server):
    """Allow as many open files as the system lets us: one a stream, and some for the database and Redis."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = worker_connections * 2 + 1000
    limit = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    if soft != resource.RLIM_INFINITY and soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


def when_ready(server):
    """Before the first process: all of them have what is loaded here."""
    from auctionapp import pictures

    pictures.load_decoders()


def pre_fork(server, worker):
    """What the application's libraries have begun in the background ends before the fork, which would cut it in two.

    What all web processes share is never looked through for garbage again: it took tens of milliseconds each time.
    """
    gevent.sleep(0.05)
    gc.collect()
    gc.freeze()


def post_fork(server, worker):
    """A web process ends when the process that started it is killed, and so frees the port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def post_worker_init(worker):
    # Requests leave next to no cycles behind: looking for them every 700 objects cost a hundredth of the time.
    gc.set_threshold(10_000, 10, 10)
    from auctionapp.slowbody import with_body_deadline

    # gunicorn looks a setting up through a chain of calls, some thirty times a request; none changes any more.
    vars(worker.cfg).update({name: setting.get() for name, setting in worker.cfg.settings.items()})
    worker.wsgi.config["GATHER_IN_BACKGROUND"] = True
    worker.wsgi = with_body_deadline(worker.wsgi, BODY_DEADLINE_SECONDS)


def worker_exit(server, worker):
    """Streams end properly, so that browsers come back at once and do not wait for a dead connection."""
    from auctionapp.realtime import hub

    hub.stop(worker.app.callable)


def child_exit(server, worker):
    from prometheus_client import multiprocess

    from auctionapp import connection_counts

    multiprocess.mark_process_dead(worker.pid)
    # None where it was started by a release that knew no places.
    connection_counts.give_place_back(getattr(worker, "place", None))


def on_exit(server):
    if _own_metrics_folder:
        shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
