"""Who judges the passwords of the submission door: the file of users, a directory or the provider.

A directory or a provider that cannot be asked is Temporary: a right password must never be called
wrong. A file beside them says in whose name somebody sends; whom it does not name sends in that of
the addresses which the directory knows, or of the name he logs in with where that is an address.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import smtplib
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path

from gateway.config import Config, read_login
from gateway.config_doors import Submission
from gateway.config_ways import LdapServer
from gateway.errors import Misconfigured, Temporary
from gateway.ldap.directory import Directory, Terms
from gateway.ldap.wire import Away
from gateway.passwords import fits
from gateway.ports import Login
from gateway.submitters import Submitters, UsersFile

Event = Callable[[str], None]

_AT_ONCE = 4  # logins tried at the provider at the same time
_SECONDS = 10.0  # for each answer of the provider
_PATIENCE = 30.0  # until it is one's turn; mail programs wait a minute or two
_WRONG = (525, 534, 535)  # RFC 4954 and RFC 7372: about the person; others, about the server
# Nothing that a distinguished name or a filter reads as more than itself.
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,127}", re.ASCII)


def login(config: Config, door: Submission, event: Event) -> Login:
    """Raises Misconfigured."""
    if door.passwords == "users" and door.users is not None:
        return Submitters(door.users, fits, event)
    file = UsersFile(door.users, event, passwords=False) if door.users else None
    if door.ldap is not None:
        return ByDirectory(directory_of(door.ldap), file, event)
    return ByRelay(*_provider(config), file, event)


class ByDirectory:
    """`gateway.ports.Login`."""

    def __init__(self, directory: Directory, file: UsersFile | None, event: Event) -> None:
        self._directory, self._file, self._event = directory, file, event

    async def __call__(self, user: str, password: str) -> Sequence[str] | None:
        name = user.strip().lower()
        if not _NAME.fullmatch(name):
            return None
        try:
            found = await self._directory.find(name, password)
        except Away as away:
            self._event(f"directory away: {away.code}")
            raise Temporary from None
        return None if found is None else _senders(self._file, name, found.addresses)


class ByRelay:
    """`gateway.ports.Login`: whoever may log in at the provider may send here.

    implicit: TLS from the first octet on. Encrypted and verified in any case: it is a password.
    """

    def __init__(
        self,
        host: str,
        port: int,
        implicit: bool,
        context: ssl.SSLContext,
        hostname: str,
        file: UsersFile | None,
        event: Event,
    ) -> None:
        self._host, self._port, self._implicit = host, port, implicit
        self._context, self._hostname = context, hostname
        self._file, self._event = file, event
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def __call__(self, user: str, password: str) -> Sequence[str] | None:
        if not user or not password or "\0" in user + password:
            return None
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._turn.acquire()
            try:
                right = await asyncio.to_thread(self._logs_in, user, password)
            finally:
                self._turn.release()
        except (OSError, smtplib.SMTPException, Temporary) as error:
            self._event(f"provider away: {type(error).__name__}")
            raise Temporary from None
        own = (user.lower(),) if "@" in user else ()
        return _senders(self._file, user, own) if right else None

    def _logs_in(self, user: str, password: str) -> bool:
        client = self._connected()
        try:
            if not self._implicit:
                client.starttls(context=self._context)
            return self._judged(client, user, password)
        finally:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                client.putcmd("QUIT")  # what it answers says nothing of the password
            client.close()

    def _judged(self, client: smtplib.SMTP, user: str, password: str) -> bool:
        client.ehlo()
        offered = client.esmtp_features.get("auth", "").upper().split()
        if "PLAIN" in offered:
            both = _in_letters(f"{chr(0)}{user}{chr(0)}{password}")
            said = client.docmd("AUTH", f"PLAIN {both}")
        elif "LOGIN" in offered:
            said = client.docmd("AUTH", "LOGIN")
            for word in (user, password):
                said = client.docmd(_in_letters(word)) if said[0] == 334 else said
        else:
            raise Temporary
        if said[0] != 235 and said[0] not in _WRONG:
            raise Temporary
        return said[0] == 235

    def _connected(self) -> smtplib.SMTP:
        if self._implicit:
            return smtplib.SMTP_SSL(
                self._host,
                self._port,
                self._hostname,
                timeout=_SECONDS,
                context=self._context,
            )
        return smtplib.SMTP(self._host, self._port, self._hostname, timeout=_SECONDS)


def _senders(file: UsersFile | None, user: str, known: Sequence[str]) -> Sequence[str]:
    """A whole domain is given by the file alone: "@domain" told by another is no address."""
    named = file.get(user) if file else None
    return named.senders if named else tuple(one for one in known if not one.startswith("@"))


def _in_letters(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _provider(config: Config) -> tuple[str, int, bool, ssl.SSLContext, str]:
    hop = config.relay.default if config.relay else None
    if hop is None or not hop.host or hop.protocol != "smtp":
        raise Misconfigured("doors: passwords: relay needs relay.default with a host, over SMTP")
    context = authority(hop.ca)
    if hop.client_certificate is not None:
        context.load_cert_chain(hop.client_certificate)
    return str(hop.host), hop.port, hop.mode == "implicit", context, str(config.hostname)


def directory_of(told: LdapServer, groups: str = "", group_base: str = "") -> Directory:
    """groups: the attribute that names them; "": nobody asks. Raises Misconfigured."""
    reader, password = reader_of(told.auth)
    terms = Terms(
        host=told.host,
        port=told.port,
        security=told.security,
        base=told.base,
        reader=reader,
        password=password,
        template=told.template,
        account=told.account_attribute,
        addresses=(told.address_attribute,),
        groups=groups,
        group_base=group_base,
        equal=tuple(told.match.items()),
    )
    return Directory(terms, authority(told.ca))


def reader_of(auth: Path | None) -> tuple[str, str]:
    """Who searches a directory, and his password; "" where anybody may. Raises Misconfigured."""
    if auth is None:
        return "", ""
    reader = read_login(auth)
    return reader.user, reader.password.get_secret_value()


def authority(ca: Path | None) -> ssl.SSLContext:
    """Trusts the system's authorities, or the one that is named."""
    try:
        return ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError):
        raise Misconfigured(f"{ca}: not an authority's certificate in PEM") from None
