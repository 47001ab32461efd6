"""The demo's figures without what differs from run to run: ids, offsets, moments.

The golden file is made by an undisturbed run:

    counterfoil demo --json | python tests/kit/demo_figures.py > tests/system/demo_figures.json
"""

import json
import sys
from typing import Any

OF_ONE_RUN = {"id", "partner_id", "campaign_id", "top_partner_id", "last_at"}


def figures(told: dict[str, Any]) -> dict[str, Any]:
    """Keep what every run must print alike."""
    return {
        **{name: rows(told[name]) for name in ("partners", "campaigns", "failures")},
        "differences": told["differences"],
        "dead_letters": sorted(
            f"{row['original-topic']} {row['original-timestamp']} {row['error-class']}"
            for row in told["dead_letters"]
        ),
        "checked": {
            "decisions": told["checked"]["decisions"],
            "partner_days": told["checked"]["partner_days"],
            "sums": told["checked"]["sums"],
        },
    }


def rows(table: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = [{k: v for k, v in row.items() if k not in OF_ONE_RUN} for row in table]
    return sorted(kept, key=json.dumps)


if __name__ == "__main__":
    json.dump(figures(json.load(sys.stdin)), sys.stdout, indent=1)
    sys.stdout.write("\n")
