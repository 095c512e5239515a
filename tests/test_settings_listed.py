"""`.env.example` and the README list every setting that the code reads, and none that it does not."""

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
READ = re.compile(r"""environ(?:\.get\(|\[)\s*["']([A-Z][A-Z0-9_]+)|_flag\(environ, "([A-Z0-9_]+)""")
# Set by our own processes for each other, by Flask, or by the terminal and make.
INTERNAL = {"GAVEL_PLAIN_LOG", "PROMETHEUS_MULTIPROC_DIR", "MAKELEVEL", "FLASK_DEBUG", "FLASK_RUN_FROM_CLI"}
REQUESTS = ("CONTENT_", "SERVER_", "HTTP_")


def test_env_example_and_the_code_agree():
    sources = [PROJECT / "config.py", PROJECT / "gunicorn.conf.py", PROJECT / "tests" / "services.py"]
    sources += [*(PROJECT / "auctionapp").rglob("*.py"), *(PROJECT / "devtools").rglob("*.py")]
    read = {one or other for source in sources for one, other in READ.findall(source.read_text())} - INTERNAL
    read = {name for name in read if not name.startswith(REQUESTS)}
    text = (PROJECT / ".env.example").read_text()
    listed = set(re.findall(r"^([A-Z][A-Z0-9_]+)=", text, re.MULTILINE))
    assert read == listed
    table = re.findall(r"^\| (`[A-Z][^|]*) \|", (PROJECT / "README.md").read_text(), re.MULTILINE)
    explained = {name for cell in table for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", cell)}
    assert explained == listed
