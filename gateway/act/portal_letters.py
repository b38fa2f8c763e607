"""What the sender of a parcel is told: by the internal way, never to strangers.

None repeats it, shows the link that opens the parcel, or leaves our domains. Officers are told of
what was not for its reader by `incident_letter`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gateway.act.calendar import WorkingDays
from gateway.act.correspondents import shown
from gateway.act.letter import Block, Link, Rows, Words, compose
from gateway.model import Letter, Recipient
from gateway.parcel import spoken

SECRET, TOLD = "secret", "portal"  # kinds of letters
_YOURS = "Cette page est à vous : ne transférez pas ce courriel."


@dataclass(frozen=True, slots=True)
class About:
    """Of which parcel a letter is. dossier: the mail's code. own: the token of the sender's page.
    Times in seconds since the epoch."""

    dossier: str
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    own: str = field(repr=False)
    received: float
    until: float


@dataclass(frozen=True, slots=True)
class PortalLetters:
    """url: of the portal. sender: From, an address of ours. sms: numbers can be given."""

    ours: Callable[[str], bool]
    sender: str
    url: str
    sms: bool = False
    help: str = ""
    calendar: WorkingDays = field(default_factory=WorkingDays)

    def code(self, about: About, code: str, now: float, *, anew: bool = False) -> Letter:
        """The only place where a code stands."""
        waits = "attend sur le portail :"
        if anew:
            waits = "attend sur le portail. Son destinataire demande un nouveau code :"
        blocks = (
            *self._begun(about, waits, "envoyé par le portail"),
            Words("Le code, à donner par téléphone :"),
            Rows(((spoken(code), ""),), indent=2),
            Words(
                "Ne l'envoyez pas par courriel : si l'adresse est fausse, une autre personne "
                "aurait le lien et le code. Assurez-vous d'abord que la personne au téléphone est "
                "bien celle à qui vous avez écrit."
            ),
            *([self._number()] if self.sms and not anew else []),
            *self._page(about),
        )
        what = "Nouveau code" if anew else "Code"
        return self._letter(SECRET, f"{what} à donner pour votre message", about, blocks, now)

    def read(self, about: About, now: float) -> Letter | None:
        when = self.calendar.on(now, now)
        ends = (Words(f"Il a été ouvert {when}."), *self._page(about))
        return self._told("a été lu", about, "est arrivé :", "lu", ends, now)

    def unread(self, about: About, now: float) -> Letter | None:
        """The recipient is not written to again: we do not know his link any more."""
        ends = (
            Words(
                f"Il y restera jusqu'au {self.calendar.in_words(about.until)}. Prévenez cette "
                "personne par téléphone : le courriel avec le lien est peut-être parmi ses "
                "indésirables, ou il lui manque le code."
            ),
            *self._page(about),
        )
        waits = "attend sur le portail, et n'est pas encore lu :"
        return self._told("n'est pas encore lu", about, waits, "pas encore lu", ends, now)

    def expired(self, about: About, now: float) -> Letter | None:
        ends = (Words("S'il est encore utile, appelez cette personne et renvoyez-le."),)
        waits = "n'a pas été lu à temps. Il n'est plus sur le portail :"
        return self._told("n'a pas été lu", about, waits, "jamais lu", ends, now)

    def locked(self, about: About, now: float) -> Letter | None:
        ends = (
            Words(
                "Quelqu'un a saisi trop de codes faux. Appelez cette personne : si c'était elle, "
                "renvoyez le message. Sinon, dites-le à la personne chargée de la protection des "
                "données."
            ),
            *self._page(about),
        )
        return self._told("est bloqué", about, "est bloqué :", "bloqué", ends, now)

    def recalled(self, about: About, now: float, *, read: bool) -> Letter | None:
        before = "Personne ne l'avait lu."
        if read:
            before = (
                "Il avait déjà été lu : le rappel empêche de le relire, mais ne reprend ni ce qui "
                "a été vu, ni les fichiers enregistrés."
            )
        ends = (Words(f"Le lien qui a été envoyé n'ouvre plus rien. {before}"),)
        return self._told("est rappelé", about, "est rappelé :", "rappelé", ends, now)

    def chosen(self, about: About, now: float) -> Letter | None:
        ends = (
            Words(
                "Cette personne a choisi un mot de passe. Les prochains messages protégés qui "
                "partiront d'ici pour cette adresse lui arriveront dans un document chiffré, "
                "qu'elle ouvrira avec lui : vous n'aurez plus de code à lui donner."
            ),
        )
        title = "est lu, les prochains auront un mot de passe"
        return self._told(title, about, "est arrivé :", "lu", ends, now)

    def refused(self, about: About, now: float) -> Letter | None:
        ends = (
            Words(
                "Cette personne dit que le message n'est pas pour elle. L'accès est fermé. "
                "Vérifiez l'adresse avant de renvoyer quoi que ce soit."
            ),
        )
        waits = "est arrivé à une autre personne que prévu :"
        return self._told("n'est pas arrivé à la bonne personne", about, waits, "refusé", ends, now)

    def _begun(self, about: About, waits: str, became: str) -> tuple[Block, ...]:
        return (
            Words("Bonjour,"),
            Words(f"Votre message du {self.calendar.in_words(about.received)} {waits}"),
            Rows(((shown(about.recipient), became),), indent=2, wrap=False),
        )

    def _number(self) -> Block:
        return Words(
            "Ou donnez son numéro de téléphone mobile sur la page ci-dessous : le code lui "
            "arrivera par SMS."
        )

    def _page(self, about: About) -> tuple[Block, ...]:
        return (
            Words(f"Suivre ou rappeler ce message ? {_YOURS}"),
            Link(f"{self.url}/e/{about.own}"),
            *([Words(f"Besoin d'aide : {self.help}")] if self.help else []),
        )

    def _told(
        self,
        title: str,
        about: About,
        waits: str,
        became: str,
        ends: tuple[Block, ...],
        now: float,
    ) -> Letter | None:
        if not self.ours(about.sender) or not about.sender.isprintable():
            return None
        blocks = (*self._begun(about, waits, became), *ends)
        return self._letter(TOLD, f"Votre message {title}", about, blocks, now)

    def _letter(
        self, kind: str, subject: str, about: About, blocks: Sequence[Block], now: float
    ) -> Letter:
        to = (about.sender,)
        title = f"{subject} (dossier {about.dossier})"
        content = compose(title, blocks, sender=self.sender, to=to, when=now)
        return Letter(kind, "", (Recipient(about.sender),), content, "notices", about.dossier)
