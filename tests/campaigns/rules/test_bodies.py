"""What may be sent of a rule beside its conditions."""

from typing import Any

import pytest
from pydantic import ValidationError

from campaigns.rules.bodies import FOR_ALL, NewRule, RuleChanges

NODE = {"name": "order.amount", "conditions": {"$more_than": [5000]}}
RULE = {"name": "For 50.00", "rules": {"1": NODE, "logic": "1"}}


@pytest.mark.parametrize("body", [NewRule, RuleChanges])
@pytest.mark.parametrize("sent", [None, {}, {"included_all": True}, FOR_ALL])
def test_a_rule_may_be_sent_as_it_is_shown_for_all_items(
    body: type[NewRule | RuleChanges], sent: Any
) -> None:
    assert body.model_validate(RULE | {"applicable_to": sent}).name == RULE["name"]


@pytest.mark.parametrize("body", [NewRule, RuleChanges])
@pytest.mark.parametrize(
    "sent",
    [{"included_all": False}, {"included": [{"id": "p"}]}, FOR_ALL | {"excluded": ["p"]}, "all", 0],
)
def test_a_rule_for_some_items_is_refused_by_name(
    body: type[NewRule | RuleChanges], sent: Any
) -> None:
    with pytest.raises(ValidationError, match="applicable_to"):
        body.model_validate(RULE | {"applicable_to": sent})
