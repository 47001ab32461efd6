"""ClickHouse's HTTP interface, held to what a server does, by its own clients and byte by byte."""

import asyncio
import gzip
import zlib
from collections.abc import Iterator

import clickhouse_connect
import httpx
import lz4.frame
import pytest
import zstandard
from clickhouse_connect.driver.exceptions import DatabaseError
from kit.plain_http import PLAIN

ROWS = [b'{"a": 1}\n', b'{"a": 2}\n']


@pytest.fixture
def http(clickhouse_url: str) -> Iterator[httpx.Client]:
    address = httpx.URL(clickhouse_url)
    with httpx.Client(base_url=address.copy_with(path="/"), **PLAIN) as client:
        yield client


@pytest.fixture
def table(http: httpx.Client) -> Iterator[str]:
    """A table of one number, which forgets nothing that it was told twice."""
    name = "numbers_told"
    http.post(
        "/",
        content=f"CREATE TABLE {name} (a UInt64) ENGINE = MergeTree ORDER BY a "
        "SETTINGS non_replicated_deduplication_window = 100",
    ).raise_for_status()
    yield name
    http.post("/", content=f"DROP TABLE {name}").raise_for_status()


def count(http: httpx.Client, table: str) -> int:
    return int(http.post("/", content=f"SELECT count() FROM {table}").text)


@pytest.mark.parametrize(
    ("encoding", "frames"),
    [
        pytest.param("gzip", [gzip.compress(row) for row in ROWS], id="gzip"),
        pytest.param("lz4", [lz4.frame.compress(row) for row in ROWS], id="lz4"),
        pytest.param("zstd", [zstandard.compress(row) for row in ROWS], id="zstd"),
        pytest.param("deflate", [zlib.compress(row) for row in ROWS], id="deflate"),
    ],
)
def test_a_body_of_several_frames_is_read_to_its_end(
    http: httpx.Client, table: str, encoding: str, frames: list[bytes]
) -> None:
    http.post(
        "/",
        params={"query": f"INSERT INTO {table} FORMAT JSONEachRow"},
        content=b"".join(frames),
        headers={"Content-Encoding": encoding},
    ).raise_for_status()

    assert count(http, table) == 2


@pytest.mark.parametrize("encoding", ["gzip", "lz4", "zstd", "deflate"])
def test_a_body_that_is_cut_off_is_refused_whole(
    http: httpx.Client, table: str, encoding: str
) -> None:
    whole = {
        "gzip": gzip.compress(ROWS[0]),
        "lz4": lz4.frame.compress(ROWS[0]),
        "zstd": zstandard.compress(ROWS[0]),
        "deflate": zlib.compress(ROWS[0]),
    }[encoding]

    answer = http.post(
        "/",
        params={"query": f"INSERT INTO {table} FORMAT JSONEachRow"},
        content=whole + whole[:-4],
        headers={"Content-Encoding": encoding},
    )

    assert answer.headers["X-ClickHouse-Exception-Code"] == "271"
    assert count(http, table) == 0


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_answers_are_compressed_for_who_asks(http: httpx.Client, encoding: str) -> None:
    answer = http.post(
        "/",
        params={"enable_http_compression": "1"},
        content="SELECT number FROM numbers(10000)",
        headers={"Accept-Encoding": encoding},
    )

    assert answer.headers["Content-Encoding"] == encoding
    assert len(answer.text.splitlines()) == 10_000


def test_the_same_token_is_one_insert(clickhouse_url: str, http: httpx.Client, table: str) -> None:
    settings = {
        "insert_deduplicate": 1,
        "insert_deduplication_token": "topic:0:1-2",
        "async_insert": 0,
    }
    with clickhouse_connect.get_client(dsn=clickhouse_url) as client:
        for _ in range(2):
            client.insert(table, [[1], [2]], column_names=["a"], settings=settings)

    assert count(http, table) == 2


def test_rows_that_cannot_be_read_are_the_clients_fault(http: httpx.Client, table: str) -> None:
    answer = http.post("/", content=f'INSERT INTO {table} FORMAT JSONEachRow\n{{"a": "x"}}')

    assert answer.status_code == 400
    assert answer.text.startswith("Code: ")
    assert count(http, table) == 0


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        pytest.param("SELEC 1", 400, "62", id="syntax"),
        pytest.param("SELECT * FROM nowhere", 404, "60", id="unknown-table"),
        pytest.param("SELECT nothing", 400, "47", id="unknown-column"),
    ],
)
def test_errors_are_a_servers(http: httpx.Client, query: str, status: int, code: str) -> None:
    answer = http.post("/", content=query)

    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (status, code)
    assert answer.text.startswith(f"Code: {code}. DB::Exception: ")


