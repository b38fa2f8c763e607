"""What a door says by itself, before and after any mail: fixed lines, ready to send.

Replies are US-ASCII and at most 512 octets a line (RFC 5321, 4.5.3.1.5), with the codes of RFC
3463. What a person may come to read is French, in words that need no accent; what only programs
read keeps the usual English. No text quotes what the client sent.
"""

from __future__ import annotations

from gateway.model import Reply

LINE_OCTETS = 512  # with CRLF
_UNPRINTABLE = dict.fromkeys([*range(32), 127], "?")


class Refusal(Exception):
    """A command that is not obeyed, with the reply that says so."""

    def __init__(self, code: int, enhanced: str, text: str) -> None:
        super().__init__(code)
        self.reply = Reply(code, enhanced, (text,))

    @classmethod
    def of(cls, reply: Reply) -> Refusal:
        return cls(reply.code, reply.enhanced, *reply.text)


def wire(reply: Reply) -> bytes:
    """As sent. A text from elsewhere (the next hop's) cannot add a line or break a rule."""
    lines = (line.translate(_UNPRINTABLE).encode("ascii", "replace") for line in reply.lines())
    return b"".join(line[: LINE_OCTETS - 2] + b"\r\n" for line in lines)


def refused(code: int, enhanced: str, text: str, help_: str = "") -> Reply:
    """A refusal for good, with the site's own word on whom to ask."""
    return Reply(code, enhanced, (f"{text} {help_}".rstrip(),))


def try_later(code: str) -> Reply:
    """Our own failure: never a reason, since it could tell something about the mail."""
    text = f"Nouvel essai automatique en cours. Rien n'est perdu. Code : {code}"
    return Reply(451, "4.3.0", (text,))


def overloaded(enhanced: str) -> Reply:
    return Reply(451, enhanced, ("Nouvel essai automatique en cours. Rien n'est perdu.",))


def too_big(limit: int, help_: str) -> Reply:
    mega = 1024 * 1024
    said = f"{limit // mega} Mo" if limit >= mega and limit % mega == 0 else f"{limit} octets"
    return refused(552, "5.3.4", f"Ce message est trop lourd. Maximum : {said}.", help_)


def too_many_recipients(limit: int) -> Reply:
    return Reply(452, "4.5.3", (f"Trop de destinataires pour un seul envoi. Maximum : {limit}.",))


NOT_A_CLIENT = "Cette machine n'a pas le droit d'envoyer par ce serveur."
BARE_NEWLINE = "Ce message contient des fins de ligne incorrectes (CR ou LF seul)."
LOOP = "Ce message tourne en rond : plus de {} champs Received."

SENDER_OK = b"250 2.1.0 Ok\r\n"
RECIPIENT_OK = b"250 2.1.5 Ok\r\n"
OK = b"250 2.0.0 Ok\r\n"
GO_AHEAD = b"354 End data with <CR><LF>.<CR><LF>\r\n"
GOODBYE = b"221 2.0.0 Au revoir\r\n"
CANNOT_TELL = b"252 2.0.0 Adresse acceptable, sans garantie de remise\r\n"
IDLE = b"421 4.4.2 Connexion inactive, fermeture\r\n"
LEAVING = b"421 4.3.2 Le service ferme, nouvel essai plus tard\r\n"
TOO_MANY_CONNECTIONS = b"421 4.7.0 Trop de connexions ouvertes par cette machine\r\n"
FULL = b"421 4.3.2 Trop de connexions ouvertes, nouvel essai plus tard\r\n"
TOO_MANY_GUESSES = b"421 4.7.0 Trop de mots de passe incorrects, revenez dans dix minutes\r\n"
TOO_MANY_ERRORS = b"421 4.7.0 Trop d'erreurs, fermeture\r\n"
