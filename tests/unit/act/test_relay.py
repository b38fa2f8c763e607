import asyncio
import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.act.hop import Hop, Routes
from gateway.act.relay import (
    BAD_ADDRESS,
    BAD_PARAMETER,
    BARE_LINE_END,
    BUSY,
    PooledRelay,
)
from gateway.act.smtp_client import LATE, NO_LOGIN, NO_TLS, UNREACHABLE
from gateway.errors import Misconfigured
from gateway.model import Envelope, Recipient
from tests.fakes import EXTENSIONS, Deed, NextHop

TRACE = b"Received: from a by gw.example; Mon, 23 Nov 2026 14:32:00 +0100\r\n"
CONTENT = b"From: s@ours.example\r\n\r\nBonjour\r\n"


def envelope(*to, sender="s@ours.example", options=()):
    return Envelope(sender, tuple(map(Recipient, to)), options)


def at(hop, **settings):
    return Hop("127.0.0.1", hop.port, **({"tls": "none"} | settings))


def relay_to(hop, *, idle=30.0, timeout=30.0, **settings):
    routes = Routes(at(hop, **settings))
    return PooledRelay(routes, hostname="gw.example", timeout=timeout, idle=idle)


async def send(relay, *to, content=(TRACE, CONTENT), seconds=30.0, route="default", options=()):
    deadline = asyncio.get_running_loop().time() + seconds
    mail = envelope(*to, options=options)
    return await relay.send(mail, content, deadline=deadline, route=route)


def replies(deliveries):
    return {address: delivery.reply for address, delivery in deliveries.items()}


def codes(deliveries):
    return {address: delivery.reply.code for address, delivery in deliveries.items()}


def over(hop, *contents, **settings):
    """Send one mail for each content to one hop, over one relay."""

    async def run():
        async with hop:
            relay = relay_to(hop, **settings)
            deliveries = [await send(relay, "a@x.example", content=c) for c in contents]
            await relay.close()
            return [delivery["a@x.example"].reply for delivery in deliveries]

    return asyncio.run(run())


# what arrives is what was sent


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b".\r\n",
        b".\r\n.\r\n..\r\n...x\r\n",
        b"a\r\n.\r\nb\r\n",
        b"a\r\n\r\n.\r\n\r\n",
        b"nul \0 and \xe9\xff\r\n",
        b"x" * 100_000 + b"\r\n",
        b"." * 100_000 + b"\r\n",
        b"a line, then one without its end",
        b"a\r\n.",
        b"QUIT\r\nMAIL FROM:<x@y>\r\n",
        (b"line of a large mail\r\n" * 4 + b".dot\r\n") * 40_000,
    ],
    ids=lambda content: repr(content[:20]),
)
def test_the_hop_gets_the_bytes_that_were_sent(content):
    hop = NextHop()
    [reply] = over(hop, (TRACE, content))
    end = b"" if content.endswith(b"\r\n") or not content else b"\r\n"
    assert reply.accepted
    assert hop.taken[0].content == TRACE + content + end


@settings(max_examples=60)
@given(
    st.lists(
        st.lists(
            st.sampled_from([b".", b"..", b"", b"\0", b"\xe9", b"a", b"MAIL FROM:<a@b>"]),
            max_size=3,
        ).map(b"".join),
        max_size=8,
    ).map(lambda lines: b"".join(line + b"\r\n" for line in lines)),
    st.booleans(),
)
def test_whatever_the_lines_the_hop_gets_the_bytes_and_nothing_else(content, pipelining):
    hop = NextHop(EXTENSIONS if pipelining else ("8BITMIME",))
    over(hop, (TRACE, content), (content,))
    assert [taken.content for taken in hop.taken] == [TRACE + content, content]
    assert len(hop.commands) == 1 + 3 + 3, "EHLO, twice MAIL RCPT DATA"


def test_a_mail_that_could_smuggle_another_is_refused_before_any_connection():
    hop = NextHop()
    assert over(hop, (b"a\n.\r\nMAIL FROM:<x@y>\r\n",)) == [BARE_LINE_END]
    assert hop.connections == 0


# connections


def test_one_connection_serves_mail_after_mail():
    hop = NextHop()
    over(hop, *[(CONTENT,)] * 5)
    assert (len(hop.taken), hop.connections) == (5, 1)


