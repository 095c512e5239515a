"""The OpenAPI document, and the API held against it with requests made from it."""

import re

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CONTRACT = {
    "POST /tokens", "DELETE /tokens/current", "POST /users", "POST /users/confirm", "GET /me", "GET /auctions",
    "POST /auctions", "GET /auctions/{auction_id}", "PATCH /auctions/{auction_id}", "DELETE /auctions/{auction_id}",
    "POST /auctions/{auction_id}/images", "GET /auctions/{auction_id}/bids", "POST /auctions/{auction_id}/bids",
    "POST /auctions/{auction_id}/buy", "GET /auctions/{auction_id}/events", "GET /auctions/{auction_id}/messages",
    "POST /auctions/{auction_id}/messages", "GET /wallet", "GET /wallet/entries", "POST /wallet/deposits",
    "POST /wallet/withdrawals", "GET /categories", "GET /tags", "GET /conversations", "POST /conversations",
    "GET /conversations/{conversation_id}/messages", "POST /conversations/{conversation_id}/messages",
    "GET /notifications", "POST /notifications/read",
}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
          response_schema_conformance]


def operations(document):
    return {(method.upper(), path): operation for path, item in document["paths"].items()
            for method, operation in item.items() if method != "parameters"}


def test_the_document_describes_every_operation_of_the_contract(guest):
    document = guest.get("/openapi.json").json
    assert document["openapi"].startswith("3.1")
    found = operations(document)
    assert {f"{method} {path.removeprefix('/api/v1')}" for method, path in found} == CONTRACT
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for where, operation in found.items():
        assert operation["summary"], where
        assert {"429", "500"} <= set(operation["responses"]), where
        assert "default" not in operation["responses"], where
        if operation["security"]:
            assert "401" in operation["responses"], where
    for where in (("POST", "/api/v1/auctions/{auction_id}/bids"), ("POST", "/api/v1/wallet/deposits")):
        assert {"$ref": "#/components/parameters/IdempotencyKey"} in found[where]["parameters"]


def test_every_reference_of_the_document_leads_somewhere(guest):
    document = guest.get("/openapi.json").json
    for reference in re.findall(r'"\$ref": ?"#/([^"]+)"', guest.get("/openapi.json").text):
        found = document
        for part in reference.split("/"):
            found = found[part]


def test_the_page_shows_every_operation_without_a_script_of_its_own(guest, client):
    page = client.get("/api/v1/docs")
    assert page.status_code == 200 and page.mimetype == "text/html"
    for operation in CONTRACT:
        method, path = operation.split()
        assert f"<strong>{method}</strong> /api/v1{path}" in page.text
    assert "https://" not in page.text.replace("https://www.w3.org", "")
    assert client.get("/api/v1/problems/bid-too-low").status_code == 303


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_requests_made_from_the_document_are_answered_as_it_says(app, bidder, seller, lot, mode):
    app.config["SANDBOX_AUTO_APPROVE"] = True

    def served(environ, start_response):
        with app.app_context():
            return app.wsgi_app(environ, start_response)

    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", served)
    schema.config.update(headers=bidder.headers)
    for found in schema.exclude(path_regex="/events$|/tokens/current$").get_all_operations():
        operation = found.ok()
        if mode == GenerationMode.NEGATIVE and not (operation.body or operation.query or operation.path_parameters):
            continue

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(max_examples=15, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))
        def ask(case):
            if "auction_id" in case.path_parameters and mode == GenerationMode.POSITIVE:
                case.path_parameters["auction_id"] = lot
            case.call_and_validate(headers=bidder.headers, checks=CHECKS)

        ask()
