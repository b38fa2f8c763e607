"""Whatever an MTA may say, cut anywhere: kilter.protocol speaks its part and reads our answers, and
shares no line with our codec."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from ipaddress import ip_address

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from kilter.protocol import messages as theirs

from gateway.model import Mail, Reply, Stay
from gateway.receive.milter_wire import Steps
from tests.unit.receive import mta
from tests.unit.receive.mta import Mta
from tests.unit.receive.talk import Journey, spin
from tests.unit.receive.test_milter_wire import packed, understood

OK = Reply(250, "2.0.0", ("Ok",))
LONG = b"z" * 70_000
ADDED = ((b"X-A", b"un"), (b"X-B", b"deux\r\n trois"))
SAID = {
    "stays": Reply(250, "2.0.0", ("Ok",), Stay()),
    "field": Reply(250, "2.0.0", ("Ok",), Stay(ADDED)),
    "body": Reply(250, "2.0.0", ("Ok",), Stay(ADDED[:1], LONG)),
    "gone": OK,
    "no": Reply(550, "5.7.1", ("20 %", "non")),
    "later": Reply(451, "4.3.0", ("plus tard",)),
}
CONTINUE = ("Continue",)
SILENT = {
    "connect": Steps.SILENT_CONNECT,
    "helo": Steps.SILENT_HELO,
    "data": Steps.SILENT_DATA,
    "header": Steps.SILENT_HEADER,
    "eoh": Steps.SILENT_END_OF_HEADERS,
    "body": Steps.SILENT_BODY,
    "unknown": Steps.SILENT_UNKNOWN,
}
NEVER_SILENT = Steps.SILENT_DATA | Steps.SILENT_END_OF_HEADERS | Steps.SILENT_UNKNOWN
VALUES = st.sampled_from(
    [b"", b" essai", b"  deux \t", b" a\n\tb\n c", b" \xe9\xff", b" 100 %s", b"\t"]
)
NAMES = st.sampled_from([b"X", b"x", b"DKIM-Signature", b"X ", b"%s"])


def shape(message: theirs.Message) -> tuple[object, ...]:
    """Its name and what it carries, views of a buffer as bytes."""
    values = vars(message).values()
    plain = (bytes(one) if isinstance(one, memoryview) else str(one) for one in values)
    return type(message).__name__, *plain


def finals(verdict: str, *, spaced: bool) -> list[tuple[object, ...]]:
    space = b" " if spaced else b""
    first, second = (
        ("InsertHeader", "0", name.decode(), space + value.replace(b"\r\n", b"\n"))
        for name, value in ADDED
    )
    pieces = [("ReplaceBody", LONG[:65_535]), ("ReplaceBody", LONG[65_535:])]
    return {
        "stays": [("Accept",)],
        "field": [second, first, ("Accept",)],
        "body": [first, *pieces, ("Accept",)],
        "gone": [("Discard",)],
        "no": [("ReplyCode", b"550-5.7.1 20 %%\r\n550 5.7.1 non\0")],
        "later": [("ReplyCode", b"451 4.3.0 plus tard\0")],
    }[verdict]


class BySender(Journey):
    async def process(self, mail: Mail) -> dict[str, Reply]:
        await super().process(mail)
        verdict = mail.envelope.sender.partition("@")[0]
        return dict.fromkeys(mail.envelope.addresses, SAID[verdict])


@dataclass
class Shown:
    """A mail as the MTA believes it has shown it."""

    verdict: str
    recipients: tuple[str, ...]
    head: bytes = b""
    body: bytes = b""
    stage: str = "envelope"


class Session(RuleBasedStateMachine):
    """One connection: many clients, many mails of each, abandoned at any point."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.steps: Steps | None = None
        self.mail: Shown | None = None
        self.out = b""  # said by the MTA and not yet come
        self.expected: list[tuple[object, ...]] = []
        self.got: list[tuple[object, ...]] = []
        self.judged: list[tuple[bytes, tuple[str, ...]]] = []
        self.one = self.loop.run_until_complete(self._new())

    async def _new(self) -> Mta:
        return Mta(BySender())

    def say(self, data: bytes, *answers: tuple[object, ...]) -> None:
        self.out += data
        self.expected += answers

    def quiet(self, name: str) -> tuple[tuple[object, ...], ...]:
        assert self.steps is not None
        return () if SILENT[name] & self.steps else (CONTINUE,)

    @rule(data=st.data(), whole=st.booleans(), turns=st.integers(0, 12))
    def arrive(self, data: st.DataObject, whole: bool, turns: int) -> None:
        """Some of what was said, up to any octet."""
        size = len(self.out) if whole else data.draw(st.integers(0, len(self.out)))
        self._feed(size, turns)

    def _feed(self, size: int, turns: int) -> None:
        async def come() -> None:
            if size:
                self.one.protocol.data_received(self.out[:size])
            await spin(turns)

        self.loop.run_until_complete(come())
        self.out = self.out[size:]
        sent, self.one.wire.sent = self.one.wire.sent, b""
        self.got += map(shape, understood(sent))

    @invariant()
    def no_answer_is_wrong_or_too_early(self) -> None:
        assert self.got == self.expected[: len(self.got)]

    @precondition(lambda self: self.steps is None)
    @rule(version=st.integers(2, 8), steps=st.integers(0, mta.STEPS))
    def negotiate(self, version: int, steps: int) -> None:
        offer = theirs.Negotiate(version, theirs.ActionFlags(0x3F), theirs.ProtocolFlags(steps))
        wanted = 0x1833C0  # no DATA, unknown, EOH; silent connect to header and body; spaces
        agreed = wanted & steps
        answer = theirs.Negotiate(
            min(version, 6), theirs.ActionFlags(0x03), theirs.ProtocolFlags(agreed)
        )
        self.say(packed(offer), shape(answer))
        self.steps = Steps(agreed)

    ready = precondition(lambda self: self.steps is not None)
    between = precondition(lambda self: self.steps is not None and self.mail is None)

    @between
    @rule(address=st.sampled_from(["192.0.2.7", "2001:db8::7"]))
    def connect(self, address: str) -> None:
        self.say(
            mta.connect("poste.example", ip_address(address).compressed), *self.quiet("connect")
        )

    @between
    @rule(name=st.sampled_from(["poste.example", "[192.0.2.7]", ""]))
    def helo(self, name: str) -> None:
        self.say(packed(theirs.Helo(name)), *self.quiet("helo"))

    @ready
    @rule(stage=st.sampled_from("CHMRTLNBE"), size=st.sampled_from([0, 1, 70_000]))
    def macro(self, stage: str, size: int) -> None:
        self.say(packed(theirs.Macro(ord(stage), {"i": "4Xqueue", "{x}": "x" * size})))

    @ready
    @rule()
    def unknown(self) -> None:
        self.say(packed(theirs.Unknown(b"XYZ")), *self.quiet("unknown"))

    @between
    @rule(
        verdict=st.sampled_from(sorted(SAID)),
        options=st.sampled_from([[], [b"BODY=8BITMIME"]]),
        numbers=st.lists(st.integers(1, 3), min_size=1, max_size=4),
    )
    def begin(self, verdict: str, options: list[bytes], numbers: list[int]) -> None:
        path = f"<{verdict}@cpam.example>".encode()
        self.say(packed(theirs.EnvelopeFrom(path, options)), CONTINUE)
        to = [f"r{number}@b.example" for number in numbers]
        for address in to:
            self.say(packed(theirs.EnvelopeRecipient(f"<{address}>".encode(), [])), CONTINUE)
        self.mail = Shown(verdict, tuple(dict.fromkeys(to)))

    @between
    @rule()
    def begin_with_what_we_refuse(self) -> None:
        refusal = b"501 5.1.7 Adresse incorrecte, attendue : <nom@domaine>\0"
        self.say(packed(theirs.EnvelopeFrom(b"<a b@c.fr>", [])), ("ReplyCode", refusal))

    @precondition(lambda self: self.mail is not None and self.mail.stage != "body")
    @rule(name=NAMES, value=VALUES)
    def header(self, name: bytes, value: bytes) -> None:
        data = mta.packet("L", name + b"\0" + value + b"\0")
        if self.mail.stage == "envelope":
            self.say(packed(theirs.Data()), *self.quiet("data"))
        self.say(data, *self.quiet("header"))
        self.mail.stage = "header"
        space = b"" if Steps.LEADING_SPACE in self.steps else b" "
        self.mail.head += name + b":" + space + value.replace(b"\n", b"\r\n") + b"\r\n"

    @precondition(lambda self: self.mail is not None and self.mail.stage == "header")
    @rule()
    def end_of_headers(self) -> None:
        self.say(packed(theirs.EndOfHeaders()), *self.quiet("eoh"))
        self.mail.stage = "body"

    @precondition(lambda self: self.mail is not None and self.mail.stage == "body")
    @rule(piece=st.binary(max_size=30))
    def body(self, piece: bytes) -> None:
        self.say(packed(theirs.Body(piece)), *self.quiet("body"))
        self.mail.body += piece

    @precondition(lambda self: self.mail is not None)
    @rule(piece=st.sampled_from([b"", b"fin\r\n"]))
    def end(self, piece: bytes) -> None:
        mail, self.mail = self.mail, None
        spaced = Steps.LEADING_SPACE in self.steps
        self.say(mta.packet("E", piece), *finals(mail.verdict, spaced=spaced))
        content = mail.head + b"\r\n" + mail.body + piece
        self.judged.append((content, mail.recipients))

    @between
    @rule(verdict=st.sampled_from(sorted(SAID)), value=VALUES)
    def whole_mail(self, verdict: str, value: bytes) -> None:
        self.begin(verdict, [], [1, 2])
        self.header(b"Subject", value)
        self.end_of_headers()
        self.body(b"Bonjour\r\n")
        self.end(b"")

    @ready
    @rule()
    def abort(self) -> None:
        self.say(packed(theirs.Abort()))
        self.mail = None

    @ready
    @rule()
    def another_client(self) -> None:
        self.say(mta.packet("K"))
        self.mail = None

    def teardown(self) -> None:
        self._feed(len(self.out), 400)
        assert self.got == self.expected
        mails = [(mail.content, mail.envelope.addresses) for mail in self.one.journey.mails]
        assert mails == self.judged
        assert self.one.journey.events == []
        self.loop.run_until_complete(self.one.leave())
        self.loop.close()


TestSession = Session.TestCase
TestSession.settings = settings(max_examples=35, stateful_step_count=40, deadline=None)