@pytest.mark.parametrize("last", [Deed.CLOSE, "421 4.4.2 idle too long"], ids=str)
def test_a_kept_connection_that_proves_stale_is_replaced(last):
    hop = NextHop(says={"MAIL": ["250 2.1.0 Ok", last]})
    assert [r.code for r in over(hop, (CONTENT,), (CONTENT,))] == [250, 250]
    assert (len(hop.taken), hop.connections) == (2, 2)


def test_it_is_replaced_only_once():
    hop = NextHop(says={"MAIL": ["250 2.1.0 Ok", Deed.CLOSE, Deed.CLOSE]})
    assert [r.code for r in over(hop, (CONTENT,), (CONTENT,))] == [250, 451]
    assert hop.connections == 2


@pytest.mark.parametrize(
    ("command", "why"),
    [("RCPT", "MAIL had been answered"), (".", "the hop may have the mail already")],
)
def test_a_kept_connection_lost_later_is_not_tried_again(command, why):
    hop = NextHop(says={command: ["250 2.0.0 Ok", Deed.CLOSE]})
    assert [r.code for r in over(hop, (CONTENT,), (CONTENT,))] == [250, 451]
    assert hop.connections == 1, why


def test_a_connection_closed_while_it_was_kept_is_not_used():
    async def run():
        async with NextHop() as hop:
            relay = relay_to(hop)
            await send(relay, "a@x.example")
            await hop.hang_up()
            again = await send(relay, "a@x.example")
            await relay.close()
            return hop, again

    hop, again = asyncio.run(run())
    assert (codes(again), hop.connections) == ({"a@x.example": 250}, 2)


def test_an_idle_connection_is_closed_with_quit():
    async def run():
        async with NextHop() as hop:
            relay = relay_to(hop, idle=0.01)
            await send(relay, "a@x.example")
            await hop.heard("QUIT")
            await send(relay, "a@x.example")
            await relay.close()
            return hop.connections

    assert asyncio.run(run()) == 2


def test_close_parts_politely_and_nothing_is_sent_afterwards():
    async def run():
        async with NextHop() as hop:
            relay = relay_to(hop)
            await send(relay, "a@x.example")
            await relay.close()
            await hop.heard("QUIT")
            return replies(await send(relay, "a@x.example")), hop.connections

    assert asyncio.run(run()) == ({"a@x.example": UNREACHABLE}, 1)


def test_never_more_connections_than_allowed():
    async def run():
        async with NextHop() as hop:
            relay = relay_to(hop, connections=3)
            sent = await asyncio.gather(*(send(relay, "a@x.example") for _ in range(30)))
            await relay.close()
            return hop, sent

    hop, sent = asyncio.run(run())
    assert all(codes(deliveries) == {"a@x.example": 250} for deliveries in sent)
    assert (len(hop.taken), hop.connections) == (30, 3)


def test_who_finds_no_connection_free_in_time_is_told_to_retry():
    async def run():
        async with NextHop(says={".": [Deed.STALL]}) as hop:
            relay = relay_to(hop, connections=1)
            first = asyncio.ensure_future(send(relay, "a@x.example"))
            await hop.heard("DATA")
            second = await send(relay, "b@x.example", seconds=10.1)
            first.cancel()
            await asyncio.wait([first])
            third = await send(relay, "c@x.example")
            await relay.close()
            return replies(second), replies(third), hop.connections

    second, third, connections = asyncio.run(run())
    assert second == {"b@x.example": BUSY}
    assert third["c@x.example"].accepted, "the cancelled one gave its place back"
    assert connections == 2, "and its connection was not used again"


def test_a_cancelled_mail_leaves_no_connection_behind():
    async def run():
        silent = b""  # no answer, but the hop goes on reading
        async with NextHop(says={"DATA": silent}) as hop:
            relay = relay_to(hop)
            mail = asyncio.ensure_future(send(relay, "a@x.example"))
            await hop.heard("DATA")
            mail.cancel()
            await hop.parted()
            return hop.taken

    assert asyncio.run(run()) == []


def test_with_less_than_ten_seconds_left_nothing_is_begun():
    async def run():
        async with NextHop() as hop:
            return replies(await send(relay_to(hop), "a@x.example", seconds=9.9)), hop.connections

    assert asyncio.run(run()) == ({"a@x.example": LATE}, 0)


def closed_port():
    async def run():
        async with NextHop() as hop:
            return hop.port

    return asyncio.run(run())


