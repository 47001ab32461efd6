"""The database, the inserts and the documentation know the same columns."""

import re
from pathlib import Path
from typing import Any

import pytest
from kit.analytics_figures import Figures

from analytics import tables
from analytics.columns import Table
from analytics.migrate import files, migrate, statements

ROOT = Path(__file__).parents[2]
TABLES = (
    *(tables.REDEMPTION_EVENTS, tables.VISITS, tables.GUESS_EVENTS),
    *(tables.CAMPAIGNS, tables.PROJECTS, tables.SEGMENTS),
)
VIEWS = (
    "partner_performance",
    "campaign_performance",
    "segment_performance",
    "failure_reasons",
    "refused_guesses",
    "redemption_log",
    "funnel",
)
COLUMNS = """
    SELECT name, type FROM system.columns
    WHERE database = currentDatabase() AND table = '{table}' ORDER BY position
"""


async def test_migrating_again_changes_nothing(clickhouse_db: str, figures: Figures) -> None:
    assert await migrate(clickhouse_db) == []
    names = await figures.lines("SELECT version FROM schema_migrations FINAL ORDER BY version")
    assert [line["version"] for line in names] == list(files())


async def test_a_run_that_died_half_way_is_repeated(clickhouse_db: str, figures: Figures) -> None:
    await figures.client.command("TRUNCATE TABLE schema_migrations")

    assert await migrate(clickhouse_db) == list(files())


async def test_the_database_is_atomic(figures: Figures) -> None:
    engine = "SELECT engine FROM system.databases WHERE name = currentDatabase()"
    assert await figures.value(engine) == "Atomic"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
async def test_inserts_fill_every_column_but_the_time_of_storing(
    figures: Figures, table: Table[Any]
) -> None:
    found = await figures.lines(COLUMNS.format(table=table.name))
    created = {str(line["name"]): str(line["type"]) for line in found}

    assert created.keys() - {"ingested_at"} == set(table.names)
    for name, sent in zip(table.names, table.types, strict=True):
        kept = re.sub(r"LowCardinality\((.+)\)", r"\1", created[name])
        assert (kept, sent) == (kept, "UInt8" if kept == "Bool" else kept)


@pytest.mark.parametrize("table", [table.name for table in TABLES])
async def test_every_table_forgets_repeats(figures: Figures, table: str) -> None:
    found = await figures.value(f"SHOW CREATE TABLE {table}")

    assert "ReplacingMergeTree" in str(found)
    assert "non_replicated_deduplication_window = 10000" in str(found)


@pytest.mark.parametrize("table", ["redemption_events", "visits"])
async def test_a_fact_is_partitioned_by_its_own_time_and_sorted_by_its_identity(
    figures: Figures, table: str
) -> None:
    where = f"FROM system.tables WHERE database = currentDatabase() AND name = '{table}'"

    assert await figures.value(f"SELECT partition_key {where}") == "toYYYYMM(occurred_at)"
    sorted_by = str(await figures.value(f"SELECT sorting_key {where}"))
    assert sorted_by.startswith("project_id, toDate(occurred_at), partner_id")
    assert sorted_by.endswith("event_id")


@pytest.mark.parametrize("view", VIEWS)
async def test_the_page_of_metrics_names_every_column_of_a_view(
    figures: Figures, view: str
) -> None:
    page = (ROOT / "docs" / "metrics.md").read_text()
    section = page.partition(f"### `{view}`")[2].partition("\n### ")[0].partition("\n## ")[0]
    documented = re.findall(r"^\| `(\w+)` \| `?([^|`]+)`? \|", section, flags=re.MULTILINE)

    found = await figures.lines(COLUMNS.format(table=view))
    assert documented == [(line["name"], line["type"]) for line in found]


def test_a_file_is_parted_into_statements() -> None:
    assert statements("-- a; b\nSELECT 1;\n\n  -- c\nSELECT 2;\n") == ["SELECT 1", "SELECT 2"]
