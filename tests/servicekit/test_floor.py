from servicekit.postgres.floor import RISE_SECONDS, SWEEP_SECONDS, Floor


def test_a_new_relay_looks_at_everything() -> None:
    floor = Floor()
    assert (floor.above(0.0), floor.above(0.1)) == (0, 0)


def test_the_floor_is_what_had_been_reached_some_seconds_ago() -> None:
    floor = Floor()
    floor.above(0.0)
    floor.reached(100)
    floor.above(RISE_SECONDS)
    floor.reached(200)
    assert floor.above(RISE_SECONDS + 0.1) < 100
    assert floor.above(2 * RISE_SECONDS) == 100
    assert floor.above(3 * RISE_SECONDS) == 200


def test_now_and_then_everything_is_looked_at_again() -> None:
    floor = Floor()
    floor.reached(100)
    looked = [floor.above(tenth / 10) for tenth in range(int(SWEEP_SECONDS * 30))]
    assert looked.count(0) > 1
    swept = [n for n, above in enumerate(looked) if above == 0 and n > SWEEP_SECONDS * 5]
    assert len(swept) == 2
