"""Found or held: what another reader of mails shows, ours reads too, or says that it is unsure.

The other readers are the standard library's and fast-mail-parser, where they make anything of a
mail at all. What is looked for is one word, in each encoding.
"""

from __future__ import annotations

import base64
import email.policy
from collections.abc import Iterator
from contextlib import suppress
from email.parser import BytesParser

from fuzz import seeds as made
from gateway.model import DEFAULT_LIMITS
from gateway.parse.message import parse
from tests.makers import mails
from tests.makers.evasions import setting

try:
    import fast_mail_parser
except ImportError:
    fast_mail_parser = None

CANARY = setting.NIR.encode()
WORDS = [*made.WORDS, CANARY, base64.b64encode(CANARY), setting.QP[:60], setting.UU[:70]]
LONGEST = 4_096


def seeds() -> Iterator[bytes]:
    yield from made.tricks()
    file = mails.attachment("a.txt", CANARY)
    for encoding in ("8bit", "base64", "quoted-printable"):
        piece = mails.text(f"Bonjour,\n{setting.NIR}\nà bientôt", encoding=encoding)
        yield mails.mixed(mails.multipart("alternative", mails.text("a"), piece), file)
        yield mails.forwarded(mails.message(piece))


def check(data: bytes) -> None:
    if any(CANARY in leaf for leaf in (*by_stdlib(data), *by_rust(data))):
        parsed = parse(data, DEFAULT_LIMITS)
        found = any(CANARY in part.data for part in parsed.parts)
        found = found or any(setting.NIR in text.text for text in parsed.texts)
        assert found or parsed.problems, "another reader shows it, and we say nothing"


def by_stdlib(data: bytes) -> Iterator[bytes]:
    with suppress(LookupError, ValueError, AttributeError, TypeError):  # its own faults
        for part in BytesParser(policy=email.policy.compat32).parsebytes(data).walk():
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                yield payload


def by_rust(data: bytes) -> Iterator[bytes]:
    if fast_mail_parser is None:
        return
    with suppress(fast_mail_parser.ParseError, fast_mail_parser.DecodeError, ValueError):
        waiting = [fast_mail_parser.parse_email_tree(data, mode="lazy")]
        while waiting:
            part = waiting.pop()
            waiting += part.children
            with suppress(fast_mail_parser.DecodeError):
                yield part.content or b""
