from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from campaigns.visits.redirect import landing_url

TAGS: dict[str, Any] = {
    "partner": "Blog & Co",
    "channel": "news",
    "campaign": "Winter deal",
    "visit_id": "7",
}
OURS = "utm_source=Blog%20%26%20Co&utm_medium=news&utm_campaign=Winter%20deal&visit_id=7&coupon=NEW"


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


@pytest.mark.parametrize(
    ("page", "before", "after"),
    [
        pytest.param("https://shop.example", "?", "", id="no-query"),
        pytest.param("https://shop.example/?", "", "", id="empty-query"),
        pytest.param("https://shop.example/?a=1&", "", "", id="open-end"),
        pytest.param("https://shop.example/caf%E9?q=%E9", "&", "", id="another-encoding"),
        pytest.param("https://shop.example/?flag&b", "&", "", id="flags"),
        pytest.param("https://shop.example/?a=1;b=2", "&", "", id="semicolons"),
        pytest.param("https://ads.example/?u={lpurl}&c={creative:x}", "&", "", id="macros"),
        pytest.param(
            "https://shop.example/?utm_source=old&coupon=OLD", "&", "", id="our-own-names"
        ),
        pytest.param("https://shop.example/?a=%2B+%20&u=https://x.example/", "&", "", id="blanks"),
        pytest.param("https://shop.example/?a=1#top", "&", "#top", id="fragment"),
        pytest.param(
            "https://shop.example/#/deals?a=1", "?", "#/deals?a=1", id="route-in-fragment"
        ),
        pytest.param('https://shop.example/?q="<a>"|^`\\', "&", "", id="odd-characters"),
    ],
)
def test_the_page_goes_out_byte_for_byte_with_ours_appended(
    page: str, before: str, after: str
) -> None:
    url = landing_url(page, coupon="NEW", **TAGS)

    assert url == page.removesuffix(after) + before + OURS + after


def test_letters_beyond_ascii_travel_as_utf_8() -> None:
    url = landing_url("https://shop.example/caf\u00e9?q=\u00e9", coupon="NEW", **TAGS)

    assert url == f"https://shop.example/caf%C3%A9?q=%C3%A9&{OURS}"


def test_without_a_public_code_none_is_shown() -> None:
    assert "coupon" not in landing_url("https://shop.example", coupon=None, **TAGS)


def test_a_look_that_is_not_counted_has_no_visit() -> None:
    tags = TAGS | {"visit_id": None}

    assert "visit_id" not in landing_url("https://shop.example", coupon=None, **tags)
