"""Metrics for operators at /metrics, and the addresses that may read them."""

from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families

from commentsite import clock
from tests.support.clients import submit_for_receipt
from tests.support.factories import make_app, publish_sample_letter


def fetch_metrics(client):
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_requests_pages_queue_and_messages_are_counted_without_addresses(client):
    before = fetch_metrics(client)
    receipt = submit_for_receipt(client)
    client.get(receipt)
    for _ in range(2):
        tag = client.get("/letters/hello").headers["ETag"]
    client.get("/letters/hello", headers={"If-None-Match": tag})
    now = fetch_metrics(client)

    def grown(*key):
        return now.get(key, 0) - before.get(key, 0)

    assert grown("commentsite_requests_total", *sorted(("/receipts/<token>", "200", "GET"))) == 1
    assert grown("commentsite_pages_total", "drawn") == 1
    assert grown("commentsite_pages_total", "kept") == 1
    assert grown("commentsite_pages_total", "same") == 1
    assert now["commentsite_messages", "waiting"] == 1
    with clock.freeze_at(clock.now() + timedelta(hours=2)):
        later = fetch_metrics(client)
    assert 7200 <= later["commentsite_queue_age_seconds",] < 7300
    assert later["commentsite_examination_late_seconds",] == 0
    text = client.get("/metrics").text
    assert receipt.rpartition("/")[2] not in text
    assert "example.org" not in text


def test_an_address_that_is_not_allowed_gets_404(tmp_path, template_database):
    app = make_app(tmp_path / "i", template_database, METRICS_ALLOW="192.0.2.0/24")
    with app.app_context():
        publish_sample_letter()
    client = app.test_client()
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200
    outside = {"REMOTE_ADDR": "203.0.113.9"}
    headers = {"X-Forwarded-For": "192.0.2.7"}
    assert client.get("/metrics", environ_base=outside, headers=headers).status_code == 404
