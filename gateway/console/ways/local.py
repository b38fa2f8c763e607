"""Name, password, and the code of a second factor where the account has one.

An account with a password of ours is judged by that alone; any other by the directory, where there
is one. So no local password is ever shown to the directory, and none opens an account whose groups
must be looked at. What is wrong is never told: a name
that is nobody's takes a password's time, too.
"""

from __future__ import annotations

import asyncio

from gateway import passwords
from gateway.console import credentials
from gateway.console.desk import Desk
from gateway.console.ways import ldap
from gateway.console.ways.groups import account_name
from gateway.ldap.wire import Away
from gateway.store.accounts import Account
from gateway.store.identities import Person

WAY = "local"


class NotAdmitted(Exception):
    """The password is right, and opens nothing here. why: from `Identities.admit`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


async def recognised(desk: Desk, typed: str, password: str, code: str) -> tuple[str, str]:
    """The account's name and the way that it was recognised by; ("", "") for nobody. On record.
    Raises NotAdmitted."""
    async with desk.entrance.turn(typed.lower()):
        return await _recognised(desk, typed, password, code)


async def _recognised(desk: Desk, typed: str, password: str, code: str) -> tuple[str, str]:
    account, now = await desk.accounts.get(typed.lower()), desk.clock()
    stored = account.password if account and not account.origin else ""
    fits = await asyncio.to_thread(passwords.fits, stored, password)
    if account is not None and (account.disabled or account.locked_until > now):
        return "", ""
    if not stored and desk.entrance.ldap is not None:
        return await _by_directory(desk, account, typed, password, code)
    if account is None:
        return "", ""
    return (account.name, WAY) if await _entered(desk, account, fits, code, WAY) else ("", "")


async def _by_directory(
    desk: Desk, account: Account | None, typed: str, password: str, code: str
) -> tuple[str, str]:
    try:
        person = await _asked(desk, account, typed, password)
    except Away as away:
        desk.log.warning("sign-in failed", way=ldap.WAY, why=away.code)
        return "", ""
    if person is not None and (why := await desk.entrance.identities.admit(person)):
        raise NotAdmitted(why)
    account = account or (await desk.accounts.get(person.name) if person else None)
    if account and await _entered(desk, account, person is not None, code, ldap.WAY):
        return account.name, ldap.WAY
    return "", ""


async def _asked(desk: Desk, account: Account | None, typed: str, password: str) -> Person | None:
    """By the directory; of a name that has no account only where groups make one."""
    directory, strangers, now = desk.entrance.ldap, desk.entrance.strangers, desk.clock()
    assert directory is not None
    name = account_name(typed)
    if account is not None:
        return await directory.recognise(account.name, password)
    if not name or not directory.makes_accounts or strangers.is_shut(name, now):
        return None
    person = await directory.recognise(name, password)
    if person is None:
        strangers.wrong(name, now)
    return person


async def _entered(desk: Desk, account: Account, fits: bool, code: str, way: str) -> bool:
    """Second factor, then the record: of a success, or of one more failure."""
    step = 0
    if fits and account.has_second_factor:
        step = credentials.step_of(account.totp(desk.keys), code, desk.clock())
        fits = step > 0
    if fits and await desk.accounts.succeeded(account.name, step, way):
        return True
    await desk.accounts.failed(account.name, way)
    return False
