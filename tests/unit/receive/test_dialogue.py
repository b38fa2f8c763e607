"""Any order of commands, cut anywhere: the replies and the mails are those of a model of the rules.

The model knows of a session what RFC 5321, RFC 2033, RFC 3030 and Postfix's XCLIENT_README say, in
a few lines; the doors must agree with it, whatever comes in one piece and whatever does not.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from dataclasses import dataclass, field

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.receive.connection import BAD_COMMANDS
from tests.unit.receive.talk import Journey, converse

LIMIT = 60
CONTENT = st.sampled_from(
    [
        b"",
        b"a\r\n",
        b".\r\n",
        b"..\r\n",
        b"QUIT\r\n",
        b"\r\n.\r\n",
        b"a\nb\r\n",
        b"x" * 40,
        b"\0\xff",
    ]
)
WORDS = st.sampled_from(
    [
        *("HELLO", "HELLO", "MAIL", "MAIL", "RCPT", "RCPT", "RSET", "NOOP", "FOO"),
        *("XCLIENT", "XFORWARD", "VRFY"),
    ]
)
STEPS = st.one_of(
    WORDS,
    st.just("ENVELOPE"),
    st.tuples(st.just("DATA"), CONTENT),
    st.tuples(st.just("BDAT"), CONTENT, st.booleans()),
)
FIXED = {
    "MAIL": b"MAIL FROM:<a@b.fr>\r\n",
    "RCPT": b"RCPT TO:<c@d.fr>\r\n",
    "XCLIENT": b"XCLIENT ADDR=127.0.0.9\r\n",
    "XFORWARD": b"XFORWARD IDENT=4X\r\n",
    "VRFY": b"VRFY a@b.fr\r\n",
}


@dataclass
class Model:
    """What a session is in, what was said to it, and what it must have answered and handed over."""

    protocol: str
    said: bytes = b""
    codes: list[str] = field(default_factory=lambda: ["220"])
    mails: list[bytes] = field(default_factory=list)
    greeted: bool = False
    mail: bool = False
    recipients: int = 0
    chunks: bytes | None = None
    too_big: bool = False
    mistakes: int = 0  # since the last mail

    def answer(self, code: str) -> None:
        self.codes.append(code)
        self.mistakes += code in ("500", "503")
        if self.closed:
            self.codes.append("421")

    @property
    def closed(self) -> bool:
        """Nothing is said any more: it would meet a closed door."""
        return self.mistakes >= BAD_COMMANDS

    def reset(self) -> None:
        self.mail, self.recipients, self.chunks, self.too_big = False, 0, None, False

    def step(self, step: str | tuple[str, bytes] | tuple[str, bytes, bool]) -> None:
        if step == "ENVELOPE":
            for word in ("RSET", "MAIL", "RCPT", "RCPT"):
                self.command(word)
        elif isinstance(step, str):
            self.command(step)
        elif step[0] == "BDAT":
            self.chunk(step[1], last=step[2])
        else:
            self.command("DATA")
            if self.codes[-1] == "354":
                self.data(step[1])

    def command(self, name: str) -> None:
        if self.closed:
            return
        hello = b"LHLO x\r\n" if self.protocol == "lmtp" else b"EHLO x\r\n"
        self.said += hello if name == "HELLO" else FIXED.get(name, name.encode() + b"\r\n")
        self.answer(self.code(name))
        if name == "HELLO":
            self.greeted = True
        if name in ("HELLO", "RSET"):
            self.reset()
        if self.codes[-1] == "220":
            self.greeted = False
        if self.codes[-1] == "250":
            self.mail = self.mail or name == "MAIL"
            self.recipients += name == "RCPT"

    def code(self, name: str) -> str:
        before_mail = "250" if self.greeted and not self.mail else "503"
        ready = self.recipients > 0 and self.chunks is None
        return {
            "MAIL": before_mail,
            "XFORWARD": before_mail,
            "XCLIENT": "220" if before_mail == "250" else "503",
            "RCPT": "250" if self.mail and self.chunks is None else "503",
            "DATA": "354" if ready else "503",
            "VRFY": "252",
            "FOO": "500",
        }.get(name, "250")

    def data(self, content: bytes) -> None:
        whole = content if content.endswith(b"\r\n") or not content else content + b"\r\n"
        self.said += re.sub(rb"(\A|\r\n)\.", rb"\1..", whole) + b".\r\n"
        self.end(whole)

    def chunk(self, content: bytes, *, last: bool) -> None:
        if self.closed:
            return
        self.said += b"BDAT %d%b\r\n%b" % (len(content), b" LAST" if last else b"", content)
        if not self.recipients:
            self.answer("503")
            return
        self.chunks = (self.chunks or b"") + content
        self.too_big = self.too_big or len(self.chunks) > LIMIT
        if last:
            unfinished = self.chunks and not self.chunks.endswith(b"\r\n")
            self.end(self.chunks + b"\r\n" * bool(unfinished))
        else:
            self.answer("552" if self.too_big else "250")

    def end(self, content: bytes) -> None:
        code = "250"
        if self.too_big or len(content) > LIMIT:
            code = "552"
        elif re.search(rb"\r(?!\n)|(?<!\r)\n", content):
            code = "550"
        else:
            self.mails.append(content)
            self.mistakes = 0
        self.codes += [code] * (self.recipients if self.protocol == "lmtp" else 1)
        self.reset()


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
@given(
    steps=st.lists(STEPS, max_size=15),
    cuts=st.lists(st.integers(0, 2_000), max_size=10),
)
@example(steps=["FOO"] * (BAD_COMMANDS + 3), cuts=[])
@example(
    steps=[*["FOO"] * 19, "ENVELOPE", ("DATA", b"a\r\n"), *["FOO"] * 19, "MAIL", "MAIL", "NOOP"],
    cuts=[],
)
@settings(deadline=None, max_examples=80)
def test_replies_and_mails_are_those_of_the_model(protocol, steps, cuts):
    model = Model(protocol)
    for step in ["HELLO", *steps]:
        model.step(step)
    edges = sorted({0, len(model.said), *(cut % (len(model.said) + 1) for cut in cuts)})
    pieces = [model.said[a:b] for a, b in itertools.pairwise(edges)]
    journey = Journey()
    replies = asyncio.run(
        converse(journey, pieces, protocol=protocol, size=LIMIT, xclient=("127.0.0.0/8",))
    )
    assert re.findall(r"^(\d{3}) ", replies, re.MULTILINE) == model.codes
    assert [mail.content for mail in journey.mails] == model.mails
    assert not journey.events