@pytest.mark.parametrize("host", ["127.0.0.1", "hop.invalid", "a..b", "x" * 70 + ".example"])
def test_a_hop_that_cannot_be_reached_is_a_reason_to_retry(host):
    relay = PooledRelay(Routes(Hop(host, closed_port())), hostname="gw.example", timeout=5)
    assert replies(asyncio.run(send(relay, "a@x.example"))) == {"a@x.example": UNREACHABLE}


# recipients and routes


def test_a_hop_that_is_down_is_no_concern_of_the_others():
    async def run():
        async with NextHop() as up, NextHop(says={"MAIL": Deed.STALL}) as down:
            routes = Routes(at(up), by_domain=(("*.down.example", at(down)),))
            relay = PooledRelay(routes, hostname="gw.example", timeout=1)
            sent = await send(relay, "a@x.example", "b@mail.down.example", "c@y.example")
            await relay.close()
            return up, down, sent

    up, down, sent = asyncio.run(run())
    assert codes(sent) == {"a@x.example": 250, "b@mail.down.example": 451, "c@y.example": 250}
    assert sent["a@x.example"].hop == f"127.0.0.1:{up.port}"
    assert sent["b@mail.down.example"].hop == f"127.0.0.1:{down.port}"
    assert up.taken[0].rcpts == ("RCPT TO:<a@x.example>", "RCPT TO:<c@y.example>")


@pytest.mark.parametrize(
    ("route", "address", "goes_to"),
    [
        ("default", "a@x.example", "default"),
        ("default", "a@chu.mss.example", "secure"),
        ("default", "a@CHU.MSS.Example", "secure"),
        ("default", "a@mss.example", "default"),
        ("default", "a@both.example", "secure"),
        ("sealed", "a@sealed.example", "sealed"),
        ("sealed", "a@chu.mss.example", "secure"),
        ("sealed", "a@x.example", "default"),
        ("default", "a@sealed.example", "default"),
        ("notices", "a@chu.mss.example", "inside"),
    ],
)
def test_the_first_route_that_matches_is_taken(route, address, goes_to):
    async def run():
        names = ("default", "secure", "other", "sealed", "inside")
        hops = {name: NextHop() for name in names}
        for hop in hops.values():
            await hop.__aenter__()
        routes = Routes(
            at(hops["default"]),
            by_domain=(
                ("*.MSS.example", at(hops["secure"])),
                ("both.example", at(hops["secure"])),
                ("both.*", at(hops["other"])),
            ),
            sealed=(("sealed.example", at(hops["sealed"])),),
            notices=at(hops["inside"]),
        )
        relay = PooledRelay(routes, hostname="gw.example")
        await send(relay, address, route=route)
        await relay.close()
        for hop in hops.values():
            await hop.__aexit__()
        return [name for name, hop in hops.items() if hop.taken]

    assert asyncio.run(run()) == [goes_to]


def test_notices_go_the_default_way_where_no_other_is_given():
    async def run():
        async with NextHop() as hop:
            sent = await send(relay_to(hop), "a@x.example", route="notices")
            return codes(sent)

    assert asyncio.run(run()) == {"a@x.example": 250}


def test_an_address_given_twice_is_sent_once():
    async def run():
        async with NextHop() as hop:
            await send(relay_to(hop), "a@x.example", "a@x.example")
            return hop.taken[0].rcpts

    assert asyncio.run(run()) == ("RCPT TO:<a@x.example>",)


@pytest.mark.parametrize(
    "address",
    [
        "a@x.example\r\nRCPT TO:<z@z.example>",
        "a@x.example> NOTIFY=NEVER",
        "a b@x.example",
        '"a"> <b"@x.example',
        '"a\r\nDATA"@x.example',
        "a\udcff@x.example",
        "a\0@x.example",
    ],
)
def test_an_address_that_would_change_the_dialogue_is_refused_alone(address):
    async def run():
        async with NextHop() as hop:
            return replies(await send(relay_to(hop), address, "b@x.example")), hop.commands

    said, commands = asyncio.run(run())
    assert said[address] == BAD_ADDRESS
    assert said["b@x.example"].accepted
    assert [c for c in commands if c.startswith("RCPT")] == ["RCPT TO:<b@x.example>"]


def test_a_quoted_local_part_may_hold_what_a_bare_one_may_not():
    async def run():
        async with NextHop() as hop:
            return codes(await send(relay_to(hop), r'"a b\">"@x.example')), hop.commands

    said, commands = asyncio.run(run())
    assert list(said.values()) == [250]
    assert r'RCPT TO:<"a b\">"@x.example>' in commands


