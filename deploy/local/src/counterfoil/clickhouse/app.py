"""ClickHouse's HTTP interface: /ping, and everything else at /."""

import uuid
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from counterfoil.clickhouse import compression, errors, forms
from counterfoil.clickhouse.compression import CompressionError, TooLargeError
from counterfoil.clickhouse.engine import Engine, Outcome, Statement
from counterfoil.clickhouse.errors import ClickHouseError
from counterfoil.clickhouse.readers import (
    AT_ONCE,
    LARGEST_BODY,
    MOST_WAITING,
    Readers,
    discreet,
    uncounted,
)
from counterfoil.clickhouse.rights import permitted
from counterfoil.clickhouse.statements import split_insert
from counterfoil.clickhouse.users import User, Users, credentials

# Of the transport, not of the query. `session_id` is accepted and means nothing: each statement
# has its own connection.
TRANSPORT = frozenset(
    [
        "query",
        "database",
        "default_format",
        "user",
        "password",
        "quota_key",
        "query_id",
        "role",
        "stacktrace",
        "session_id",
        "session_timeout",
        "session_check",
        "client_protocol_version",
        "compress",
        "decompress",
        "enable_http_compression",
        "wait_end_of_query",
        "buffer_size",
        "send_progress_in_http_headers",
        "http_headers_progress_interval_ms",
        "cancel_http_readonly_queries_on_client_close",
        "http_write_exception_in_output_format",
    ]
)
CONTENT_TYPES = {
    "TabSeparated": "text/tab-separated-values; charset=UTF-8",
    "TSV": "text/tab-separated-values; charset=UTF-8",
    "CSV": "text/csv; charset=UTF-8; header=absent",
    "CSVWithNames": "text/csv; charset=UTF-8; header=present",
    "JSON": "application/json; charset=UTF-8",
    "JSONCompact": "application/json; charset=UTF-8",
    "JSONEachRow": "application/x-ndjson; charset=UTF-8",
    "Native": "application/octet-stream",
    "RowBinary": "application/octet-stream",
    "Arrow": "application/octet-stream",
    "Parquet": "application/octet-stream",
}


def build(engine: Engine, users: Users, timezone: str) -> Starlette:
    """Wire the interface to an engine."""
    readers = Readers(engine)
    # Threads of their own: slow readers leave ingestion and reports theirs.
    for_readers = CapacityLimiter(AT_ONCE)

    async def answer(request: Request) -> Response:
        query_id = request.query_params.get("query_id") or str(uuid.uuid4())
        identity = {"X-ClickHouse-Query-Id": query_id, "X-ClickHouse-Timezone": timezone}
        try:
            user = authenticate(users, request.headers, request.query_params)
            if not request.query_params.get("query") and request.method in {"GET", "HEAD"}:
                return PlainTextResponse("Ok.\n")
            if user.project_id is None and not user.views_alone:
                body = await request.body()
                outcome = await to_thread.run_sync(execute, engine, user, request, body)
            else:
                body = await small_body(request)
                if for_readers.statistics().tasks_waiting >= MOST_WAITING:
                    raise too_many()
                outcome = await to_thread.run_sync(
                    execute_confined,
                    *(engine, readers, user, request, body),
                    limiter=for_readers,
                )
        except ClickHouseError as error:
            return refusal(error, identity)
        return success(outcome, request, identity)

    async def ping(_request: Request) -> Response:
        return PlainTextResponse("Ok.\n")

    app = Starlette(
        routes=[
            Route("/ping", ping, methods=["GET", "HEAD"]),
            Route("/replicas_status", ping, methods=["GET", "HEAD"]),
            Route("/", answer, methods=["GET", "HEAD", "POST"]),
        ]
    )
    app.router.redirect_slashes = False  # it would lead to wherever the Host header says
    return app


def authenticate(users: Users, headers: Mapping[str, str], parameters: Mapping[str, str]) -> User:
    name, password = credentials(headers, parameters)
    user = users.authenticate(name, password)
    if user is None:
        raise ClickHouseError.saying(
            errors.AUTHENTICATION_FAILED,
            "AUTHENTICATION_FAILED",
            f"{name}: Authentication failed: password is incorrect, "
            "or there is no user with such name",
        )
    return user


