"""One thread a process that writes, many works in one transaction (group commit).

A commit costs an fsync whatever it carries, so works that arrive while one commit is under way
are committed together by the next: one fsync for dozens of mails. Each work has a savepoint of
its own, so that one that fails takes nothing of its neighbours with it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import Temporary

T = TypeVar("T")
Work = Callable[[Connection], T]
_Task = tuple[Work[Any], "Future[Any]"]
_Outcome = tuple[Any, Exception | None]

GROUP = 128  # works a transaction: past some dozens the fsync no longer counts, and locks last


class Writer:
    """engine: opens transactions that may write at once (BEGIN IMMEDIATE on SQLite)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T]) -> Future[T]:
        """Resolved once the work is durable, or failed and undone."""
        future: Future[T] = Future()
        self._tasks.put((work, future))
        return future

    def close(self) -> None:
        """What was submitted before is still done."""
        self._tasks.put(None)
        self._thread.join()

    def _run(self) -> None:
        open_ = True
        while open_:
            group: list[_Task] = []
            task = self._tasks.get()
            while task is not None:
                if task[1].set_running_or_notify_cancel():  # nobody waits: not done at all
                    group.append(task)
                if len(group) >= GROUP:
                    break
                try:
                    task = self._tasks.get_nowait()
                except Empty:
                    break
            open_ = task is not None
            if group:
                self._do(group)

    def _do(self, group: list[_Task]) -> None:
        try:
            with self._engine.begin() as connection:
                outcomes = [_within_savepoint(connection, work) for work, _ in group]
        except Exception as error:  # no transaction, no commit: all of them are undone or in doubt
            outcomes = [(None, error)] * len(group)
        for (_, future), (result, failure) in zip(group, outcomes, strict=True):
            if failure is None:
                future.set_result(result)
            else:
                future.set_exception(_as_temporary(failure))


def _as_temporary(error: Exception) -> Exception:
    """What the database or the disk did is Temporary; what a work raised itself stays."""
    if isinstance(error, SQLAlchemyError | OSError):
        temporary = Temporary("store unavailable")
        temporary.__cause__ = error
        return temporary
    return error


def _within_savepoint(connection: Connection, work: Work[Any]) -> _Outcome:
    savepoint = connection.begin_nested()
    try:
        result = work(connection)
    except Exception as error:
        # Raises where the database ended the whole transaction by itself (SQLite does on a full
        # disk): then the works before this one are undone, too, and must be told so.
        savepoint.rollback()
        return None, error
    savepoint.commit()
    return result, None
