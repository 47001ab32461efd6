"""The worked examples of validation rules in docs/redemption.md are what happens."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from kit.redemption_bodies import CODE, posted
from kit.redemption_samples import CALLER, CUSTOMER_KEY, NOON, PROJECT, an_offer, facts_of

from campaigns.rules import spelling
from contracts.rules import Rule
from redemption.api.reading import parse_body
from redemption.decide import decide
from redemption.reading import parsing

ROOT = Path(__file__).parents[2]
SECTION = re.compile(r"^### Validation rules\n(.*?)^### ", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)


def examples() -> list[Any]:
    """Read rule, request and what would have made it pass, one after another."""
    page = (ROOT / "docs" / "redemption.md").read_text(encoding="utf-8")
    [section] = SECTION.findall(page)
    blocks = [json.loads(block) for block in BLOCK.findall(section)]
    return [pytest.param(*blocks[i : i + 3], id=f"{i // 3}") for i in range(0, len(blocks), 3)]


@pytest.mark.parametrize(("rules", "body", "told"), examples())
async def test_a_worked_example_is_what_happens(
    rules: dict[str, Any], body: dict[str, Any], told: dict[str, Any]
) -> None:
    expression = spelling.read(rules)
    rule = Rule(id="val_1", name="A rule", nodes=expression.nodes, logic=expression.logic)
    redeemable = [{"object": "voucher", "id": "SUMMER"}]
    content = await parse_body(
        posted(json.dumps(CODE | body | {"redeemables": redeemable}).encode())
    )
    request = parsing.request(
        content, PROJECT, "1", caller=CALLER, at=NOON, customer_key=CUSTOMER_KEY
    )

    refused = decide(request, facts_of(an_offer("SUMMER", rules=(rule,)))).refused

    if refused is None:
        assert told == {}
    else:
        found = dict(refused.refusal.would_pass or {})
        assert found | {"rule_id": "val_1", "rule": "A rule"} == found
        assert {k: v for k, v in found.items() if not k.startswith("rule")} == told


def test_there_are_examples_of_orders_lines_customers_and_requests() -> None:
    names = {node["name"].split(".")[0] for case in examples() for node in of(case.values[0])}

    assert len(examples()) >= 4
    assert names == {"order", "customer", "redemption"}


def of(rules: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for key, node in rules.items() if key != "logic"]


def test_the_example_of_campaigns_page_is_a_rule() -> None:
    page = (ROOT / "docs" / "campaigns.md").read_text(encoding="utf-8")
    section = page.split("## Validation rules")[1].split("\n## ")[0]
    [block] = BLOCK.findall(section)

    assert len(spelling.read(json.loads(block)["rules"]).nodes) == 2
