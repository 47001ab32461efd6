"""What a reader for BI tools may see: its project's rows and nobody else's, whatever it sends."""

import asyncio
import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import clickhouse_connect
import httpx
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError
from kit import engines
from kit.plain_http import PLAIN

from counterfoil.clickhouse.readers import AT_ONCE, MOST_WAITING
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
    SOURCE(CLICKHOUSE(DB 'coupons' TABLE 'facts')) LAYOUT(FLAT()) LIFETIME(0);
CREATE TABLE coupons.codes (project_id LowCardinality(String), id UInt64, code String)
    ENGINE = ReplacingMergeTree ORDER BY (project_id, id);
INSERT INTO coupons.codes
    SELECT if(number < 5, 'proj_ours', 'proj_theirs'), number,
    if(number < 5, '1', 'TOPSECRET') FROM numbers(10);
CREATE VIEW coupons.latest AS SELECT project_id, id, code FROM coupons.codes FINAL;
CREATE VIEW coupons.pairs AS SELECT a.code AS code, b.code AS other FROM coupons.codes AS a
    LEFT JOIN coupons.codes AS b ON a.project_id = b.project_id AND a.id = b.id;
CREATE TABLE coupons.keyed (project_id String, day String, n UInt64)
    ENGINE = MergeTree PARTITION BY n ORDER BY (day, n) SETTINGS index_granularity = 1;
INSERT INTO coupons.keyed
    VALUES ('proj_ours', '2026-01-01', 1), ('proj_theirs', '2026-0TOPSECRET', 0)
