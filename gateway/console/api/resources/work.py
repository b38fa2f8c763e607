"""Work on a held mail short of ruling on it: notes, who takes it on, a second reader, the look
afterwards at what a sender sent urgently."""

from __future__ import annotations

from typing import Annotated

from gateway.console import rulings
from gateway.console.access import Act
from gateway.console.api import problem
from gateway.console.api.problem import Problem
from gateway.console.api.route import Call, Route
from gateway.console.api.shape import OneOf, Reason, Shape, Words


class Comment(Shape):
    words: Reason


class Remark(Shape):
    words: Words = ""


class Assignment(Shape):
    to: Annotated[str, OneOf("me", "nobody")]


async def comment(call: Call, body: Comment) -> None:
    """Add a note to a held mail; it is sealed."""
    held = await call.held()
    await call.desk.queue.comment(held.id, call.who.name, body.words.strip())


async def assign(call: Call, body: Assignment) -> None:
    """Take a held mail on, or give it back."""
    held = await call.held()
    to = call.who.name if body.to == "me" else ""
    await call.desk.queue.assign(held.id, to, call.who.name)


async def ask_second(call: Call, body: Remark) -> None:
    """Hand a held mail to a second reader."""
    held = await call.held()
    await call.desk.queue.ask_second(held.id, call.who.name, body.words.strip())


async def review(call: Call, body: Remark) -> None:
    """Note that one has looked at what its sender sent urgently. Nobody looks at his own."""
    held = await call.held()
    if not rulings.allowed(call.visit, held):
        raise Problem(problem.NOT_YOURS)
    if not await call.desk.appeals.review(held.id, call.who.name, body.words.strip()):
        raise Problem(problem.CONFLICT)


_REVIEW = (problem.NOT_YOURS, problem.CONFLICT)
ROUTES = (
    Route("POST", "/v1/holds/{id}/comments", Act.ADVISE, comment),
    Route("PUT", "/v1/holds/{id}/assignment", Act.ADVISE, assign),
    Route("POST", "/v1/holds/{id}/second-reader", Act.ADVISE, ask_second),
    Route("POST", "/v1/holds/{id}/review", Act.RULE, review, problems=_REVIEW),
)
