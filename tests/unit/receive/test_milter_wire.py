"""The codec against another one (kilter.protocol), which shares no line with it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kilter.protocol import messages as theirs
from kilter.protocol.buffer import SimpleBuffer

from gateway.receive import milter_wire as wire
from gateway.receive.milter_wire import Actions, Steps
from tests.unit.receive import mta


def packed(message: theirs.Message) -> bytes:
    buffer = SimpleBuffer(2**20)
    message.pack(buffer)
    return buffer[:].tobytes()


def events(data: bytes) -> list[wire.Event]:
    return list(wire.Wire().feed(data))


def understood(data: bytes) -> list[theirs.Message]:
    """What another milter library takes our answers for."""
    found = []
    while data:
        size = 4 + int.from_bytes(data[:4], "big")
        buffer = SimpleBuffer(size)
        buffer[:] = data[:size]
        message, taken = theirs.Message.unpack(buffer)
        assert taken == size
        found.append(message)
        data = data[size:]
    return found


SPOKEN = [
    (
        theirs.Negotiate(6, theirs.ActionFlags(0x1FF), theirs.ProtocolFlags(0x1FFFFF)),
        wire.Negotiate(6, Actions(0x1FF), Steps(0x1FFFFF)),
    ),
    (
        theirs.Macro(ord("M"), {"i": "4Xabc", "{client_addr}": "192.0.2.7"}),
        wire.Macros("M", {"i": "4Xabc", "{client_addr}": "192.0.2.7"}),
    ),
    (theirs.Helo("poste.example"), wire.Helo("poste.example")),
    (
        theirs.EnvelopeFrom(b"<a@b.fr>", [b"SIZE=12", b"BODY=8BITMIME"]),
        wire.MailFrom((b"<a@b.fr>", b"SIZE=12", b"BODY=8BITMIME")),
    ),
    (theirs.EnvelopeRecipient(b"<a@b.fr>", []), wire.RcptTo((b"<a@b.fr>",))),
    (theirs.Data(), wire.DataBegins()),
    (theirs.Unknown(b"XYZ"), wire.Unknown()),
    (theirs.Header("Subject", b" essai\n\tsuite"), wire.Header(b"Subject", b" essai\n\tsuite")),
    (theirs.EndOfHeaders(), wire.EndOfHeaders()),
    (theirs.Body(b"a\0b\r\n"), wire.Body(b"a\0b\r\n")),
    (theirs.EndOfMessage(b""), wire.EndOfMessage()),
    (theirs.Abort(), wire.Abort()),
    (theirs.Close(), wire.Quit()),
]


@pytest.mark.parametrize(("said", "heard"), SPOKEN, ids=lambda one: type(one).__name__)
def test_what_another_library_says_is_heard(said, heard):
    assert events(packed(said)) == [heard]


@pytest.mark.parametrize(
    ("data", "heard"),
    [
        (mta.connect(), wire.Connect("poste.example", "192.0.2.7", 4711)),
        (mta.connect(address="2001:db8::7"), wire.Connect("poste.example", "2001:db8::7", 4711)),
        (mta.packet("C", b"localhost\0U"), wire.Connect("localhost")),
        (mta.packet("C", b"local\0L\0\0/run/x\0"), wire.Connect("local")),
        (mta.packet("K"), wire.NextClient()),
        (mta.packet("#", b"of a later version"), wire.Unknown()),
        (mta.packet("D", b"M" + b"i\0" + b"alone"), wire.Macros("M", {})),
    ],
)
def test_what_only_mtas_say_is_heard(data, heard):
    assert events(data) == [heard]


def test_the_end_of_a_mail_may_bring_its_last_piece():
    assert events(mta.packet("E", b"fin\r\n")) == [wire.EndOfMessage(b"fin\r\n")]


DIALOGUE = b"".join(
    [mta.offer(), mta.connect(), mta.macros("M", i="4X"), *mta.mail("a@a.fr", "b@b.fr")]
)


def test_a_dialogue_cut_at_every_offset_gives_the_same_events():
    whole = events(DIALOGUE)
    for cut in range(len(DIALOGUE)):
        codec = wire.Wire()
        assert [*codec.feed(DIALOGUE[:cut]), *codec.feed(DIALOGUE[cut:])] == whole
        assert codec.waiting == 0


def test_octet_by_octet_it_is_the_same():
    codec = wire.Wire()
    assert [e for i in range(len(DIALOGUE)) for e in codec.feed(DIALOGUE[i : i + 1])] == events(
        DIALOGUE
    )


@pytest.mark.parametrize(
    "data",
    [
        b"\0\0\0\0",
        b"\xff\xff\xff\xff",
        (wire.PACKET_OCTETS + 1).to_bytes(4, "big"),
        mta.packet("O", b"\0\0\0\6"),
        mta.packet("D"),
        mta.packet("C", b"name"),
        mta.packet("C", b"name\0"),
        mta.packet("M"),
        mta.packet("R", b"<a@b.fr>"),
        mta.packet("L", b"Subject"),
        mta.packet("L", b"Subject\0 essai"),
    ],
    ids=repr,
)
def test_what_cannot_be_understood_is_an_error(data):
    with pytest.raises(wire.WireError):
        events(data)


@given(st.lists(st.binary(max_size=40), max_size=12))
def test_noise_is_an_error_or_events_and_nothing_else(pieces):
    codec = wire.Wire()
    try:
        for piece in pieces:
            for event in codec.feed(piece):
                assert isinstance(event, wire.Event)
    except wire.WireError:
        return
    assert codec.waiting <= sum(map(len, pieces))


@given(st.sampled_from("ODCHMRTLNBEAQKU#"), st.binary(max_size=60))
def test_any_command_with_any_data_is_an_error_or_events(command, data):
    with contextlib.suppress(wire.WireError):
        assert events(mta.packet(command, data))


ANSWERED = [
    (wire.CONTINUE, theirs.Continue()),
    (wire.ACCEPT, theirs.Accept()),
    (wire.DISCARD, theirs.Discard()),
    (wire.PROGRESS, theirs.Progress()),
    (
        wire.negotiated(6, Actions.ADD_HEADERS, Steps.NO_DATA),
        theirs.Negotiate(6, theirs.ActionFlags(1), theirs.ProtocolFlags(0x200)),
    ),
]


@pytest.mark.parametrize(("said", "heard"), ANSWERED, ids=lambda one: type(one).__name__)
def test_our_answers_are_understood_by_another_library(said, heard):
    assert list(map(repr, understood(said))) == [repr(heard)]


def test_a_field_is_put_where_it_was_asked_for():
    [said] = understood(wire.with_header(1, b"X-A", b" b"))
    assert (said.index, said.name, bytes(said.value)) == (1, "X-A", b" b")


def test_a_reply_doubles_its_percent_signs_and_keeps_its_lines():
    said = wire.replied(b"550-5.7.1 20 %\r\n550 5.7.1 non\r\n")
    assert understood(said) == [theirs.ReplyCode(b"550-5.7.1 20 %%\r\n550 5.7.1 non\0")]


@pytest.mark.parametrize("size", [0, 1, wire.BODY_OCTETS, wire.BODY_OCTETS + 1, 200_000])
def test_another_body_goes_in_pieces_that_every_mta_takes(size):
    body = bytes(i % 251 for i in range(size))
    pieces = [message.content.tobytes() for message in understood(wire.with_body(body))]
    assert b"".join(pieces) == body
    assert all(len(piece) <= wire.BODY_OCTETS for piece in pieces)
