"""Wrong codes in a sliding window: who has to wait, and how long."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from kit.redemption_samples import PROJECT, a_request

from contracts.guesses import GuessLimits
from redemption.guesses import counting
from redemption.guesses.counting import Closed, Guesses, Subject, network_of, subjects_of
from redemption.model import Request

LIMITS = GuessLimits(window_seconds=60, per_customer=3, per_address=5, per_key=8)
HERE = "10.0.0.7"


NOW = 1000.0


@pytest.fixture
def guesses() -> Guesses:
    return Guesses()


def a_guess(customer: str | None, caller: str, at: float) -> Request:
    moment = datetime.fromtimestamp(at, UTC)
    return a_request("WRONG", customer=customer, caller=caller, at=moment)


def guess(
    guesses: Guesses, times: int, customer: str | None = None, at: float = NOW, **who: str
) -> None:
    for _ in range(times):
        request = a_guess(customer, who.get("caller", "key_a"), at)
        guesses.count(subjects_of(request, who.get("address")), LIMITS, at)


def closed(
    guesses: Guesses, customer: str | None = None, at: float = NOW, **who: str
) -> Closed | None:
    return guesses.closed(a_guess(customer, who.get("caller", "key_a"), at), who.get("address"))


@pytest.mark.parametrize(
    ("times", "who", "limit"),
    [
        pytest.param(3, {"customer": "c"}, "customer", id="customer"),
        pytest.param(5, {"address": HERE}, "address", id="address"),
        pytest.param(8, {}, "key", id="key"),
    ],
)
def test_who_has_sent_as_many_wrong_codes_as_he_may_has_to_wait(
    guesses: Guesses, times: int, who: dict[str, Any], limit: str
) -> None:
    guess(guesses, times - 1, **who)
    assert closed(guesses, **who) is None
    guess(guesses, 1, **who)
    assert closed(guesses, **who) == Closed(limit, 60)  # type: ignore[arg-type]


def test_nobody_waits_for_others_guesses(guesses: Guesses) -> None:
    guess(guesses, 3, "c")
    assert closed(guesses, "d") is None
    assert closed(guesses, "c", caller="key_b") is not None
    assert guesses.closed(a_request("WRONG", customer="c", project="proj_b")) is None


def test_the_window_slides(guesses: Guesses) -> None:
    for n in range(3):
        guess(guesses, 1, "c", at=NOW + 10 * n)
    assert closed(guesses, "c", at=NOW + 30) == Closed("customer", 30)
    assert closed(guesses, "c", at=NOW + 60) is None
    guess(guesses, 1, "c", at=NOW + 60)
    assert closed(guesses, "c", at=NOW + 60) == Closed("customer", 10)


def test_a_backlog_is_judged_by_its_own_moments(guesses: Guesses) -> None:
    for n in range(60):  # an hour, read at once
        at = NOW + 60 * n
        assert closed(guesses, "c", at=at) is None
        guess(guesses, 1, "c", at=at)


def test_partitions_an_hour_apart_do_not_add_up_and_within_a_window_do(guesses: Guesses) -> None:
    guess(guesses, 2, "c", at=NOW + 3600)
    guess(guesses, 2, "c", at=NOW)
    assert closed(guesses, "c", at=NOW) is None
    guess(guesses, 1, "c", at=NOW + 30)
    assert closed(guesses, "c", at=NOW) == Closed("customer", 60)
    assert closed(guesses, "c", at=NOW + 3600) is None
    of_customer = Subject(PROJECT, "customer", subjects_of(a_guess("c", "key_a", NOW))[0].name)
    assert guesses.used(of_customer, LIMITS, NOW + 59) == 3
    assert guesses.used(of_customer, LIMITS, NOW + 60) == 1
    assert guesses.used(of_customer, LIMITS, NOW - 30) == 2


class Moments(list[float]):
    """Wrong codes of a subject that may be looked at here and there, and not all be walked."""

    def __iter__(self) -> Iterator[float]:
        raise AssertionError


def test_how_many_are_used_is_found_without_looking_at_each(guesses: Guesses) -> None:
    [key] = subjects_of(a_guess(None, "key_a", NOW))
    guesses._wrong[key] = Moments(NOW + n for n in range(600))

    assert guesses.used(key, LIMITS, NOW + 599) == 60


def test_a_limit_of_none_is_any_number(guesses: Guesses) -> None:
    limits = GuessLimits(per_customer=None, per_address=None, per_key=None)
    request = a_request("WRONG", customer="c")
    for _ in range(1000):
        guesses.count(subjects_of(request, HERE), limits, NOW)
    assert guesses.closed(request, HERE) is None


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("::ffff:a00:8", "10.0.0.8"),
        ("unknown:port", "unknown:port"),
    ],
)
def test_an_address_is_that_of_a_network(address: str, counted: str) -> None:
    assert network_of(address) == counted


def test_a_flood_of_names_is_forgotten_and_the_latest_are_kept(
    guesses: Guesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "MOST_SUBJECTS", 10)
    for n in range(100):
        guess(guesses, 1, f"c{n}", caller=f"key_{n}")
    guess(guesses, 2, "c99", caller="key_99")
    assert len(guesses._wrong) <= 10
    assert closed(guesses, "c99") is not None


def test_refused_guesses_are_counted_by_minute_limit_and_caller(guesses: Guesses) -> None:
    for _ in range(1000):
        guesses.refuse(a_request("WRONG", customer="c", caller="key_a"), "customer")
    guesses.refuse(a_request("WRONG", caller="key_b"), "key")

    taken = guesses.take_refused()

    assert sum(taken.values()) == 1001
    assert {(r.limit, r.caller) for r in taken} == {("customer", "key_a"), ("key", "key_b")}
    assert all(r.minute.second == r.minute.microsecond == 0 for r in taken)
    assert not guesses.take_refused()


def test_who_need_not_wait_any_more_is_not_looked_for(guesses: Guesses) -> None:
    guess(guesses, 3, "c")
    assert guesses.anybody_waits
    assert closed(guesses, "d", at=NOW + 61) is None
    guesses.take_refused()
    assert not guesses.anybody_waits
