"""One test for all of many small things: files, texts. A test each, thousands of them, would cost
more than what they look at: every process of the suite collects and reports them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

Thing = TypeVar("Thing")


def of_each(
    things: Iterable[Thing], name: Callable[[Thing], str] = str
) -> Callable[[Callable[[Thing], None]], Callable[[], None]]:
    """A test that asks the decorated one about each, and names all that are wrong."""
    asked = list(things)
    assert asked, "nothing to look at"

    def decorate(test: Callable[[Thing], None]) -> Callable[[], None]:
        def all_of_them() -> None:
            found = ((name(thing), _complaint(test, thing)) for thing in asked)
            wrong = [f"{which}: {why}" for which, why in found if why is not None]
            assert not wrong, "\n".join(wrong)

        all_of_them.__doc__ = test.__doc__
        return all_of_them

    return decorate


def _complaint(test: Callable[[Thing], None], thing: Thing) -> str | None:
    try:
        test(thing)
    except AssertionError as error:
        return str(error)
    return None
