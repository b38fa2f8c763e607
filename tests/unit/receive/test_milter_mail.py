"""Addresses as MTAs show them to a milter, and one mail put together."""

from __future__ import annotations

from gateway.receive.milter_mail import begin
from tests.unit.receive import mta
from tests.unit.receive.test_milter import OURS, letting_through, scene


@scene(letting_through)
async def test_names_that_the_mta_completes_are_addresses(one):
    """Printers and programs of the machine give no domain; Postfix takes a final dot, too."""
    await one.ask(mta.packet("M", mta.zero("<scanner>", "SIZE=12")))
    for path in ("<root>", "<André>", f"<{OURS}.>"):
        assert await one.ask(mta.packet("R", mta.zero(path, "NOTIFY=NEVER"))) == [("c", b"")]
    assert (await one.ask(*mta.content()))[-1:] == [("a", b"")]
    [seen] = one.journey.mails
    assert seen.envelope.sender == "scanner"
    assert seen.envelope.addresses == ("root", "André", OURS)
    assert seen.envelope.options == ("SMTPUTF8",)
    assert {r.options for r in seen.envelope.recipients} == {("NOTIFY=NEVER",)}


@scene(letting_through, recipients=1)
async def test_who_did_not_come_by_smtp_cannot_be_refused_alone(one):
    """Postfix would keep the whole mail, and try it for ever."""
    several = [mta.packet("R", mta.zero(address)) for address in ("a@a.fr", "b@a.fr")]
    assert await one.ask(mta.packet("M", mta.zero(OURS)), *several) == [("c", b"")] * 3


def test_a_mail_is_held_in_memory_once():
    shown = begin((b"<a@b.fr>",), "7K2F-9QXD", spaced=True)
    shown.add_body(b"x" * 900)
    assert len(shown.content()) == 902
    assert shown.content() == b"\r\n"
