"""Who may submit mail, from a file of users: `doors.submission.users`.

    - user: cabinet
      password: $argon2id$v=19$…         # written by `vaguemestre submission add`
      senders: [dr.exemple@cabinet.example, "@cabinet.example"]

Where a directory or the provider judges passwords (`gateway.logins`), the file has none, and says
only in whose name somebody sends.

Read again when it has changed, so that a new user waits for no restart; a file that no longer
loads leaves the old users in force.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from gateway.errors import Misconfigured

AT_ONCE = 2  # passwords verified at the same time in a process: each takes 64 MB and 0.1 s


@dataclass(frozen=True, slots=True)
class Submitter:
    """password: its Argon2id hash; "" where another judges. senders: addresses, "@domain" for all
    of a domain."""

    user: str
    password: str = field(repr=False)
    senders: tuple[str, ...]


class Submitters:
    """`gateway.ports.Login`. fits: whether a password is that of a hash; "" is nobody's."""

    def __init__(
        self, path: Path, fits: Callable[[str, str], bool], event: Callable[[str], None]
    ) -> None:
        self._fits = fits
        self._file = UsersFile(path, event)
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, user: str, password: str) -> Sequence[str] | None:
        one = self._file.get(user)
        async with self._turn:
            stored = one.password if one else ""
            right = await asyncio.to_thread(self._fits, stored, password)
        return one.senders if one and right else None


class UsersFile:
    """The users as they stand in the file now, or as they stood when it last loaded."""

    def __init__(self, path: Path, event: Callable[[str], None], *, passwords: bool = True) -> None:
        self._path, self._event, self._passwords = path, event, passwords
        self._read_at = _changed(path)
        self._known = read(path, passwords=passwords)

    def get(self, user: str) -> Submitter | None:
        changed = _changed(self._path)
        if changed != self._read_at:
            self._read_at = changed
            try:
                self._known = read(self._path, passwords=self._passwords)
            except Misconfigured:
                self._event("submitters refused")
        return self._known.get(user)


def read(path: Path, *, passwords: bool = True) -> Mapping[str, Submitter]:
    """By name. passwords: whether each has one here. Raises Misconfigured, which quotes nothing of
    the file."""
    try:
        written = yaml.safe_load(path.read_text()) or []
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise Misconfigured(f"{path}: this is no YAML") from None
    if not isinstance(written, list):
        raise Misconfigured(f"{path}: not a list of users")
    keys = {"user", "senders", *(["password"] if passwords else [])}
    several = [_submitter(path, keys, number, one) for number, one in enumerate(written, 1)]
    if len({one.user for one in several}) < len(several):
        raise Misconfigured(f"{path}: a user stands there twice")
    return {one.user: one for one in several}


def _submitter(path: Path, keys: set[str], number: int, written: object) -> Submitter:
    if not isinstance(written, dict) or written.keys() != keys:
        raise Misconfigured(f"{path}: user {number} must have {', '.join(sorted(keys))}")
    user, password, senders = written["user"], written.get("password"), written["senders"]
    if not isinstance(user, str) or not user:
        raise Misconfigured(f"{path}: user {number} has no name")
    hashed = isinstance(password, str) and password.startswith("$argon2id$")
    if "password" in keys and not hashed:
        raise Misconfigured(f"{path}: user {number}: the password is no Argon2id hash")
    wrong = not isinstance(senders, list) or not senders
    if wrong or not all(isinstance(one, str) and "@" in one for one in senders):
        raise Misconfigured(f"{path}: user {number}: senders must be addresses or @domains")
    return Submitter(user, password or "", tuple(sender.lower() for sender in senders))


def _changed(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_ino
