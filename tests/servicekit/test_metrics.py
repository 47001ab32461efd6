from servicekit.metrics import Metrics


def test_every_sample_says_whose_it_is_and_only_what_is_used_is_there() -> None:
    metrics = Metrics("redemption", "relay")
    metrics.published.inc(3)
    metrics.http_request_seconds.labels("GET", "/livez", 200).observe(0.1)

    page = metrics.page().decode()

    assert 'published_total{role="relay",service="redemption"} 3.0' in page
    assert (
        'http_request_seconds_count{method="GET",role="relay",route="/livez",'
        'service="redemption",status="200"} 1.0'
    ) in page
    assert "outbox_age_seconds" not in page
    assert page == metrics.page().decode()
