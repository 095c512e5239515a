"""Sheets, scripts and icons: kept by browsers for a year, and another address as soon as one of them changes."""

import re
import shutil

import pytest

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def sheet(page):
    return re.search(r'href="(/static/[^"]*/css/base\.css)"', page)[1]


def test_every_file_that_a_page_names_is_there_and_kept_for_a_year(client):
    page = client.get("/help").text
    named = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page))
    assert len(named) > 20
    for address in named:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable", address


def test_what_a_script_imports_beside_itself_has_the_same_version(client):
    page = client.get("/help").text
    live = re.search(r'src="([^"]+/js/live\.js)"', page)[1]
    for beside in re.findall(r'from "\./([^"]+)"', client.get(live).text):
        answer = client.get(f"{live.rpartition('/')[0]}/{beside}")
        assert answer.status_code == 200 and "immutable" in answer.headers["Cache-Control"]


def test_an_older_pages_files_and_plain_names_are_served_and_asked_for_anew(client):
    present = client.get(sheet(client.get("/help").text))
    for address in ("/static/v-0123456789/css/base.css", "/static/css/base.css"):
        answer = client.get(address)
        assert answer.data == present.data
        assert answer.headers["Cache-Control"] == "no-cache"
        assert client.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("address", [
    "/static/v-0123456789/", "/static/v-0123456789/../config.py", "/static/v-0123456789/%2e%2e/config.py",
    "/static/v-0123456789//etc/passwd", "/static/v-x/css/base.css", "/static/no-such.css",
])
def test_nothing_else_is_served(client, address):
    assert client.get(address).status_code == 404


def test_a_changed_file_changes_every_address(client, make_app, tmp_path):
    other = make_app()
    shutil.copytree(other.static_folder, tmp_path / "static")
    other.static_folder = str(tmp_path / "static")
    with (tmp_path / "static" / "js" / "live.js").open("a") as file:
        file.write("\n")
    before, after = (sheet(one.get("/help").text) for one in (client, other.test_client()))
    assert before != after
    assert "immutable" in other.test_client().get(after).headers["Cache-Control"]
