"""The MSSanté space: who may be written to there, and what its mail may never become.

Its domains belong to operators that know each other by certificate; mail enters through one's own
operator alone, under an address of one's own there, which a white list of domains bears (ANS,
référentiels MSSanté). So a recipient of the space is refused, with what to do instead, where no
sure route leads there, where the sender has no such address, or where his domain is not listed.
What rules would hold for him is refused, too: mail of the space is not kept outside of it.

A list that is out of force is no verdict: the mail waits at whoever brings it (`act.mssante`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from gateway.decide.places import Domains, domain_of
from gateway.decide.terms import WAITS
from gateway.model import Disposition, Mail, Verdict

NO_ROUTE, NO_SENDER, UNLISTED = "mssante/no-route", "mssante/no-sender", "mssante/unlisted"
_NOT_KEPT = "mssante/not-kept"
_REASONS = {
    NO_ROUTE: "adresse MSSanté, et aucune route sûre n'y mène d'ici",
    NO_SENDER: "l'expéditeur n'a pas d'adresse MSSanté à lui",
    UNLISTED: "domaine absent de la liste blanche MSSanté",
    _NOT_KEPT: "vers MSSanté, rien n'est gardé en quarantaine",
}
_ADVICE = {
    NO_ROUTE: "Cette adresse est de l'espace MSSanté, où cette messagerie ne peut pas écrire.\n"
    "Que faire : écrivez-lui depuis votre boîte MSSanté, si vous en avez une.",
    NO_SENDER: "Cette adresse est de l'espace MSSanté : on n'y écrit que sous une adresse MSSanté "
    "à soi,\net vous n'en avez pas ici.\n"
    "Que faire : demandez-en une à votre service informatique, ou écrivez depuis votre boîte "
    "MSSanté.",
    UNLISTED: "Le domaine de cette adresse n'est pas dans la liste blanche MSSanté.\n"
    "Que faire : vérifiez l'adresse dans l'annuaire santé, et renvoyez.",
    _NOT_KEPT: "Ce message ne part pas vers MSSanté : une règle de votre organisme l'arrête.\n"
    "Que faire : retirez ce qui n'a pu être lu ou ne doit pas sortir, et renvoyez.",
}


def _everything(domain: str) -> bool | None:
    return True


@dataclass(frozen=True, slots=True)
class Space:
    """domains: of the space. routed: those that a sure route leads to. sender: the address there of
    an ordinary one, or "". listed: whether a domain is on the white list; None: none is in force.
    keep_held: what is stopped waits in the quarantine all the same.
    """

    domains: Domains
    routed: Domains
    sender: Callable[[str], str] = lambda address: ""
    listed: Callable[[str], bool | None] = _everything
    keep_held: bool = False

    def holds(self, address: str) -> bool:
        return domain_of(address) in self.domains

    def own(self, address: str) -> str:
        """Under which address this one writes there; "" for none."""
        return address if self.holds(address) else self.sender(address)

    def waits(self, recipient: str) -> bool:
        """Until a white list is in force again."""
        return self.listed(domain_of(recipient)) is None

    def objection(self, mail: Mail, recipient: str) -> str:
        """The rule by which this recipient is refused; "" where none does."""
        if domain_of(recipient) not in self.routed:
            return NO_ROUTE
        if not self.own(mail.envelope.sender):
            return NO_SENDER
        return UNLISTED if self.listed(domain_of(recipient)) is False else ""

    def settle(self, mail: Mail, verdict: Verdict) -> Verdict:
        """What becomes of a verdict of the rules: the same for who is not of the space."""
        if not self.holds(verdict.recipient) or verdict.disposition is Disposition.REJECT:
            return verdict
        if rule := self.objection(mail, verdict.recipient):
            return replace(
                verdict, disposition=Disposition.REJECT, rule=rule, reasons=(_REASONS[rule],)
            )
        if self.keep_held:
            return verdict
        if verdict.disposition in (*WAITS, Disposition.QUARANTINE):
            reasons = (*verdict.reasons, _REASONS[_NOT_KEPT])
            return replace(verdict, disposition=Disposition.REJECT, reasons=reasons)
        return replace(verdict, otherwise=Disposition.REJECT)

    def advice(self, verdict: Verdict) -> str:
        """What a refusal tells the sender; "" for who is not of the space."""
        return self.refusal(verdict.rule) if self.holds(verdict.recipient) else ""

    def refusal(self, rule: str) -> str:
        return _ADVICE.get(rule, _ADVICE[_NOT_KEPT])
