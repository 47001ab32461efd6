"""What a benchmark says is met, and what its client measures."""

import asyncio

import pytest

from counterfoil.bench.hammer import Round, encoded, hammer, pace
from counterfoil.bench.results import Baseline, as_json, at_most, less, more
from counterfoil.errors import PlatformError

NAIVE = Baseline(100.0, "naive")
KEYS = {"name", "value", "unit", "baseline", "baseline_name", "ratio", "goal", "met"}


def test_a_goal_for_the_ratio_is_met_by_the_ratio() -> None:
    assert more("rate", 250.0, "1/s", NAIVE, goal=2.5).met is True
    assert more("rate", 249.0, "1/s", NAIVE, goal=2.5).met is False
    assert less("wait", 50.0, "ms", NAIVE, goal=2.0).met is True
    assert less("wait", 51.0, "ms", NAIVE, goal=2.0).met is False


def test_a_goal_for_the_value_is_met_by_the_value_whatever_the_ratio() -> None:
    assert at_most("p50", 19.0, "ms", Baseline(1.0, "naive"), largest=20.0).met is True
    assert at_most("p50", 21.0, "ms", Baseline(1000.0, "naive"), largest=20.0).met is False


def test_without_a_goal_nothing_is_met_or_missed() -> None:
    assert (more("rate", 1.0, "1/s", NAIVE).met, more("rate", 1.0, "1/s", NAIVE).said) == (None, "")


def test_a_script_reads_every_figure_with_its_baseline() -> None:
    [told] = as_json([more("rate", 250.0, "1/s", NAIVE, goal=2.5)])["benchmarks"]

    assert told.keys() >= KEYS
    assert (told["ratio"], told["goal"], told["met"]) == (2.5, 2.5, True)


def test_rounds_are_one_pace_together() -> None:
    rounds = [Round(1.0, [0.001] * 98), Round(1.0, [0.002, 0.5])]

    assert pace(rounds) == (50.0, 1.0, 500.0)


@pytest.mark.parametrize("connections", [1, 3])
async def test_each_request_is_sent_once_and_its_answer_is_waited_for(connections: int) -> None:
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.read(10_000):
            heard.append(head)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nno")
            await writer.drain()
            await asyncio.sleep(0.001)
            writer.write(b"w!")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        wanted = [encoded(url, "/path", {"Key": str(n)}, b"{}") for n in range(10)]
        done = await hammer(url, wanted, connections)

    assert sorted(heard) == sorted(wanted)
    assert len(done.waits) == 10
    assert min(done.waits) >= 0.001


async def test_an_answer_that_is_no_success_ends_the_benchmark() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10_000)
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(PlatformError, match="503"):
            await hammer(url, [encoded(url, "/", {}, b"{}")] * 3, 1)
