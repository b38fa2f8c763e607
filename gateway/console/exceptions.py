"""A reasoned exception: one rule, for one recipient domain or one sender, until a day, as a file.

    form ─▶ text of a rule file ─▶ checked with all the others ─▶ site/exceptions/ ─▶ reload

Files are the truth about rules: what stands here is written as an operator would write it, and is
checked as `rules check` does. Where no `site` directory can be written to, the text is handed to
whoever keeps the rules. It never widens: names with anything but plain letters are refused, since
rules read some signs as "anything".
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from gateway.decide.rules import SITE, is_site
from gateway.errors import Misconfigured
from gateway.language import later
from gateway.rulebook import read_rules
from gateway.store.held import Held
from gateway.store.holds import Holds

LONGEST_DAYS = 366
MAX_OWNER = 80  # characters
FOLDER = "exceptions"
_DOMAIN = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,20}", re.ASCII)
_LOCAL = re.compile(r"[A-Za-z0-9._+-]{1,64}", re.ASCII)
_MANY_DIGITS = re.compile(r"[0-9]{6}", re.ASCII)  # of a local part: it may be a person's number
_TITLE = 120  # characters, as rules allow


@dataclass(frozen=True, slots=True)
class Scope:
    """Of what an exception holds. "" stands for everybody; not both are."""

    sender: str = ""
    domain: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """text: of the file. path: where it would stand, None where nothing may be written."""

    id: str
    text: str
    path: Path | None


class Exceptions:
    """directories: of rules. webmail: whether a domain is open to anybody. reload: has the doors
    read the rules anew."""

    def __init__(
        self,
        directories: Sequence[Path],
        kinds: Callable[[], Collection[str]],
        partners: Collection[str],
        webmail: Callable[[str], bool],
        reload: Callable[[], None],
    ) -> None:
        self._directories = tuple(directories)
        self._kinds = kinds
        self._partners = partners
        self._webmail = webmail
        self._reload = reload

    def draft(
        self, rule: str, title: str, hold: str, scope: Scope, owner: str, until: date
    ) -> Draft:
        """Misconfigured where the rules would not load with it."""
        code = re.sub(r"[^a-z0-9]+", "-", hold.lower()).strip("-")
        name = f"{code}-{secrets.token_hex(3)}"
        identity = f"{SITE}/{FOLDER}/{name}"
        conditions = [{"sender": scope.sender}] if scope.sender else []
        conditions += [{"recipient": f"domain:{scope.domain}"}] if scope.domain else []
        written = {
            "id": identity,
            "title": f"Exception : {title}"[:_TITLE],
            "description": f"Dossier {hold}. Le motif est au registre de la console.",
            "allow": True,
            "overrides": [rule],
            "owner": owner,
            "until": until,
            "when": {"all": conditions},
        }
        text = yaml.safe_dump(written, allow_unicode=True, sort_keys=False, width=1000)
        folder = self._folder()
        path = folder / f"{name}.yaml" if folder else None
        supposed = path or Path(self._directories[0], SITE, FOLDER, f"{name}.yaml")
        read_rules(
            self._directories,
            self._kinds(),
            partners=self._partners,
            consequence="the exception is not added",
            more={str(supposed): text},
        )
        return Draft(identity, text, path)

    def write(self, draft: Draft) -> bool:
        """Whole or not at all, and the doors are told. False where it cannot be written."""
        if draft.path is None:
            return False
        unseen = draft.path.with_name(f".{draft.path.name}")  # rules that begin so are not read
        try:
            draft.path.parent.mkdir(exist_ok=True)
            with unseen.open("x", encoding="utf-8") as file:
                file.write(draft.text)
                file.flush()
                os.fsync(file.fileno())
            unseen.replace(draft.path)
        except OSError:
            return False
        self._reload()
        return True

    def refusal(self, scope: Scope) -> str:
        """Why this cannot be the scope, in French; "" where it can."""
        if not scope.sender and not scope.domain:
            return later("Choisissez pour qui.")
        if scope.domain and not _DOMAIN.fullmatch(scope.domain):
            return later("Ce domaine ne peut pas être écrit dans une règle.")
        if scope.domain and not scope.sender and self._webmail(f"x@{scope.domain}"):
            return later(
                "Ce domaine est une messagerie ouverte à tous : limitez aussi à l'expéditeur."
            )
        if scope.sender and not _is_plain(scope.sender):
            return later("Cette adresse ne peut pas être écrite dans une règle.")
        return ""

    def _folder(self) -> Path | None:
        """The first `site` directory of ours that takes files. None is made: who keeps the rules
        decides where the console may write."""
        for directory in self._directories:
            site = directory if is_site(f"{directory}/x") else directory / SITE
            folder = site / FOLDER
            if os.access(folder if folder.is_dir() else site, os.W_OK | os.X_OK):
                return folder
        return None


async def enact(
    exceptions: Exceptions,
    holds: Holds,
    held: Held,
    draft: Draft,
    who: str,
    words: str,
    until: date,
) -> bool:
    """Reason, person, rule and end are on record before it counts. False where it cannot be
    written."""
    counts = {"rule": held.rule, "until": until, "exception": draft.id}
    await holds.record(held.id, "exception drafted", who, words, **counts)
    if not exceptions.write(draft):
        return False
    await holds.record(held.id, "exception added", who, exception=draft.id)
    return True


def _is_plain(address: str) -> bool:
    local, _, domain = address.rpartition("@")
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain.lower()):
        return False
    return not _MANY_DIGITS.search(local)


def invalid(error: Misconfigured) -> str:
    """The first complaint, without the path of our own file."""
    first, *_ = str(error).splitlines() or [""]
    return first[-300:]
