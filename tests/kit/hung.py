"""What a thread's event loop waits for, told by who waits for that thread in vain."""

import asyncio
import io
import sys
from asyncio import AbstractEventLoop


def waits_of(thread: int) -> str:
    """Return where each task of the loop that runs in this thread stands, and cancel them."""
    loop = _loop_of(thread)
    if loop is None:
        return "it runs no event loop"
    told = io.StringIO()
    for task in asyncio.all_tasks(loop):
        task.print_stack(file=told)
        loop.call_soon_threadsafe(task.cancel)
    return told.getvalue()


def _loop_of(thread: int) -> AbstractEventLoop | None:
    frame = sys._current_frames().get(thread)
    while frame is not None:
        if isinstance(found := frame.f_locals.get("self"), AbstractEventLoop):
            return found
        frame = frame.f_back
    return None
