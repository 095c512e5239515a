"""The whole site starts and is asked whether it is well."""

import json
import urllib.request


def test_the_site_is_ready_with_all_its_processes(start_site):
    site = start_site("worker", "scheduler")
    with urllib.request.urlopen(f"{site.url}/readyz") as answer:
        body = json.load(answer)
    assert body["parts"] == {"database": True, "redis": True, "worker": True, "scheduler": True}
    assert body["not_set_up"] == []
    with urllib.request.urlopen(f"{site.url}/metrics") as answer:
        text = answer.read().decode()
    assert 'gavel_up{part="scheduler"} 1.0' in text
    assert 'gavel_http_requests_total{endpoint="health.ready",method="GET",status="200"}' in text


