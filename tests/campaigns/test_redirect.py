from urllib.parse import parse_qsl, urlsplit

from campaigns.visits.redirect import landing_url

TAGS = {"partner": "Blog & Co", "channel": "news", "campaign": "Winter deal", "visit_id": "7"}


def test_the_page_keeps_its_query_and_fragment_and_learns_the_code() -> None:
    url = landing_url("https://shop.example/deal?a=1&a=2&empty=#top", coupon="A/B", **TAGS)

    parts = urlsplit(url)
    assert (parts.netloc, parts.path, parts.fragment) == ("shop.example", "/deal", "top")
    assert parse_qsl(parts.query, keep_blank_values=True) == [
        ("a", "1"),
        ("a", "2"),
        ("empty", ""),
        ("utm_source", "Blog & Co"),
        ("utm_medium", "news"),
        ("utm_campaign", "Winter deal"),
        ("visit_id", "7"),
        ("coupon", "A/B"),
    ]


def test_our_tags_win_over_the_pages_own() -> None:
    url = landing_url("https://shop.example?utm_source=old&coupon=OLD", coupon="NEW", **TAGS)

    query = parse_qsl(urlsplit(url).query)
    assert [value for name, value in query if name == "utm_source"] == ["Blog & Co"]
    assert [value for name, value in query if name == "coupon"] == ["NEW"]


def test_without_a_public_code_none_is_shown() -> None:
    assert "coupon" not in landing_url("https://shop.example", coupon=None, **TAGS)
