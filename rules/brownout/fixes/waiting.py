"""Offered changes that take waits off the event loop; plain data, as in the package itself."""

from __future__ import annotations

from brownout.core import Fix, Span


def run_in_thread(call: Span) -> Fix:
    """Turn a plain call in a coroutine into `await asyncio.to_thread(…)`."""
    return Fix("Run it in a thread with asyncio.to_thread", False, "run_in_thread", call)


def sleep_on_loop(call: Span) -> Fix:
    """Turn `time.sleep(…)` in a coroutine into `await asyncio.sleep(…)`."""
    return Fix("Wait with asyncio.sleep", False, "sleep_on_loop", call)


def run_in_executor(call: Span, executor: str | None = None) -> Fix:
    """Turn a plain call in a coroutine into `await loop.run_in_executor(…)`, on the project's executor if any."""
    arguments = (("executor", executor),)
    where = executor or "the default executor"
    return Fix(f"Run it on {where} with loop.run_in_executor", False, "run_in_executor", call, arguments)


def await_future(call: Span) -> Fix:
    """Turn `future.result()` in a coroutine into `await asyncio.wrap_future(future)`."""
    return Fix("Await it with asyncio.wrap_future", False, "await_future", call)


def make_plain(function: Span) -> Fix:
    """Turn a coroutine function that awaits nothing into a plain one."""
    return Fix("Make it a plain function: delete async", False, "make_plain", function)


def give_way(loop: Span) -> Fix:
    """Begin each turn of a coroutine's loop with `await asyncio.sleep(0)`."""
    return Fix("Give way with asyncio.sleep(0)", False, "give_way", loop)


def limit_child(call: Span, seconds: str, position: int) -> Fix:
    """Give `child.wait()` a limit, and kill the child when its time is up."""
    arguments = (("name", "timeout"), ("value", seconds), ("position", position))
    return Fix(f"Add timeout={seconds}, and kill the process when it is over", False, "limit_child", call, arguments)