def test_a_parameter_that_would_change_the_dialogue_is_refused():
    async def run():
        async with NextHop() as hop:
            return replies(await send(relay_to(hop), "a@x.example", options=("ENVID=a\r\nRSET",)))

    assert asyncio.run(run()) == {"a@x.example": BAD_PARAMETER}


# TLS


AUTHORITY = trustme.CA()
STRANGER = trustme.CA()


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def server_context(
    authority=AUTHORITY, name="127.0.0.1", *, clients=False, oldest=None, not_after=None
):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    begins = LONG_AGO if not_after else None
    authority.issue_cert(name, not_before=begins, not_after=not_after).configure_cert(context)
    if clients:
        AUTHORITY.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    if oldest:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = oldest
    return context


def self_signed():
    """An authority's own certificate, as a server's."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with trustme.Blob(
        authority.private_key_pem.bytes() + authority.cert_pem.bytes()
    ).tempfile() as path:
        context.load_cert_chain(path)
    return context


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(path)
    return str(path)


HOPS = {
    "right": lambda: NextHop(tls=server_context()),
    "by a stranger": lambda: NextHop(tls=server_context(STRANGER)),
    "for another": lambda: NextHop(tls=server_context(name="other.example")),
    "expired": lambda: NextHop(tls=server_context(not_after=LONG_AGO + timedelta(days=1))),
    "self-signed": lambda: NextHop(tls=self_signed()),
    "TLS 1.1": lambda: NextHop(tls=server_context(oldest=ssl.TLSVersion.TLSv1_1)),
    "TLS 1.0": lambda: NextHop(tls=server_context(oldest=ssl.TLSVersion.TLSv1)),
    "without": lambda: NextHop(),
    "refuses": lambda: NextHop(tls=server_context(), says={"STARTTLS": "454 4.7.0 no"}),
    "closes": lambda: NextHop(tls=server_context(), says={"STARTTLS": Deed.CLOSE}),
    "stalls": lambda: NextHop(tls=server_context(), says={"STARTTLS": Deed.STALL}),
    "injects": lambda: NextHop(
        tls=server_context(), says={"STARTTLS": b"220 go\r\n250-hop.example\r\n"}
    ),
}
CLEAR, SECURED, NOT_SENT = False, True, None
EXPECTED = {  # kind of hop: what becomes of a mail under each policy
    #               none   opportunistic  required  verified
    "right": (CLEAR, SECURED, SECURED, SECURED),
    "by a stranger": (CLEAR, SECURED, SECURED, NOT_SENT),
    "for another": (CLEAR, SECURED, SECURED, NOT_SENT),
    "expired": (CLEAR, SECURED, SECURED, NOT_SENT),
    "self-signed": (CLEAR, SECURED, SECURED, NOT_SENT),
    "TLS 1.0": (CLEAR, CLEAR, NOT_SENT, NOT_SENT),
    "TLS 1.1": (CLEAR, CLEAR, NOT_SENT, NOT_SENT),
    "without": (CLEAR, CLEAR, NOT_SENT, NOT_SENT),
    "refuses": (CLEAR, CLEAR, NOT_SENT, NOT_SENT),
    "closes": (CLEAR, CLEAR, NOT_SENT, NOT_SENT),
    "stalls": (CLEAR, CLEAR, NOT_SENT, NOT_SENT),
    "injects": (CLEAR, CLEAR, NOT_SENT, NOT_SENT),
}
POLICIES = ("none", "opportunistic", "required", "verified")


@pytest.mark.parametrize("kind", EXPECTED)
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
def test_a_mail_goes_secured_or_clear_or_not_at_all(kind, policy, ca):
    hop = HOPS[kind]()
    patience = 2.0 if kind == "stalls" else 30.0  # seconds; the machine may be busy
    [reply] = over(hop, (CONTENT,), tls=policy, ca=ca, timeout=patience)
    expected = EXPECTED[kind][POLICIES.index(policy)]
    if expected is NOT_SENT:
        assert (reply, hop.taken) == (NO_TLS, [])
    else:
        assert reply.accepted
        assert [taken.tls for taken in hop.taken] == [expected]


def test_what_was_offered_before_tls_is_asked_again_after_it(ca):
    hop = NextHop(tls=server_context())
    over(hop, (CONTENT,), (CONTENT,), tls="verified", ca=ca)
    assert [c.split()[0] for c in hop.commands][:3] == ["EHLO", "STARTTLS", "EHLO"]
    assert (len(hop.taken), hop.connections) == (2, 1)


@pytest.mark.parametrize(
    ("authority", "policy", "sent"),
    [
        (AUTHORITY, "verified", True),
        (STRANGER, "verified", False),
        (STRANGER, "required", True),
        (STRANGER, "opportunistic", True),
        (STRANGER, "none", True),
    ],
)
def test_implicit_tls_is_always_tls_and_checked_where_asked(authority, policy, sent, ca):
    hop = NextHop(tls=server_context(authority), implicit=True)
    [reply] = over(hop, (CONTENT,), tls=policy, mode="implicit", ca=ca)
    assert reply.accepted == sent
    assert [taken.tls for taken in hop.taken] == [True] * sent


def test_implicit_tls_never_falls_back_to_clear_text():
    hop = NextHop()
    [reply] = over(hop, (CONTENT,), tls="opportunistic", mode="implicit")
    assert (reply.code, hop.taken) == (451, [])


def test_large_mails_go_whole_over_tls(ca):
    content = (b"x" * 70 + b"\r\n.\r\n") * 50_000
    hop = NextHop(tls=server_context())
    [reply] = over(hop, (content,), tls="verified", ca=ca)
    assert reply.accepted
    assert hop.taken[0].content == content


def test_a_renewed_certificate_of_ours_is_shown_at_the_next_connection(tmp_path, ca):
    ours = tmp_path / "ours.pem"

    def renew(authority):
        fresh = tmp_path / "fresh.pem"
        authority.issue_cert("gw.example").private_key_and_cert_chain_pem.write_to_path(fresh)
        fresh.replace(ours)

    async def run():
        renew(STRANGER)
        async with NextHop(tls=server_context(clients=True)) as hop:
            relay = relay_to(hop, tls="verified", ca=ca, client_certificate=str(ours))
            said = [codes(await send(relay, "a@x.example"))]
            ours.write_bytes(b"half of a file")  # the old one is shown
            said.append(codes(await send(relay, "a@x.example")))
            renew(AUTHORITY)
            said.append(codes(await send(relay, "a@x.example")))
            await relay.close()
            return [code for codes in said for code in codes.values()]

    assert asyncio.run(run()) == [451, 451, 250]


def test_a_hop_may_ask_for_our_certificate(tmp_path, ca):
    ours = tmp_path / "ours.pem"
    AUTHORITY.issue_cert("gw.example").private_key_and_cert_chain_pem.write_to_path(ours)
    hop = NextHop(tls=server_context(clients=True))
    [reply] = over(hop, (CONTENT,), tls="verified", ca=ca, client_certificate=str(ours))
    assert reply.accepted


LOGIN = (*EXTENSIONS, "AUTH LOGIN PLAIN")


def test_we_log_in_over_tls(ca):
    hop = NextHop(LOGIN, tls=server_context())
    [reply] = over(hop, (CONTENT,), tls="verified", ca=ca, auth=("user", "pâsse"))
    assert reply.accepted
    assert "AUTH PLAIN AHVzZXIAcMOic3Nl" in hop.commands


@pytest.mark.parametrize(
    ("hop", "why"),
    [
        (lambda: NextHop(LOGIN), "not in clear text"),
        (lambda: NextHop(LOGIN, tls=server_context(), says={"STARTTLS": "454 no"}), "nor fallen"),
        (lambda: NextHop(tls=server_context()), "no PLAIN offered"),
        (lambda: NextHop(LOGIN, tls=server_context(), says={"AUTH": "535 no"}), "refused"),
    ],
)
def test_where_we_cannot_log_in_nothing_is_sent(hop, why):
    hop = hop()
    [reply] = over(hop, (CONTENT,), tls="opportunistic", auth=("user", "password"))
    assert (reply, hop.taken) == (NO_LOGIN, []), why
    if "AUTH" not in hop.says:
        assert not any(command.startswith("AUTH") for command in hop.commands)


@pytest.mark.parametrize(
    "settings", [{"tls": "sometimes"}, {"ca": "/missing.pem"}, {"client_certificate": "/none.pem"}]
)
def test_a_hop_that_cannot_work_stops_the_start(settings):
    with pytest.raises(Misconfigured, match=r"hop\.example"):
        PooledRelay(Routes(Hop("hop.example", 25, **settings)), hostname="gw.example")


def test_a_password_is_in_no_representation():
    assert "s3cret" not in repr(Routes(Hop("h", 25, auth=("user", "s3cret"))))
