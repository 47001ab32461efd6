"""Holds what the platform reports against what the data set says. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from counterfoil.demo.scenario import Scenario

Row = dict[str, Any]


def judged_campaigns(scenario: Scenario, reported: Iterable[Row]) -> list[Row]:
    """Put what was accepted beside what the data set's own table says; best profit first."""
    expected = {plan.name: plan for plan in scenario.campaigns}
    rows = [
        {
            **row,
            "id": row["campaign_id"],
            "accepted": row["redemptions"],
            "expected": expected[row["name"]].expected if row["name"] in expected else 0,
            "made_up": row["name"] in expected and expected[row["name"]].made_up,
        }
        for row in reported
    ]
    absent = expected.keys() - {row["name"] for row in rows}
    rows += [
        {"id": None, "name": name, "accepted": 0, "expected": expected[name].expected}
        for name in sorted(absent)
    ]
    return sorted(rows, key=lambda row: (-row.get("profit_minor", 0), row["name"]))


def unlike_the_data(
    scenario: Scenario,
    campaigns: Sequence[Row],
    failures: Iterable[Row],
    dead_letters: Sequence[Row],
) -> Iterator[Row]:
    """Name every difference between what came out and what the data set, or we, put in."""
    for row in campaigns:
        if row["accepted"] != row["expected"]:
            yield _difference("accepted", row["name"], row["accepted"], row["expected"])
    yield from _visits(scenario, campaigns)
    yield from _refusals(scenario, failures)
    yield from _dead_letters(scenario, dead_letters)


def _visits(scenario: Scenario, campaigns: Sequence[Row]) -> Iterator[Row]:
    sent = Counter(plan.campaign for plan in scenario.visits)
    for row in campaigns:
        if row.get("visits", 0) != sent[row["name"]]:
            yield _difference("visits", row["name"], row.get("visits", 0), sent[row["name"]])


def _refusals(scenario: Scenario, failures: Iterable[Row]) -> Iterator[Row]:
    partner_of: Mapping[str | None, str | None] = {
        plan.name: plan.partner for plan in scenario.campaigns
    } | {None: None}
    provoked: Counter[tuple[str, str | None]] = Counter()
    for refusals in scenario.refusals:
        provoked[refusals.reason, partner_of[refusals.campaign]] += refusals.times
    came: Counter[tuple[str, str | None]] = Counter()
    for row in failures:
        came[row["reason"], row["partner_name"]] += row["attempts"]
    for reason, partner in sorted(provoked.keys() | came.keys(), key=str):
        if provoked[reason, partner] != came[reason, partner]:
            name = f"{reason}, {partner or 'no partner'}"
            yield _difference("refused", name, came[reason, partner], provoked[reason, partner])


def _dead_letters(scenario: Scenario, dead_letters: Sequence[Row]) -> Iterator[Row]:
    for plan in scenario.unreadable:
        copies = sum(row["value"] == plan.value for row in dead_letters)
        if copies != 1:
            yield _difference("dead letter", plan.why, copies, 1)


def _difference(kind: str, name: str, found: int, expected: int) -> Row:
    return {"kind": kind, "name": name, "found": found, "expected": expected}
