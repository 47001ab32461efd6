"""The gateway's own answers; what it passes on is shown by a server that repeats what it got."""

import asyncio
import http.server
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest
from kit import engines
from kit.plain_http import PLAIN
from starlette.applications import Starlette

from counterfoil import ports
from counterfoil.engines import gateway
from servicekit.http import pages

pytestmark = pytest.mark.process

PATIENCE_SECONDS = 1
ROLES = ("CAMPAIGNS_API", "REDEMPTION_API", "CONSOLE_WEB")


class Role(http.server.ThreadingHTTPServer):
    """One upstream; answers with its name."""

    def __init__(self, name: str, port: int) -> None:
        super().__init__((ports.HOST, port), Echo)
        self.name = name

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that was refused half-way is what we test."""


class Echo(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Role)
        body = f"{self.server.name} {self.headers.get('X-Forwarded-For')}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def reserved() -> Iterator[ports.Ports]:
    with ports.Ports() as reserved:
        yield reserved


@pytest.fixture(scope="module")
def analytics_port(reserved: ports.Ports) -> int:
    """Where nobody listens, unless a test starts somebody."""
    return reserved.choose()


@pytest.fixture(scope="module")
def client(
    tmp_path_factory: pytest.TempPathFactory, reserved: ports.Ports, analytics_port: int
) -> Iterator[httpx.Client]:
    """A gateway whose upstreams tell their names, and where analytics is away."""
    folder: Path = tmp_path_factory.mktemp("gateway")
    servers = []
    upstreams = {}
    for role in ROLES:
        port = reserved.choose()
        server = Role(role, port)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        upstreams[role] = f"{ports.HOST}:{port}"
    upstreams["ANALYTICS_API"] = f"{ports.HOST}:{analytics_port}"
    port = reserved.choose()
    engines.wait(gateway.prepare(folder, folder))
    program = gateway.program(folder, port, upstreams, folder)
    program = replace(
        program, environment={**program.environment, "GATEWAY_PATIENCE": f"{PATIENCE_SECONDS}s"}
    )
    with engines.running(program) as child:
        engines.wait(gateway.ready(child, gateway.url(port)))
        with httpx.Client(base_url=gateway.url(port), **PLAIN) as client:
            yield client
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("/v1/redemptions", "REDEMPTION_API"),
        ("/v1/redemptions/r_1", "REDEMPTION_API"),
        ("/v1/validations", "REDEMPTION_API"),
        ("/client/v1/validations", "REDEMPTION_API"),
        ("/client", "CONSOLE_WEB"),
        ("/v1/vouchers/A-1/redemptions?limit=2", "REDEMPTION_API"),
        ("/v1/vouchers/A%2F1/redemption", "REDEMPTION_API"),
        ("/v1/vouchers", "CAMPAIGNS_API"),
        ("/v1/vouchers/redemption", "CAMPAIGNS_API"),
        ("/v1/vouchers/A-1/redemptions/x", "CAMPAIGNS_API"),
        ("/docs/redemption", "REDEMPTION_API"),
        ("/docs/redemption/start.js", "REDEMPTION_API"),
        ("/openapi/redemption.json", "REDEMPTION_API"),
        ("/asyncapi/redemption", "REDEMPTION_API"),
        ("/asyncapi/redemption.json", "REDEMPTION_API"),
        ("/asyncapi/campaigns", "CAMPAIGNS_API"),
        ("/asyncapi/campaigns.json", "CAMPAIGNS_API"),
        ("/v1/campaigns", "CAMPAIGNS_API"),
        ("/v1/redemptionsx", "CAMPAIGNS_API"),
        ("/management/v1/projects", "CAMPAIGNS_API"),
        ("/go/camp_1", "CAMPAIGNS_API"),
        ("/docs/campaigns", "CAMPAIGNS_API"),
        ("/", "CONSOLE_WEB"),
        ("/p/proj_1/codes?q=A", "CONSOLE_WEB"),
        ("/static/0/console.css", "CONSOLE_WEB"),
        ("/v2/campaigns", "CONSOLE_WEB"),
    ],
)
def test_each_path_has_its_service(client: httpx.Client, path: str, role: str) -> None:
    assert client.get(path).text == f"{role} {ports.HOST}"


def test_a_code_is_changed_where_codes_are(client: httpx.Client) -> None:
    assert client.post("/v1/vouchers/A-1/redemption", content=b"{}").text.startswith("CAMPAIGNS")


@pytest.mark.parametrize(
    ("method", "path", "status", "key"),
    [
        pytest.param("GET", "/v1/reports/partners", 503, "service_unavailable", id="away"),
        pytest.param("GET", "/metrics", 404, "not_found", id="metrics-are-private"),
        pytest.param("GET", "/readyz", 404, "not_found", id="readiness-is-private"),
        pytest.param(
            "POST", "/asyncapi/redemption/try", 405, "method_not_allowed", id="pages-only"
        ),
        pytest.param(
            "POST", "/assets/swagger-ui/swagger-ui.css", 405, "method_not_allowed", id="files-only"
        ),
        pytest.param("GET", "/assets/swagger-ui/other.js", 404, "not_found", id="no-such-file"),
        pytest.param("GET", "/assets/swagger-ui/", 404, "not_found", id="no-listing"),
    ],
)
def test_the_gateway_refuses_as_the_services_do(
    client: httpx.Client, method: str, path: str, status: int, key: str
) -> None:
    answer = client.request(method, path, headers={"X-Request-Id": "v-1"})

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    error = answer.json()
    assert (error["code"], error["key"], error["request_id"]) == (status, key, "v-1")


@pytest.mark.parametrize(
    "path", ["/docs", "/docs/", "/openapi", "/openapi/", "/asyncapi", "/asyncapi/", "/docs?a=b"]
)
def test_who_knows_no_path_of_the_api_is_told_what_is_here(client: httpx.Client, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "/docs/redemption" in answer.text
    assert client.head(path).status_code == 200
    assert client.post(path).json()["key"] == "method_not_allowed"


def test_the_page_needs_nothing_from_elsewhere(client: httpx.Client) -> None:
    page = client.get("/docs").text

    assert "http:" not in page
    assert "https:" not in page
    assert "<script" not in page


@pytest.mark.parametrize("service", ["campaigns", "redemption", "analytics"])
def test_every_file_that_an_api_page_loads_is_served(client: httpx.Client, service: str) -> None:
    page = asyncio.run(page_of(service))
    loaded = re.findall(r'(?:src|href)="(/assets/[^"]+)"', page)

    assert len(loaded) == 2
    for path in loaded:
        answer = client.get(path)

        assert answer.status_code == 200, path
        kind = "text/css" if path.endswith(".css") else "text/javascript"
        assert answer.headers["Content-Type"].startswith(kind)  # nosniff: or it is not run
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert len(answer.content) > 100_000
        if kind == "text/css":
            assert not re.findall(r"url\(\"?(?!\"?data:)[^)]{0,50}", answer.text)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/assets/htmx/2.0.10/htmx.min.js", "text/javascript"),
        ("/assets/uplot/1.6.30/uPlot.iife.min.js", "text/javascript"),
        ("/assets/uplot/1.6.30/uPlot.min.css", "text/css"),
    ],
)
def test_what_the_console_loads_is_kept_for_ever_by_its_version(
    client: httpx.Client, path: str, kind: str
) -> None:
    answer = client.get(path)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(kind)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    unversioned = client.get("/assets/swagger-ui/swagger-ui.css")
    assert unversioned.headers["Cache-Control"] == "no-cache"


def test_the_console_tells_for_whom_it_asks(client: httpx.Client) -> None:
    """Who signs in is throttled by where he is, and the console asks for everybody."""
    answer = client.get("/v1/sessions", headers={"X-Forwarded-For": "203.0.113.7"})

    assert answer.text == "CAMPAIGNS_API 203.0.113.7"


async def page_of(service: str) -> str:
    app = Starlette(routes=list(pages.docs(service, dict)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://a") as http:
        return (await http.get(f"/docs/{service}")).text


def test_a_body_beyond_a_megabyte_is_refused(client: httpx.Client) -> None:
    answer = client.post("/v1/campaigns", content=b"x" * 1_000_001)

    assert (answer.status_code, answer.json()["key"]) == (413, "payload_too_large")


def test_a_request_id_that_would_break_the_answer_is_replaced(client: httpx.Client) -> None:
    answer = client.get("/metrics", headers={"X-Request-Id": 'v-1","key":"ok'})

    assert answer.json()["request_id"].startswith("v-")
    assert answer.json()["key"] == "not_found"


def test_of_two_request_ids_the_one_that_may_stand_in_an_answer_counts(
    client: httpx.Client,
) -> None:
    answer = client.get(
        "/metrics", headers=[("X-Request-Id", '","key":"ok'), ("X-Request-Id", "mine")]
    )

    assert answer.json()["request_id"] == answer.headers["X-Request-Id"] == "mine"
    assert answer.json()["key"] == "not_found"


def test_a_malformed_chunk_is_the_callers_fault(client: httpx.Client) -> None:
    with socket.create_connection((ports.HOST, client.base_url.port or 0)) as connection:
        connection.sendall(
            b"POST /v1/campaigns HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
            b"Connection: close\r\n\r\nzz\r\nabc\r\n"
        )
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"key":"invalid_request"' in answer


@pytest.fixture
def service(client: httpx.Client, analytics_port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The process behind /v1/reports, as long as a test needs one."""
    arguments = [sys.executable, "-m", "http.server", "--bind", ports.HOST, str(analytics_port)]
    with subprocess.Popen(arguments, stderr=subprocess.DEVNULL) as process:
        gives_up = time.monotonic() + 60
        while client.get("/v1/reports/x").status_code == 503:
            assert time.monotonic() < gives_up
        yield process
        process.kill()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_service_that_is_suspended_costs_its_callers_a_moment(
    client: httpx.Client, service: subprocess.Popen[bytes], method: str
) -> None:
    service.send_signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        # Who waits for the service itself waits for ever.
        answer = client.request(method, "/v1/reports/x", content=b"{}", timeout=30)
        seconds = time.monotonic() - began
    finally:
        service.send_signal(signal.SIGCONT)

    assert (answer.status_code, answer.json()["key"]) == (504, "gateway_timeout")
    assert seconds >= PATIENCE_SECONDS
    assert client.get("/v1/reports/x").status_code == 404  # its own answer again


@pytest.mark.parametrize("name", ["localhost", "coupons.example", "[::1]", "10.0.0.7:8080"])
def test_a_client_is_served_by_whatever_name_it_calls_us(client: httpx.Client, name: str) -> None:
    answer = client.get("/v1/campaigns", headers={"Host": name})

    assert answer.text.startswith("CAMPAIGNS_API")


def test_it_listens_on_this_machine_alone(client: httpx.Client) -> None:
    port = client.base_url.port
    assert port is not None
    listening = {
        tuple(connection.laddr)
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }

    assert {address for address in listening if address[1:] == (port,)} == {(ports.HOST, port)}
