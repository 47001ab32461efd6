"""A form that is sent twice is done once."""

import asyncio

import pytest
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from console.session import cookies
from console.web.once import Once


class Desk:
    """Counts what it is asked to do, and takes its time."""

    def __init__(self, response: Response) -> None:
        self.done = 0
        self.may_end = asyncio.Event()
        self._response = response

    async def work(self) -> Response:
        self.done += 1
        await self.may_end.wait()
        return self._response


async def test_a_double_click_is_one_wish() -> None:
    once, desk = Once(), Desk(RedirectResponse("/made", 303))

    clicks = [asyncio.create_task(once.answer("key", "/", desk.work)) for _ in range(5)]
    await asyncio.sleep(0)
    desk.may_end.set()

    assert {(await click).headers["location"] for click in clicks} == {"/made"}
    assert (await once.answer("key", "/", desk.work)).headers["location"] == "/made"
    assert desk.done == 1


async def test_who_hangs_up_does_not_take_the_others_answer_along() -> None:
    once, desk = Once(), Desk(RedirectResponse("/made", 303))
    first = asyncio.create_task(once.answer("key", "/", desk.work))
    second = asyncio.create_task(once.answer("key", "/", desk.work))
    await asyncio.sleep(0)

    first.cancel()
    await asyncio.sleep(0)
    desk.may_end.set()

    assert (await second).headers["location"] == "/made"
    assert desk.done == 1


async def test_what_was_refused_may_be_sent_again() -> None:
    once, desk = Once(), Desk(PlainTextResponse("no", 422))
    desk.may_end.set()

    for _ in range(2):
        assert (await once.answer("key", "/", desk.work)).status_code == 422

    assert desk.done == 2


async def test_what_failed_may_be_sent_again() -> None:
    once = Once()

    async def fail() -> Response:
        raise OSError

    for _ in range(2):
        with pytest.raises(OSError):  # noqa: PT011
            await once.answer("key", "/", fail)


async def test_the_secret_of_a_session_is_not_kept() -> None:
    signed_in = RedirectResponse("/", 303)
    cookies.put(signed_in, cookies.SESSION, "cps_secret")
    once, desk = Once(), Desk(signed_in)
    desk.may_end.set()

    for _ in range(2):
        await once.answer("key", "/", desk.work)

    assert desk.done == 2


async def test_a_secret_is_shown_once_however_often_its_form_is_sent() -> None:
    once, desk = Once(), Desk(PlainTextResponse("the secret"))
    desk.may_end.set()

    first = await once.answer("key", "/keys", desk.work)
    again = await once.answer("key", "/keys", desk.work)

    assert first.body == b"the secret"
    assert (again.status_code, again.headers["location"], again.body) == (303, "/keys", b"")
    assert desk.done == 1
