"""Wrong codes in a sliding window: who has to wait, and how long."""

import pytest
from kit.redemption_samples import a_request

from contracts.guesses import GuessLimits
from redemption.guesses import counting
from redemption.guesses.counting import Closed, Guesses, network_of, subjects_of

LIMITS = GuessLimits(window_seconds=60, per_customer=3, per_address=5, per_key=8)
HERE = "10.0.0.7"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guesses(clock: Clock) -> Guesses:
    return Guesses(clock)


def guess(guesses: Guesses, times: int, customer: str | None = None, **who: str) -> None:
    for _ in range(times):
        request = a_request("WRONG", customer=customer, caller=who.get("caller", "key_a"))
        guesses.count(subjects_of(request, who.get("address")), LIMITS)


def closed(guesses: Guesses, customer: str | None = None, **who: str) -> Closed | None:
    request = a_request("WRONG", customer=customer, caller=who.get("caller", "key_a"))
    return guesses.closed(request, who.get("address"))


@pytest.mark.parametrize(
    ("times", "who", "limit"),
    [
        pytest.param(3, {"customer": "c"}, "customer", id="customer"),
        pytest.param(5, {"address": HERE}, "address", id="address"),
        pytest.param(8, {}, "key", id="key"),
    ],
)
def test_who_has_sent_as_many_wrong_codes_as_he_may_has_to_wait(
    guesses: Guesses, times: int, who: dict[str, str], limit: str
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


def test_the_window_slides(guesses: Guesses, clock: Clock) -> None:
    for _ in range(3):
        guess(guesses, 1, "c")
        clock.now += 10
    assert closed(guesses, "c") == Closed("customer", 30)
    clock.now += 30
    assert closed(guesses, "c") is None
    guess(guesses, 1, "c")
    assert closed(guesses, "c") == Closed("customer", 10)


def test_a_limit_of_none_is_any_number(guesses: Guesses) -> None:
    limits = GuessLimits(per_customer=None, per_address=None, per_key=None)
    request = a_request("WRONG", customer="c")
    for _ in range(1000):
        guesses.count(subjects_of(request, HERE), limits)
    assert guesses.closed(request, HERE) is None


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
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
    guesses.give_back(taken)
    assert guesses.take_refused() == taken


def test_who_need_not_wait_any_more_is_not_looked_for(guesses: Guesses, clock: Clock) -> None:
    guess(guesses, 3, "c")
    assert guesses.anybody_waits
    clock.now += 61
    guesses.take_refused()
    assert not guesses.anybody_waits
