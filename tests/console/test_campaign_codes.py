"""What a campaign's page says of its codes."""

from typing import Any

import pytest

from console.pages.campaign.view import codes


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ({"whole_campaign": True, "given": 0}, "all of them"),
        ({"whole_campaign": False, "given": 1000}, "1,000"),
        (
            {"whole_campaign": False, "given": 0},
            "none: the partner does not see any code of it yet",
        ),
    ],
)
def test_it_is_plain_whether_the_partner_sees_codes(shares: dict[str, Any], said: str) -> None:
    facts = dict(codes({"vouchers_count": 1000}, {"unshared": 0, **shares}))

    assert facts["Shared with the partner"] == said
