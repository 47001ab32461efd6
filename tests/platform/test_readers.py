"""What a reader for BI tools may see: its project's rows and nobody else's, whatever it sends."""

from collections.abc import Iterator

import clickhouse_connect
import engines
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from counterfoil import ports
from counterfoil.engines import clickhouse

TABLES = """
CREATE DATABASE coupons ENGINE = Atomic;
CREATE TABLE coupons.facts (project_id String, id UInt64, v Int64)
    ENGINE = ReplacingMergeTree ORDER BY (project_id, id);
INSERT INTO coupons.facts
    SELECT if(number % 2, 'proj_ours', 'proj_theirs'), number, 1 FROM numbers(10);
CREATE TABLE coupons.settings (n Int32) ENGINE = MergeTree ORDER BY n;
INSERT INTO coupons.settings SELECT 1;
CREATE VIEW coupons.totals AS SELECT sum(v) AS s FROM coupons.facts FINAL;
CREATE MATERIALIZED VIEW coupons.copied (project_id String, v Int64)
    ENGINE = MergeTree ORDER BY v POPULATE AS SELECT project_id, v FROM coupons.facts;
CREATE DICTIONARY coupons.looked_up (id UInt64, v Int64) PRIMARY KEY id
    SOURCE(CLICKHOUSE(DB 'coupons' TABLE 'facts')) LAYOUT(FLAT()) LIFETIME(0)
"""


@pytest.fixture(scope="module")
def reader(clickhouse_url: str) -> Iterator[Client]:
    """A BI tool on a server of its own: readers are what our interface adds to the engine."""
    del clickhouse_url  # marks these tests as what they are
    accounts = [
        clickhouse.Account(name="admin", password="x", project_id=None),
        clickhouse.Account(name="bi", password="y", project_id="proj_ours"),
    ]
    with engines.temporary_folder("readers") as folder, ports.Ports() as reserved:
        clickhouse.prepare(folder, accounts)
        port = reserved.choose()
        with engines.running(clickhouse.program(folder, port, folder)) as child:
            admin_url = clickhouse.url(port, "admin", "x", "default")
            engines.wait(clickhouse.ready(child, admin_url))
            with clickhouse_connect.get_client(dsn=admin_url) as admin:
                for statement in TABLES.split(";"):
                    admin.command(statement)
            dsn = clickhouse.url(port, "bi", "y", "coupons")
            with clickhouse_connect.get_client(dsn=dsn) as client:
                yield client


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("SELECT count() FROM facts", 5),
        ("SELECT count() FROM coupons.facts FINAL", 5),
        ("SELECT s FROM totals", 5),
        ("SELECT count() FROM copied", 5),
        ("SELECT count() FROM settings", 0),
        ("WITH c AS (SELECT * FROM facts) SELECT count() FROM c", 5),
        ("SELECT count() FROM facts AS a JOIN coupons.facts AS b ON 1 = 1", 25),
        ("SELECT (SELECT count() FROM facts)", 5),
        ("SELECT count() FROM (SELECT * FROM facts UNION ALL SELECT * FROM facts)", 10),
        ("SELECT count() FROM numbers(10) WHERE number IN (SELECT id FROM facts)", 5),
        ("SELECT countIf(v = 1) FROM facts", 5),
        ("SELECT uniqExact(project_id) FROM facts PREWHERE id >= 0", 1),
        ("SELECT max(n) FROM (SELECT row_number() OVER (ORDER BY id) AS n FROM facts)", 5),
        ("SELECT * APPLY(sum) FROM (SELECT v FROM facts)", 5),
        ("SELECT count() FROM looked_up", 0),
    ],
)
def test_a_reader_sees_its_own_project(reader: Client, query: str, answer: int) -> None:
    assert reader.query(query).result_rows == [(answer,)]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count() FROM facts SETTINGS additional_table_filters = {}",
        "SELECT count() FROM merge('coupons', 'facts')",
        "SELECT count() FROM remote('localhost', 'coupons', 'facts')",
        "SELECT count() FROM mergeTreeIndex('coupons', 'facts')",
        "SELECT count() FROM loop(facts)",
        "SELECT count() FROM view(SELECT * FROM merge('coupons', 'facts'))",
        "SELECT dictGet('coupons.looked_up', 'v', 2)",
        "SELECT count() FROM dictionary('coupons.looked_up')",
        "SELECT joinGet('coupons.facts', 'v', 1)",
        "SELECT file('/etc/hostname')",
        "SELECT * APPLY(file) FROM (SELECT '/etc/hostname' AS p)",
        "SELECT * APPLY(x -> file(x)) FROM (SELECT '/etc/hostname' AS p)",
        "SELECT * REPLACE(file('/etc/hostname') AS p) FROM (SELECT '' AS p)",
        "SELECT * FROM values('p String', file('/etc/hostname'))",
        "SELECT count() FROM file('/etc/hostname', 'LineAsString')",
        "SELECT 1 INTO OUTFILE '/tmp/out'",
        "SELECT 1; SELECT count() FROM merge('coupons', 'facts')",
        "SELECT count() FROM system.parts",
        "SELECT 'all_1_1_0' IN system.parts",
        "SELECT count() FROM {t:Identifier}",
        "SELECT getSetting('additional_table_filters')",
        "SET readonly = 0",
        "SET additional_table_filters = {}",
        "USE system",
        "INSERT INTO facts VALUES ('proj_ours', 1, 1)",
        "ALTER TABLE facts DELETE WHERE 1",
        "DROP TABLE facts",
        "CREATE TEMPORARY TABLE t (a Int8)",
        "SYSTEM FLUSH LOGS",
        "DESCRIBE TABLE merge('coupons', 'facts')",
    ],
)
def test_a_reader_finds_no_way_around(reader: Client, query: str) -> None:
    with pytest.raises(DatabaseError):
        reader.raw_query(query, parameters={"t": "facts"})


def test_a_reader_changes_no_setting(reader: Client) -> None:
    with pytest.raises(DatabaseError):
        reader.raw_query("SELECT 1", settings={"additional_table_filters": "{}"})


def test_a_reader_finds_its_tables(reader: Client) -> None:
    assert reader.query("DESCRIBE TABLE facts").result_set[0][0] == "project_id"
    tables = "SELECT name FROM system.tables WHERE database = 'coupons' AND name = 'totals'"
    assert reader.query(tables).result_rows == [("totals",)]
