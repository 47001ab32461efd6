import json
from pathlib import Path

import pytest
from kit.demo_outcome import an_outcome

from counterfoil.demo.command import as_json, emptied
from counterfoil.errors import PlatformError
from counterfoil.folder import Folder
from counterfoil.reconcile.command import lines
from counterfoil.reconcile.reconciling import Reconciliation

CHECKED = {
    "decisions": {"ledger": 2, "kafka": 2, "clickhouse": 1},
    "kafka_records": 3,
    "kafka_duplicates": 1,
    "kafka_unreadable": 0,
    "partner_days": 1,
    "differences_not_listed": 0,
}


def test_a_script_reads_the_outcome_though_dead_letters_are_bytes() -> None:
    told = json.loads(json.dumps(as_json(an_outcome())))

    assert {"partners", "campaigns", "failures", "differences"} <= told.keys()
    assert told["dead_letters"][0]["value"] == "YWJj"


def test_every_run_starts_in_an_empty_folder(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    (folder / "postgres").mkdir(parents=True)

    assert not emptied(folder).exists()


def test_a_demo_that_runs_is_not_swept_away(tmp_path: Path) -> None:
    with Folder(tmp_path).locked(), pytest.raises(PlatformError, match="already runs"):
        emptied(tmp_path)


def test_every_difference_has_a_line() -> None:
    lost = {"kind": "missing", "id": "0193", "where": "clickhouse"}

    told = lines(Reconciliation([lost], CHECKED))

    assert "kind missing, id 0193, where clickhouse" in told
    assert told[-1] == "✗ 1 difference"


def test_what_is_not_listed_is_counted() -> None:
    lost = {"kind": "missing", "id": "0193", "where": "clickhouse"}

    told = lines(Reconciliation([lost], CHECKED | {"differences_not_listed": 4_999}))

    assert told[-2:] == ["… and 4,999 more", "✗ 5,000 differences"]


def test_agreement_says_how_much_was_compared() -> None:
    assert lines(Reconciliation([], CHECKED))[-1].startswith("✓ the same")
