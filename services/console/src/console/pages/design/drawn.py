"""The charts of /design. What they show is nobody's."""

import math

from console.design.charts import Bar, Bars, Funnel, Lines, Series, Sparkline, Step


def spark() -> Sparkline:
    return Sparkline([4, 6, 5, 9, 8, 12, 11, 15, 13, 18])


def lines() -> Lines:
    days = range(28)
    accepted = [round(60 + 25 * math.sin(d / 2.2) + d) for d in days]
    refused = [round(14 + 6 * math.cos(d / 3)) for d in days]
    before = [round(55 + 22 * math.sin(d / 2.2 + 0.6)) for d in days]
    return Lines(
        buckets=[f"{d + 1} Nov" for d in days],
        spoken=[f"{d + 1} Nov 2026" for d in days],
        series=[
            Series("Redemptions", accepted, [f"{n:,}" for n in accepted]),
            Series("Refusals", refused, [f"{n:,}" for n in refused]),
        ],
        before=Series("28 days before", before, [f"{n:,}" for n in before]),
        unfinished=True,
    )


def bars() -> Bars:
    return Bars(
        [
            Bar("Personal Picks", 17168.48, "17,168.48", "?", "3.0 ×"),
            Bar("Sunday Mailer", 4325.39, "4,325.39", "?", "8.9 ×"),
            Bar("Season Book", 746.41, "746.41", "?", "5.1 ×"),
            Bar("A partner whose name is far too long for its line", 64.62, "64.62", "?"),
        ]
    )


def funnel() -> Funnel:
    return Funnel(
        [
            Step("Visits", 6589, "6,589"),
            Step("Codes shown", 4012, "4,012"),
            Step("Tried at the checkout", 2153, "2,153", "?"),
            Step("Redeemed", 2130, "2,130", "?"),
        ]
    )


def empty_funnel() -> Funnel:
    return Funnel([Step("Visits", 0, "0"), Step("Redeemed", 0, "0")])