"""
# Where a condition may stand; `{c:x}` fails on a code `x` of the other project, and on no other.
CONDITIONS = [
    "SELECT count() FROM codes WHERE {c:code}",
    "SELECT count() FROM codes FINAL WHERE {c:code}",
    "SELECT count() FROM codes WHERE project_id = 'proj_theirs' OR {c:code}",
    "SELECT count() FROM latest WHERE {c:code}",
    "SELECT count() FROM pairs WHERE {c:code}",
    "SELECT count() FROM pairs WHERE {c:other}",
    "SELECT count() FROM (SELECT * FROM codes) WHERE {c:code}",
    "SELECT count() FROM (SELECT * FROM codes WHERE {c:code})",
    "WITH c AS (SELECT * FROM codes) SELECT count() FROM c WHERE {c:code}",
    "SELECT count() FROM codes AS a JOIN codes AS b USING (project_id, id) WHERE {c:a.code}",
    "SELECT count() FROM codes AS a JOIN codes AS b USING (project_id, id) WHERE {c:b.code}",
    "SELECT count() FROM codes AS a RIGHT JOIN codes AS b USING (id) WHERE {c:b.code}",
    "SELECT count() FROM codes AS a LEFT JOIN codes AS b USING (id) WHERE {c:a.code}",
    "SELECT count() FROM codes AS a JOIN codes AS b ON a.id = b.id AND {c:b.code}",
    "SELECT count() FROM codes AS a JOIN codes AS b ON a.id = b.id AND {c:a.code}",
    "SELECT count() FROM codes AS a, codes AS b WHERE a.id = b.id AND {c:b.code}",
    "SELECT code FROM codes GROUP BY code HAVING {c:code}",
    "SELECT sum({c:code}) FROM codes",
    "SELECT id FROM codes ORDER BY {c:code}",
    "SELECT count() FROM numbers(9) WHERE number IN (SELECT id FROM codes WHERE {c:code})",
    "SELECT (SELECT count() FROM codes WHERE {c:code})",
    "SELECT count() FROM (SELECT * FROM codes UNION ALL SELECT * FROM codes) WHERE {c:code}",
    "SELECT count() FROM (SELECT DISTINCT code FROM codes) WHERE {c:code}",
    "SELECT count() FROM codes ARRAY JOIN [1, 2] AS n WHERE {c:code}",
    "SELECT count() FROM (SELECT *, rank() OVER () FROM codes) WHERE {c:code}",
]
FAILING = [
    "toUInt32({0}) = 1",
    "intDiv(1, {0} != 'TOPSECRET') = 1",
    "CASE WHEN {0} = 'TOPSECRET' THEN toUInt32({0}) ELSE 1 END = 1",
    "arrayExists(x -> toUInt32(x) = 1, [{0}])",
]


@dataclass(frozen=True)
class Server:
    """A server of its own, by who asks it: readers are what our interface adds to the engine."""

    admin: str
    reader: str
    auditor: str


@pytest.fixture(scope="module")
def server(clickhouse_url: str) -> Iterator[Server]:
    del clickhouse_url  # marks these tests as what they are
    accounts = [
        clickhouse.Account(name="admin", password="x", project_id=None),
        clickhouse.Account(name="bi", password="y", project_id="proj_ours"),
        clickhouse.Account(name="auditor", password="z", project_id=None, views_alone=True),
    ]
    with engines.clickhouse_for(*accounts) as address:
        admin, reader, auditor = (address(account["name"], "") for account in accounts)
        for statement in TABLES.split(";"):
            httpx.post(admin, content=statement, **PLAIN).raise_for_status()
        yield Server(admin, reader, auditor)


@pytest.fixture(scope="module")
def reader(server: Server) -> Iterator[Client]:
    """A BI tool."""
    with clickhouse_connect.get_client(dsn=f"{server.reader}coupons") as client:
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
        ("SELECT uniqExact(project_id) FROM facts WHERE id >= 0", 1),
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
        "SELECT count() FROM facts PREWHERE id >= 0",
        "SELECT count() FROM (SELECT * FROM facts PREWHERE id >= 0)",
        "SELECT count() FROM facts WHERE intDiv(1, _part != 'all_1_1_0') = 1",
        "SELECT count() FROM facts AS f WHERE f._partition_id = 'all'",
        "SELECT count() FROM facts WHERE {t:Identifier} = 1",
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


@pytest.mark.parametrize("failing", FAILING)
@pytest.mark.parametrize("query", CONDITIONS)
def test_no_condition_sees_a_row_of_others(reader: Client, query: str, failing: str) -> None:
    asked = re.sub(r"\{c:([\w.]+)\}", lambda found: f"({failing.format(found[1])})", query)
    assert b"TOPSECRET" not in reader.raw_query(asked)


@pytest.mark.parametrize(
    "condition", ["toModifiedJulianDay(day) > 1", "intDiv(1, n) > 0", "kqlDivide(1, n) > 0"]
)
def test_no_condition_sees_a_key_of_others(reader: Client, condition: str) -> None:
    assert reader.query(f"SELECT count() FROM keyed WHERE {condition}").result_rows == [(1,)]


def test_an_error_quotes_no_value(reader: Client) -> None:
    with pytest.raises(DatabaseError, match=r"CANNOT_PARSE_TEXT") as caught:
        reader.raw_query("SELECT toUInt32(concat(project_id, 'QUOTED')) FROM facts")
    assert "QUOTED" not in str(caught.value)


def test_an_error_of_the_statement_says_what_is_wrong(reader: Client) -> None:
    with pytest.raises(DatabaseError, match="no_such_column"):
        reader.raw_query("SELECT no_such_column FROM facts")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT number FROM numbers(1000001)", "TOO_MANY_ROWS_OR_BYTES"),
        (
            "SELECT number, repeat('x', 20000) || toString(number) FROM numbers(10000)",
            "LIMIT|BYTES",
        ),
        ("SELECT groupArray(number) FROM numbers(1000000000)", "MEMORY_LIMIT_EXCEEDED"),
        ("SELECT " + "-(" * 450 + "1" + ")" * 450, "deep a nesting"),
    ],
)
def test_a_reader_is_bounded(reader: Client, query: str, said: str) -> None:
    with pytest.raises(DatabaseError, match=said):
        reader.raw_query(query)


@pytest.mark.parametrize(
    ("encoding", "packed", "size"),
    [
        ("", bytes, 1_000_000),
        ("gzip", gzip.compress, 50_000_000),
        ("deflate", zlib.compress, 50_000_000),
    ],
)
def test_a_readers_statement_is_small_also_unpacked(
    server: Server, encoding: str, packed: Callable[[bytes], bytes], size: int
) -> None:
    headers = {"Content-Encoding": encoding} if encoding else {}
    body = packed(b"SELECT 1 --" + b"x" * size)
    answer = httpx.post(server.reader, content=body, headers=headers, **PLAIN)
    assert (answer.status_code, "TOO_MANY_BYTES" in answer.text) == (413, True)


@pytest.mark.parametrize("encoding", ["lz4", "zstd"])
def test_a_reader_packs_with_nothing_that_cannot_be_bounded(server: Server, encoding: str) -> None:
    headers = {"Content-Encoding": encoding}
    answer = httpx.post(server.reader, content=b"x", headers=headers, **PLAIN)
    assert (answer.status_code, "CANNOT_DECOMPRESS" in answer.text) == (400, True)


async def test_slow_readers_leave_the_services_their_threads(server: Server) -> None:
    slow = "SELECT sum(cityHash64(number)) FROM numbers(2000000000)"
    everybody_at_once = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(**PLAIN, timeout=60, limits=everybody_at_once) as client:
        ask = partial(client.post, server.reader)
        busy = [asyncio.create_task(ask(content=slow)) for _ in range(AT_ONCE)]
        waiting: set[asyncio.Task[httpx.Response]] = set()
        too_many: list[httpx.Response] = []
        while not too_many:  # each of these waits for a slow one, until no more may
            waiting.add(asyncio.create_task(ask(content="SELECT 1")))
            done, _ = await asyncio.wait(waiting, timeout=0.01)
            too_many = [one.result() for one in done if one.result().is_error]
        answer = await client.post(server.admin, content="SELECT 1")
        slow_ones_done = [one.done() for one in busy]
        answers = await asyncio.gather(*busy, *waiting)

    assert (answer.text, slow_ones_done) == ("1\n", [False] * AT_ONCE)
    assert {one.status_code for one in too_many} == {503}
    assert all("TOO_MANY_SIMULTANEOUS_QUERIES" in one.text for one in too_many)
    assert sum(one.is_success for one in answers) >= AT_ONCE + MOST_WAITING  # who waits is served


def test_a_reader_changes_no_setting(reader: Client) -> None:
    with pytest.raises(DatabaseError):
        reader.raw_query("SELECT 1", settings={"additional_table_filters": "{}"})


@pytest.mark.parametrize("named", ["max_rows_to_reed", "max_rows_to_read", "form"])
def test_a_readers_wish_in_the_address_is_refused_by_name(server: Server, named: str) -> None:
    asked = {"query": "SELECT 1", named: "5"}
    answer = httpx.get(server.reader, params=asked, **PLAIN)
    assert answer.status_code >= 400
    assert named in answer.text


def test_the_auditor_reads_views_of_all_projects(server: Server) -> None:
    with clickhouse_connect.get_client(dsn=server.auditor) as auditor:
        assert auditor.query("SELECT s FROM totals").result_rows == [(10,)]
        assert auditor.query("SELECT count() FROM coupons.latest").result_rows == [(10,)]
        wishes = "WITH l AS (SELECT id FROM latest) SELECT count() FROM latest WHERE id IN l"
        assert auditor.query(wishes).result_rows == [(10,)]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM facts",
        "SELECT * FROM coupons.facts FINAL",
        "SELECT count() FROM totals WHERE s IN facts",
        "SELECT count() FROM totals WHERE s IN coupons.facts",
        "SELECT count() FROM totals AS t JOIN facts AS f ON 1 = 1",
        "SELECT (SELECT count() FROM facts)",
        "WITH c AS (SELECT * FROM facts) SELECT count() FROM c",
        "SELECT * FROM merge('coupons', 'facts')",
        "SELECT * FROM copied",
        "SELECT * FROM system.parts",
        "INSERT INTO facts VALUES ('proj_ours', 1, 1)",
        "DROP TABLE facts",
    ],
)
def test_the_auditor_reads_no_table_and_writes_nothing(server: Server, statement: str) -> None:
    answer = httpx.post(server.auditor, content=statement, **PLAIN)
    assert answer.is_error
    assert "ACCESS_DENIED" in answer.text or "READONLY" in answer.text


def test_a_reader_finds_its_tables(reader: Client) -> None:
    assert reader.query("DESCRIBE TABLE facts").result_set[0][0] == "project_id"
    tables = "SELECT name FROM system.tables WHERE database = 'coupons' AND name = 'totals'"
    assert reader.query(tables).result_rows == [("totals",)]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT total_rows, total_bytes FROM system.tables WHERE name = 'facts'",
        "SELECT * FROM system.tables WHERE database = 'coupons' AND engine != 'View'",
        "SELECT table_rows, data_length FROM information_schema.tables WHERE table_name = 'facts'",
        "SELECT data_uncompressed_bytes FROM system.columns WHERE table = 'facts'",
        "SELECT * FROM information_schema.columns WHERE table_name = 'facts'",
    ],
)
def test_a_reader_learns_no_size_of_what_others_have(reader: Client, query: str) -> None:
    assert reader.query(query).result_rows == []


@pytest.mark.parametrize("form", ["JSON", "JSONCompact", "XML", "TabSeparated"])
def test_an_answer_to_a_reader_does_not_say_how_much_was_read_for_it(
    server: Server, form: str
) -> None:
    answer = httpx.post(server.reader, content=f"SELECT count() FROM facts FORMAT {form}", **PLAIN)
    assert answer.is_success
    assert '"read_rows": "0", "read_bytes": "0"' in answer.headers["X-ClickHouse-Summary"]
    assert "rows_read" not in answer.text


@pytest.mark.parametrize("form", ["JSONEachRowWithProgress", "jsoncompacteachrowwithprogress"])
@pytest.mark.parametrize("by_parameter", [True, False])
def test_a_reader_gets_no_format_that_shows_progress(
    server: Server, form: str, by_parameter: bool
) -> None:
    answer = httpx.post(
        server.reader,
        params={"default_format": form} if by_parameter else {},
        content="SELECT count() FROM facts" + ("" if by_parameter else f" FORMAT {form}"),
        **PLAIN,
    )
    assert "ACCESS_DENIED" in answer.text
