"""Whether a mail is one of many that software sends, and what it is one of: its subject without
what changes from one to the next, and the kinds of its attachments.

What people write is told by their mail programs' marks. Neither hides anything from the rules: a
mail taken for a person's is simply no series.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.decide.headers import MAX_BLOCK, fields

_PEOPLE = (  # fields that mail programs write as a person uses them
    *("in-reply-to", "references", "thread-topic", "thread-index", "x-ms-has-attach"),
    *("x-originating-ip", "x-zimbra-drafts", "x-forwarded-message-id"),
)
_PROGRAMS = (  # of people; what software calls itself is anything else
    *("thunderbird", "outlook", "apple mail", "iphone", "ipad", "roundcube", "zimbra", "sogo"),
    *("horde", "evolution", "kmail", "squirrelmail", "android", "bluemail", "rainloop", "snappy"),
)
_MONTHS = (
    "janvier février fevrier mars avril mai juin juillet août aout septembre octobre novembre "
    "décembre decembre lundi mardi mercredi jeudi vendredi samedi dimanche"
)
_CHANGING = frozenset(_MONTHS.split())
_TITLE_WORDS = "m mr mme mlle monsieur madame mademoiselle patient patiente dr docteur"
_TITLES = frozenset(_TITLE_WORDS.split())
_AFTER_TITLE = 3  # words of a name
_WORDS = re.compile(r"\w+")
_FILE = re.compile(
    rb'name\*?\d?\*?=[ \t]?"?[^"\r\n;]{0,200}\.([a-z0-9]{1,5})[";\r\n]', re.IGNORECASE
)
_MOST_FILES, _MOST_WORDS = 20, 40


def series_of(content: bytes) -> str:
    """ "" for a person's mail, and for one without a subject."""
    subjects = fields(content, "subject")
    if len(subjects) != 1 or _is_a_person_s(content):
        return ""
    mask = " ".join(_masked(subjects[0]))
    return f"{mask}\n{' '.join(sorted(set(_kinds(content))))}" if mask.strip("# ") else ""


def _is_a_person_s(content: bytes) -> bool:
    head = content[:MAX_BLOCK].partition(b"\r\n\r\n")[0].lower()
    if any(b"\n" + name.encode() + b":" in head for name in _PEOPLE):
        return True
    called = " ".join([*fields(content, "user-agent"), *fields(content, "x-mailer")])
    return any(program in called for program in _PROGRAMS)


def _masked(subject: str) -> Iterator[str]:
    """Numbers, days and months, and whoever is named after a title."""
    name = 0
    for word in _WORDS.findall(subject)[:_MOST_WORDS]:
        if word in _TITLES:
            name = _AFTER_TITLE
            continue
        name -= 1
        changes = any(map(str.isdigit, word)) or word in _CHANGING or name >= 0
        yield "#" if changes else word


def _kinds(content: bytes) -> Iterator[str]:
    """Endings of file names, as they stand: nothing is decoded for it."""
    at = 0
    for _ in range(_MOST_FILES):
        at = content.find(b"name", at)
        if at < 0:
            return
        found = _FILE.match(content, at, at + 300)
        if found:
            yield found[1].decode("ascii").lower()
        at += 4
