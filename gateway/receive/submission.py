"""The submission door (RFC 6409, RFC 8314): the SMTP door for mail programs, behind a password.

For a practice that has no mail server of its own: its programs send here, and `relay` hands on to
the provider. AUTH PLAIN and LOGIN (RFC 4954, RFC 4616), over TLS only: STARTTLS on 587, TLS from
the first octet on 465. A user writes in the name of his own addresses: that of the envelope, and
where the door is told so, those of the From field. A wrong password is answered late, and many of
them not at all; where nobody can be asked about a password, none is called wrong.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from gateway.errors import Temporary
from gateway.model import Reply
from gateway.receive import wording
from gateway.receive.author import authors
from gateway.receive.chunks import Chunks
from gateway.receive.data import Data
from gateway.receive.proxy import Peer
from gateway.receive.smtp import SmtpSession
from gateway.receive.wording import Refusal, refused

if TYPE_CHECKING:
    from gateway.receive.door import Door

WRONG_SECONDS = 1.0  # before a wrong password is answered
STRANGER_SECONDS = 60.0  # for each command before the password: anybody may connect here
_GUESSES_HERE = 3  # on one connection
_ASK_USER = b"334 VXNlcm5hbWU6\r\n"  # "Username:" and "Password:", as LOGIN's draft has them
_ASK_PASSWORD = b"334 UGFzc3dvcmQ6\r\n"
_ASK_BOTH = b"334 \r\n"


class SubmissionSession(SmtpSession):
    name: ClassVar[str] = "submission"
    verbs: ClassVar[frozenset[str]] = SmtpSession.verbs - {"XFORWARD", "VRFY", "EXPN"} | {"AUTH"}

    def __init__(self, door: Door, client: Peer | None = None) -> None:
        super().__init__(door, client)
        self._senders: tuple[str, ...] = ()
        self._asked: Callable[[bytes], None] | None = None  # what the next line answers
        self._wrong = 0
        self._timeout_duration = min(STRANGER_SECONDS, door.settings.command_seconds)

    def _welcome(self) -> None:
        """A full door lets nobody in: strangers could use up what the other doors live on."""
        if self._is_locked_out():
            self._say(wording.TOO_MANY_GUESSES)
            self._hang_up()
        elif self._excess:
            self._say(wording.FULL)
            self._hang_up()
        else:
            super()._welcome()

    def _is_locked_out(self) -> bool:
        locked = self._door.lockout.holds(self._address, self.loop.time())
        if locked:
            self._door.event("login locked", {"door": self.name, "client": self._address})
        return locked

    def _offers(self) -> list[str]:
        offers = [offer for offer in super()._offers() if not offer.startswith("XFORWARD")]
        if self._tls_version() and not self._logged_in:
            offers.append("AUTH PLAIN LOGIN")
        return offers

    def _forget_client(self) -> None:
        super()._forget_client()
        self._logged_in, self._senders = False, ()
        self._timeout_duration = min(STRANGER_SECONDS, self._door.settings.command_seconds)

    def do_mail(self, arg: str) -> None:
        self._after_login()
        super().do_mail(arg)

    def do_bdat(self, arg: str) -> None:
        """No chunk of a stranger's is read, however long: the refusal ends the connection."""
        self._after_login()
        super().do_bdat(arg)

    def _after_login(self) -> None:
        if not self._logged_in:
            raise Refusal(530, "5.7.0", "Identification requise")

    def _check_sender(self, sender: str) -> None:
        """A null sender is for answers that mail programs give by themselves (RFC 8098)."""
        compared = self._door.settings.compare != "nothing"
        if compared and sender and not self._owns(sender.lower()):
            raise Refusal(553, "5.7.1", "Vous ne pouvez pas envoyer au nom de cette adresse")

    def _owns(self, address: str) -> bool:
        return address in self._senders or f"@{address.rpartition('@')[2]}" in self._senders

    def _refusal(self, content: bytes, data: Data | Chunks) -> Reply | None:
        refusal = super()._refusal(content, data)
        if refusal is None and self._door.settings.compare == "from":
            named = authors(content)
            if not named or not all(map(self._owns, named)):
                text = "Le champ De (From) doit porter une de vos adresses, et une seule fois"
                return refused(550, "5.7.1", text, self._door.settings.help)
        return refusal

    # -- AUTH ------------------------------------------------------------------------------------

    def do_auth(self, arg: str) -> None:
        self._after_greeting()
        if not self._tls_version():
            raise Refusal(538, "5.7.11", "Chiffrement requis : STARTTLS d'abord")
        if self._logged_in or self._transaction is not None:
            raise Refusal(503, "5.5.1", "AUTH vient une fois, et avant MAIL")
        mechanism, _, initial = arg.partition(" ")
        begin = {"PLAIN": (_ASK_BOTH, self._plain), "LOGIN": (_ASK_USER, self._login)}
        known = begin.get(mechanism.upper())
        if known is None:
            raise Refusal(504, "5.5.4", "AUTH : PLAIN ou LOGIN")
        question, answer = known
        if initial:
            answer(initial.encode("ascii", "replace"))
        else:
            self._ask(question, answer)

    def _ask(self, question: bytes, answer: Callable[[bytes], None]) -> None:
        self._asked = answer
        self._say(question)

    def _obey(self, line: bytes) -> None:
        asked, self._asked = self._asked, None
        if asked is None:
            super()._obey(line)
            return
        self._reset_timeout()
        try:
            if line.strip() == b"*":
                raise Refusal(501, "5.7.0", "Identification abandonnee")
            asked(line.strip())
        except Refusal as refusal:
            self._refuse(refusal.reply)

    def _plain(self, answer: bytes) -> None:
        """RFC 4616: in whose name, user and password, by zeros; nobody acts in another's name."""
        other, _, rest = _decoded(answer).partition("\0")
        user, zero, password = rest.partition("\0")
        if not zero or other not in ("", user):
            raise _malformed()
        self._verify(user, password)

    def _login(self, answer: bytes) -> None:
        user = _decoded(answer)
        self._ask(_ASK_PASSWORD, lambda said: self._verify(user, _decoded(said)))

    def _verify(self, user: str, password: str) -> None:
        if self._is_locked_out():  # by what it guessed on other connections meanwhile
            self._say(wording.TOO_MANY_GUESSES)
            self._over = True
            return
        self._wait_for(self._verified(user, password))

    async def _verified(self, user: str, password: str) -> None:
        try:
            senders = await self._door.login(user, password)
        except Temporary:
            self._door.event("login not judged", {"door": self.name})
            self._say(
                b"454 4.7.0 Identification impossible pour le moment, nouvel essai plus tard\r\n"
            )
            return
        if senders is not None:
            self._senders = tuple(sender.lower() for sender in senders)
            self._logged_in = True
            self._timeout_duration = self._door.settings.command_seconds
            self._say(b"235 2.7.0 Bonjour\r\n")
            return
        self._wrong += 1
        self._door.lockout.note(self._address, self.loop.time())
        self._door.event("login refused", {"door": self.name, "client": self._address})
        await asyncio.sleep(WRONG_SECONDS)
        self._say(b"535 5.7.8 Utilisateur ou mot de passe incorrect\r\n")
        if self._wrong >= _GUESSES_HERE:
            self._say(wording.TOO_MANY_ERRORS)
            self._over = True


def _decoded(answer: bytes) -> str:
    try:
        return base64.b64decode(b"" if answer == b"=" else answer, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise _malformed() from None


def _malformed() -> Refusal:
    return Refusal(501, "5.5.2", "AUTH : reponse incorrecte")
