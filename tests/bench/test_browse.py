"""What `bench browse` fills and asks: all that the lists offer, of stock as uneven as it says."""

from collections import defaultdict
from urllib.parse import parse_qsl

import pytest

from campaigns.listing.fields import CAMPAIGNS, VOUCHERS
from campaigns.listing.spelling import parse
from counterfoil.bench import browse_cases, browse_stock

SAMPLE: defaultdict[str, str] = defaultdict(lambda: "2026-01-01")
CASES = [*browse_cases.ORDERS, *browse_cases.FILTERS]


def test_every_order_of_codes_is_asked() -> None:
    asked = [parse(parse_qsl(case.query), VOUCHERS).key for case in browse_cases.ORDERS]
    assert set(asked) == set(VOUCHERS.orders)


def test_every_case_is_a_list_and_a_statement() -> None:
    for case in CASES:
        parse(parse_qsl(case.query.format_map(SAMPLE), keep_blank_values=True), VOUCHERS)
        assert "{" not in case.where.format_map(SAMPLE), case.name
    for _, query in browse_cases.CAMPAIGNS:
        parse(parse_qsl(query), CAMPAIGNS)


@pytest.mark.parametrize("codes", [100_000, 10_000_000])
def test_a_campaign_has_a_fifth_of_all_codes_and_the_rare_partners_has_fifty(codes: int) -> None:
    of = browse_stock.sizes(codes)
    assert (len(of), sum(of)) == (browse_stock.CAMPAIGNS, codes)
    assert of[browse_stock.HUGE] == codes // 5 == max(of)
    assert of[-1] == 50