def test_unknown_settings_and_databases_are_named(http: httpx.Client) -> None:
    setting = http.post("/", params={"no_such_setting": "1"}, content="SELECT 1")
    database = http.post("/", params={"database": "nowhere"}, content="SELECT 1")

    assert (setting.status_code, database.status_code) == (400, 404)
    assert "no_such_setting" in setting.text
    assert "nowhere" in database.text


def test_a_password_is_asked_for_in_each_of_its_places(clickhouse_url: str) -> None:
    address = httpx.URL(clickhouse_url)
    name, password = address.username, address.password
    bare = address.copy_with(username=None, password=None, path="/")
    with httpx.Client(base_url=bare, **PLAIN) as client:
        by_header = {"X-ClickHouse-User": name, "X-ClickHouse-Key": password}
        by_parameter = {"user": name, "password": password}
        assert client.post("/", content="SELECT 1", headers=by_header).text == "1\n"
        assert client.post("/", content="SELECT 1", params=by_parameter).text == "1\n"
        assert client.post("/", content="SELECT 1", auth=(name, password)).text == "1\n"
        assert client.post("/", content="SELECT 1").status_code == 403
        wrong = client.post("/", content="SELECT 1", headers=by_header | {"X-ClickHouse-Key": "x"})
        assert wrong.headers["X-ClickHouse-Exception-Code"] == "516"
        assert client.get("/ping").text == "Ok.\n"


def test_a_slash_too_many_leads_nowhere(http: httpx.Client) -> None:
    answer = http.get("/ping/", headers={"Host": "evil.example"})
    assert answer.status_code == 404
    assert "location" not in answer.headers


def test_get_never_writes(http: httpx.Client, table: str) -> None:
    answer = http.get("/", params={"query": f"INSERT INTO {table} VALUES (1)"})

    assert answer.headers["X-ClickHouse-Exception-Code"] == "164"
    assert count(http, table) == 0


def test_parameters_reach_the_engine_as_they_were(clickhouse_url: str) -> None:
    awkward = "it's a\ttab, a \\ and a\nline ü"
    with clickhouse_connect.get_client(dsn=clickhouse_url) as client:
        answer = client.query("SELECT {x:String}", parameters={"x": awkward})

    assert answer.result_rows == [(awkward,)]


def test_settings_of_one_request_do_not_reach_the_next(http: httpx.Client) -> None:
    ask = "SELECT value FROM system.settings WHERE name = 'max_block_size'"

    told = http.post("/", params={"max_block_size": "77"}, content=ask).text
    after = http.post("/", content=ask).text

    assert (told, after == told) == ("77\n", False)


async def test_slow_queries_do_not_wait_for_each_other(clickhouse_url: str) -> None:
    async with await clickhouse_connect.get_async_client(dsn=clickhouse_url) as client:
        async with asyncio.timeout(20):  # one after the other they would take 24 seconds
            await asyncio.gather(*(client.query("SELECT sleep(3)") for _ in range(8)))


def test_the_client_hears_of_errors_as_from_a_server(clickhouse_url: str) -> None:
    with (
        clickhouse_connect.get_client(dsn=clickhouse_url) as client,
        pytest.raises(DatabaseError, match="UNKNOWN_TABLE"),
    ):
        client.query("SELECT * FROM nowhere")


ODD = ["it's", 'a "quote"', "back\\slash", "tab\tline\nend\n", "cr\r\nlf\r", "--boundary--", "ü€💩"]


def test_parameters_too_long_for_a_url_come_as_a_form(clickhouse_url: str) -> None:
    """By the client's own decision: it moves them there by itself."""
    sent = [*ODD, *(f"{odd}{number}" for odd in ODD for number in range(200))]
    with clickhouse_connect.get_client(dsn=clickhouse_url) as client:
        asked = "SELECT {sent:Array(String)} AS back, {number:UInt8} AS number"
        (row,) = client.query(asked, parameters={"sent": sent, "number": 7}).named_results()
    assert row == {"back": sent, "number": 7}


@pytest.mark.parametrize(
    ("form", "said"),
    [
        pytest.param({"data": ("data", b"1\n")}, "no external data", id="external-data"),
        pytest.param({"query": (None, b"SELECT '\xff'")}, "not UTF-8", id="not-text"),
    ],
)
def test_a_form_that_cannot_be_read_is_refused(
    http: httpx.Client, form: dict[str, tuple[str | None, bytes]], said: str
) -> None:
    answer = http.post("/", params={"query": "SELECT 1"}, files=form)
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (400, "36")
    assert said in answer.text