async def small_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise too_large()
    return bytes(body)


def execute(engine: Engine, user: User, request: Request, body: bytes) -> Outcome:
    """Run what a service asked, in a thread: decompressing and querying would block everybody."""
    statement = read(request, decompressed(request, body, compression.decompress))
    return engine.run(permitted(engine, statement, user.rights))


def execute_confined(
    engine: Engine, readers: Readers, user: User, request: Request, body: bytes
) -> Outcome:
    """Run what a reader asked, as far as it may; its errors quote nothing."""
    small = partial(compression.decompress_small, largest=LARGEST_BODY)
    statement = read(request, decompressed(request, body, small))
    confined = readers.confine(statement, user.project_id)
    try:
        outcome = engine.run(confined)
    except ClickHouseError as error:
        raise discreet(error) from None
    return outcome if user.project_id is None else uncounted(outcome)


def decompressed(request: Request, body: bytes, decompress: Callable[[bytes, str], bytes]) -> bytes:
    try:
        return decompress(body, request.headers.get("content-encoding", "").lower())
    except TooLargeError:
        raise too_large() from None
    except CompressionError as error:
        raise ClickHouseError.saying(
            errors.CANNOT_DECOMPRESS, "CANNOT_DECOMPRESS", str(error)
        ) from None


def too_large() -> ClickHouseError:
    said = f"A reader sends at most {LARGEST_BODY} bytes"
    return ClickHouseError.saying(errors.TOO_MANY_BYTES, "TOO_MANY_BYTES", said)


def too_many() -> ClickHouseError:
    return ClickHouseError.saying(
        errors.TOO_MANY_SIMULTANEOUS_QUERIES,
        "TOO_MANY_SIMULTANEOUS_QUERIES",
        f"{MOST_WAITING} statements of readers wait already",
    )


def read(request: Request, body: bytes) -> Statement:
    """Read a request as a server does: the query is the parameter, then the body."""
    content_type = request.headers.get("content-type", "")
    form = forms.fields(content_type, body)
    given = {**request.query_params, **form}
    body = b"" if form else body
    in_url = given.get("query", "").encode()
    text = in_url + (b"\n" if in_url and body else b"") + body
    insert = split_insert(text)
    if insert is not None and insert.format == "Values":
        insert = None  # expressions and parameters: the engine reads it whole
    try:
        query = "" if insert else text.decode()
    except UnicodeDecodeError:
        raise ClickHouseError.saying(
            errors.SYNTAX_ERROR, "SYNTAX_ERROR", "the query is not UTF-8"
        ) from None
    return Statement(
        query=query,
        insert=insert,
        parameters={
            k.removeprefix("param_"): v for k, v in given.items() if k.startswith("param_")
        },
        settings={
            k: v for k, v in given.items() if k not in TRANSPORT and not k.startswith("param_")
        },
        database=given.get("database") or request.headers.get("x-clickhouse-database") or "default",
        default_format=given.get("default_format")
        or request.headers.get("x-clickhouse-format")
        or "TabSeparated",
        readonly=0 if request.method == "POST" else 2,
    )


def success(outcome: Outcome, request: Request, identity: dict[str, str]) -> Response:
    headers = identity | {
        "X-ClickHouse-Format": outcome.format,
        "X-ClickHouse-Summary": outcome.summary,
    }
    body = outcome.body
    wanted = request.query_params.get("enable_http_compression", "0") not in {"0", "false"}
    encoding = compression.negotiate(request.headers.get("accept-encoding", "")) if wanted else ""
    if encoding and len(body) >= compression.SMALLEST_WORTH_COMPRESSING:
        body = compression.compress(body, encoding)
        headers["Content-Encoding"] = encoding
    media = CONTENT_TYPES.get(outcome.format, "text/plain; charset=UTF-8")
    return Response(body, headers=headers, media_type=media)


def refusal(error: ClickHouseError, identity: dict[str, str]) -> Response:
    headers: dict[str, Any] = identity | {"X-ClickHouse-Exception-Code": str(error.code)}
    return PlainTextResponse(f"{error}\n", error.status, headers)
