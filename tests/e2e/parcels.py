"""A parcel of the portal as it reaches people: the mail with the link, the letter with the code."""

from __future__ import annotations

import re
from email import message_from_bytes

from tests.e2e.gateway import Internet, eventually


def texts(content: bytes) -> str:
    """Of all its parts, on one line."""
    parts = (part.get_payload(decode=True) for part in message_from_bytes(content).walk())
    return " ".join(part.decode("utf-8", "replace") for part in parts if isinstance(part, bytes))


def letters(internet: Internet, sender: str, word: str) -> list[str]:
    """What came to this sender with this word in it."""
    told = (texts(one.content) for one in internet.for_(sender))
    return [letter for letter in told if word in letter]


def link(internet: Internet, recipient: str) -> str:
    """The latest that came."""
    mail = eventually(lambda: internet.for_(recipient))[-1]
    found = re.search(r"http://\S+/l/[a-z]{32}", texts(mail.content))
    assert found
    return found.group()


def code(internet: Internet, sender: str, recipient: str) -> tuple[str, str]:
    """The code, and the sender's own page."""

    def told() -> list[str]:
        several = letters(internet, sender, "à donner par téléphone")
        return [letter for letter in several if recipient in letter]

    letter = eventually(told)[-1]
    figures, own = (
        re.search(r"\b\d{4} \d{4}\b", letter),
        re.search(r"http://\S+/e/[a-z]{32}", letter),
    )
    assert figures
    assert own
    return figures.group(), own.group()
