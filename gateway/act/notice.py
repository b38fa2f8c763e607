"""Our own letters: to the sender of a held mail, to the officers, and the refusal in SMTP.

Each goes only to addresses of our domains, from the null sender; none holds a value found, a name,
a subject or a file name. A recipient's address is shown to the sender alone, its local part masked
where it may be an identifier. Letters of kind "notice" may be told of together (`act.bundle`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from gateway.act import advice, monthly, secret_words, weekly, wording
from gateway.act.calendar import WorkingDays, age
from gateway.act.correspondents import is_automaton, shown
from gateway.act.letter import Block, Choices, Link, Rows, Words, compose
from gateway.act.urgency import is_bulk
from gateway.model import Disposition, Inspection, Letter, Mail, Recipient, Verdict
from gateway.ports import Hold

SOON_SECONDS = 2 * 3600  # an answer asked for in less would come too late to be one
_BECOMES = {
    Disposition.PASS: "remis normalement",
    Disposition.TAG: "remis normalement",
    Disposition.ENCRYPT: "envoyé chiffré",
    Disposition.REJECT: "refusé",
}
_HELD = "retenu"
_NOT_GONE = "Il n'est pas parti vers :"
_IF_STILL = Words("S'il est encore utile, vérifiez les adresses et renvoyez-le.")


@dataclass(frozen=True, slots=True)
class Case:
    """A held mail as the letters after the first tell of it. persons: 0 when unknown.

    Times in seconds since the epoch. sender and recipients: for the sender's letters only.
    """

    id: str
    received: float
    rule: str
    persons: int
    until: float
    sender: str = field(default="", repr=False)
    recipients: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Notices:
    """Settings of all letters; an empty one leaves its sentence out.

    sender:   From, an address of ours.       url:    of the console, without a slash at the end.
    phone:    "poste 4512".                   help:   address that answers questions.
    intranet: where staff are told of the control.
    hours:    when officers work, whole hours, local time.
    owners:   address of an automaton to that of whoever answers for it.
    deputies: who is reminded, if not the officers themselves.
    title:    title of a rule, by its id.
    urgent:   number for urgent care, day and night; "" where no urgent sending is configured.
    portal:   recipients can be sent to the portal.
    no_sanction: the declared purposes exclude evidence against staff.
    protects: whom the control protects, "les assurés" or "les patients".
    ticket: what opens the sender's page, of (dossier, sender, when received); "" for none.
    urges: whether this sender may send urgently on his page.
    secure: a recipient's address in the MSSanté space, to be proposed; "" for none.
    teams: officers and deputies of each compartment; `officers` where it is not among them.
    """

    ours: Callable[[str], bool]
    sender: str
    officers: tuple[str, ...] = ()
    deputies: tuple[str, ...] = ()
    url: str = ""
    phone: str = ""
    help: str = ""
    intranet: str = ""
    hours: tuple[int, int] = (9, 18)
    calendar: WorkingDays = field(default_factory=WorkingDays)
    owners: tuple[tuple[str, str], ...] = ()
    title: Callable[[str], str] = lambda rule: ""
    urgent: str = ""
    portal: bool = False
    no_sanction: bool = False
    protects: str = "les assurés"
    ticket: Callable[[str, str, float], str] = lambda hold, sender, received: ""
    urges: Callable[[str], bool] = lambda sender: False
    secure: Callable[[str], str] = lambda recipient: ""
    teams: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)

    def of(self, compartment: str) -> Notices:
        """The same letters, to those who answer for it."""
        officers, deputies = self.teams.get(compartment, (self.officers, self.deputies))
        return replace(self, officers=officers, deputies=deputies)

    def own_page(self, hold: str, ticket: str) -> Link:
        """Of the sender. Personal: whoever has it may act on his mail."""
        return Link(f"{self.url}/m/{hold}" + (f"?t={ticket}" if ticket else ""))

    def held(
        self, mail: Mail, verdicts: Sequence[Verdict], seen: Inspection, hold: Hold
    ) -> list[Letter]:
        """All letters to be committed with a hold: the sender's, and the officers' if grave."""
        letters: list[Letter | None] = []
        told = {word for verdict in verdicts for word in verdict.notify}
        sender = self.sender_of(mail) if "sender" in told else ""
        if sender:
            letters.append(self._retained(mail, verdicts, seen, hold, sender))
        if hold.grave:
            team = self.of(hold.compartment)
            letters.append(team.grave(mail, seen, hold, sender_told=bool(sender)))
        return [letter for letter in letters if letter]

    def cancelled(self, case: Case, now: float) -> Letter | None:
        """Nobody ruled in time."""
        end = "est annulé : personne n'a pris de décision avant la date prévue. "
        return self.outcome(case, now, "est annulé", end + _NOT_GONE, "annulé", (_IF_STILL,))

    def rejected(self, case: Case, now: float) -> Letter | None:
        """An officer ruled against it."""
        end = "ne part pas : la personne chargée de la quarantaine l'a décidé. "
        return self.outcome(case, now, "ne part pas", end + _NOT_GONE, "annulé", (_IF_STILL,))

    def withdrawn(self, case: Case, now: float) -> Letter | None:
        """By a click on the sender's page; should another have clicked, he learns of it."""
        end = "est annulé, comme demandé sur sa page. " + _NOT_GONE
        return self.outcome(case, now, "est annulé", end, "annulé", ())

    def released(self, case: Case, now: float, became: str = "envoyé") -> Letter | None:
        end = "était retenu avant sa sortie. Il est maintenant parti vers :"
        return self.outcome(case, now, "est parti", end, became, ())

    def pdf_secret(
        self, mail: Mail, recipients: Sequence[str], secret: str, texted: Sequence[str] = ()
    ) -> Letter:
        """The only place where the secret of an encrypted document stands."""
        hour = self.calendar.hour_in_words(mail.received)
        blocks = (
            Words("Bonjour,"),
            Words(
                f"Votre message du {self.calendar.in_words(mail.received)} est parti chiffré, "
                "dans un document protégé, vers :"
            ),
            self._addressees(recipients, "envoyé chiffré"),
            *secret_words.blocks(secret, texted),
        )
        subject = f"Mot de passe à donner pour votre message de {hour} (dossier {mail.id})"
        to = (mail.envelope.sender,)
        return self.letter("secret", subject, (*blocks, *self.helped()), to, mail.received, mail.id)

    def refusal(self, mail: Mail) -> str:
        """The text of a 550, in lines of US-ASCII: French that needs no accent."""
        if self.url:
            way = [
                f"Que faire : ouvrez {self.url}/m/{mail.id}",
                "pour corriger l'adresse ou choisir un autre mode d'envoi.",
            ]
        else:
            way = ["Que faire : corrigez l'adresse, ou demandez un autre mode d'envoi."]
        contact = self.phone or self.help
        lines = [
            "Ce message ne part pas : il contient un type d'information que",
            "notre organisme ne laisse pas sortir par courriel ordinaire.",
            *way,
            f"{f'Aide : {contact}. ' if contact else ''}Code du dossier : {mail.id}",
        ]
        return "\n".join(lines).encode("ascii", "ignore").decode("ascii")

    def grave(
        self, mail: Mail, seen: Inspection, hold: Hold, *, sender_told: bool
    ) -> Letter | None:
        """At once: a protected person, 100 persons or more, a health file."""
        now = mail.received
        count = wording.persons(seen)
        decide = self._answer_by(now)
        before = self.calendar.by(decide, now).removeprefix("aujourd'hui ")
        subject = (
            f"[Quarantaine] 1 message à voir avant {before} : "
            f"{wording.family(seen)}{f', {wording.in_persons(count)}' if count else ''} "
            f"(dossier {mail.id})"
        )
        zone = self.calendar.zone_in_words()
        whom = "à la personne suppléante " if self.deputies else ""
        reminder = f"rappel {whom}{self.calendar.on(hold.remind, now)}"
        blocks: list[Block] = [
            Words(f"Dossier {mail.id}, retenu le {self.calendar.in_words(now)} ({zone})"),
            Rows(self._state(mail, seen, hold, count, sender_told)),
            Words(f"À faire : décider avant {self.calendar.by(decide, now)}."),
            *self._page(f"/dossiers/{mail.id}"),
            Words(
                f"Sans décision : {reminder} ; annulation et avis à l'expéditeur "
                f"{self.calendar.on(hold.until, now)}."
            ),
        ]
        return self._to_officers("notice", subject, blocks, now, mail.id)

    def digest(self, rows: Sequence[Case], now: float) -> Letter | None:
        """One line a case, the oldest first; none when nothing waits."""
        many = "s" if len(rows) > 1 else ""
        subject = f"[Quarantaine] {len(rows)} message{many} en attente"
        return self._list("digest", subject, rows, now, ())

    def reminder(self, rows: Sequence[Case], now: float) -> Letter | None:
        """To the deputies: these will be cancelled unless somebody rules."""
        many = "s" if len(rows) > 1 else ""
        subject = f"[Quarantaine] Rappel : {len(rows)} message{many} sans décision"
        return self._list("reminder", subject, rows, now, self.deputies)

    def week(self, week: weekly.Week, now: float) -> Letter | None:
        """On Monday: the figures of the week before."""
        blocks = tuple(weekly.blocks(week, self.calendar, self.url, now))
        return self._to_officers("weekly", weekly.title(week), blocks, now)

    def month(self, own: Sequence[monthly.Own], first: date, now: float) -> Letter | None:
        """On the first of a month, of the month before; none where nothing was sent so."""
        blocks = tuple(monthly.blocks(own, self.calendar, self.url))
        return self._to_officers("monthly", monthly.title(own, first), blocks, now) if own else None

    def _retained(
        self,
        mail: Mail,
        verdicts: Sequence[Verdict],
        seen: Inspection,
        hold: Hold,
        sender: str,
    ) -> Letter:
        """texts 1.1."""
        words, hour = self.calendar.in_words, self.calendar.hour_in_words(mail.received)
        held = {recipient.address for recipient in hold.recipients}
        rows = tuple(
            (
                shown(v.recipient),
                _HELD if v.recipient in held else _BECOMES.get(v.disposition, _HELD),
            )
            for v in verdicts
        )
        blocks: list[Block] = [
            Words("Bonjour,"),
            Words(f"Votre message du {words(mail.received)} est retenu avant sa sortie."),
            Rows(rows, indent=2),
            Words("Pourquoi ?"),
            Words(wording.why(seen), tight=True),
            *self._choices(mail, seen, hold.hidden),
            *advice.blocks((v for v in verdicts if v.recipient in held), self.secure),
            Words(
                f"Sans réponse de votre part avant le {words(hold.until)}, l'envoi sera annulé et "
                "vous recevrez un avis. Rien ne disparaît sans que vous le sachiez."
            ),
            Words(wording.promise(self.protects, self.no_sanction, self.intranet, hold.hidden)),
            *self.helped(),
        ]
        subject = f"Votre message de {hour} n'est pas encore parti (dossier {mail.id})"
        return self.letter("notice", subject, blocks, (sender,), mail.received, mail.id)

    def _choices(self, mail: Mail, seen: Inspection, hidden: str) -> list[Block]:
        by = self.calendar.by(self._answer_by(mail.received), mail.received)
        answer = f"La personne chargée de la quarantaine vous répond, en général avant {by}."
        if self.url:
            first: list[Block] = [
                Words("Que faire ? Choisissez sur cette page :"),
                self.own_page(mail.id, self.ticket(mail.id, mail.envelope.sender, mail.received)),
            ]
            wrong, cancel = "annulez l'envoi, ou corrigez l'adresse", "annulez"
        else:
            whom = f"Écrivez à {self.help}" if self.help else "Appelez votre service informatique"
            first = [Words(f"Que faire ? {whom}, en donnant le numéro de dossier {mail.id}.")]
            wrong = "demandez l'annulation de l'envoi"
            cancel = "demandez l'annulation"
        texts = [f"L'adresse est fausse : {wrong}."]
        if self.portal:
            texts.append(
                "L'adresse est juste : envoyez par le portail sécurisé. Le destinataire reçoit "
                "un lien, et un code sur son téléphone."
            )
        texts.append(f"La pièce jointe n'était pas la bonne : {cancel}, puis renvoyez la bonne.")
        ask = "permettez de le voir" if hidden and self.url else "demandez l'envoi en une phrase"
        texts.append(f"C'est une erreur du contrôle : {ask}. {answer}")
        if ways := self._urgent_ways(mail, seen):
            texts.append(f"Un patient attend pour ses soins : {', ou '.join(ways)}.")
        return [*first, Choices(tuple(texts))]

    def _urgent_ways(self, mail: Mail, seen: Inspection) -> list[str]:
        button = self.url and self.urges(mail.envelope.sender) and not is_bulk(seen)
        ways = ["utilisez « Envoi urgent »"] if button else []
        return ways + ([f"appelez le {self.urgent}, à toute heure"] if self.urgent else [])

    def helped(self) -> list[Block]:
        ways = ", ".join(way for way in (self.phone, self.help) if way)
        return [Words(f"Besoin d'aide : {ways}")] if ways else []

    def _state(
        self, mail: Mail, seen: Inspection, hold: Hold, count: int, sender_told: bool
    ) -> tuple[tuple[str, str], ...]:
        total, kept = len(mail.envelope.recipients), len(hold.recipients)
        state = (
            "Retenu. Rien n'est sorti : ce n'est pas une violation à notifier, c'est un incident "
            "évité."
            if kept == total
            else f"Retenu pour {kept} destinataire{'s' if kept > 1 else ''} sur {total}."
        )
        hour = self.calendar.hour_in_words(mail.received)
        return (
            ("État", state),
            ("Motif", self._motive(hold.rule)),
            ("Personnes", wording.about(count)),
            ("Données", ", ".join(wording.data(seen)) or "aucune reconnue"),
            ("Destinataire", self._whom(hold)),
            ("Lecture", wording.reading(seen)),
            ("Expéditeur", f"prévenu à {hour}" if sender_told else "non prévenu"),
        )

    def _whom(self, hold: Hold) -> str:
        total = len(hold.recipients)
        outside = sum(not self.ours(recipient.address) for recipient in hold.recipients)
        if total == 1:
            return f"1, adresse {'extérieure' if outside else 'interne'}"
        many = "s" if outside > 1 else ""
        return f"{total}, dont {outside} adresse{many} extérieure{many}"

    def _motive(self, rule: str) -> str:
        title = self.title(rule)
        return f"{title} (règle {rule})" if title else f"règle {rule}"

    def _list(
        self, kind: str, subject: str, rows: Sequence[Case], now: float, to: tuple[str, ...]
    ) -> Letter | None:
        if not rows:
            return None
        ordered = sorted(rows, key=lambda case: case.received)
        oldest = self.calendar.in_words(ordered[0].received)
        lines = tuple((case.id, self._line(case, now)) for case in ordered)
        blocks = (
            Rows((("En attente", str(len(rows))), ("La plus ancienne", oldest))),
            Rows(lines, wrap=False),
            Words("Sans décision avant l'heure dite, l'envoi est annulé et l'expéditeur averti."),
            *self._page("/dossiers"),
        )
        return self._to_officers(kind, subject, blocks, now, whom=to)

    def _line(self, case: Case, now: float) -> str:
        motive = self.title(case.rule) or f"règle {case.rule}"
        count = wording.in_persons(case.persons) if case.persons else "personnes non comptées"
        until = self.calendar.by(case.until, now)
        return f"{age(now - case.received)}, {motive}, {count}, avant {until}"

    def _page(self, path: str) -> list[Block]:
        values = "Les valeurs y sont masquées. On peut décider sans les lire."
        if self.url:
            return [Link(self.url + path), Words(values, tight=True)]
        return [Words("Sur le serveur : vaguemestre quarantine list")]

    def _addressees(self, recipients: Sequence[str], what: str) -> Rows:
        return Rows(tuple((shown(recipient), what) for recipient in recipients), indent=2)

    def _answer_by(self, now: float) -> float:
        """The end of the officers' day, or of their next."""
        return self.calendar.deadline(now + SOON_SECONDS, 0, self.hours[1])

    def sender_of(self, mail: Mail) -> str:
        """Whom to tell of this mail, or "": never an automaton, never a stranger."""
        sender = mail.envelope.sender
        owner = dict(self.owners).get(sender.lower(), "")
        if not owner and not is_automaton(mail):
            owner = sender
        return owner if owner and self.ours(owner) and owner.isprintable() else ""

    def outcome(
        self,
        case: Case,
        now: float,
        title: str,
        words: str,
        became: str,
        more: tuple[Block, ...],
    ) -> Letter | None:
        sender = dict(self.owners).get(case.sender.lower(), case.sender)
        if not sender or not self.ours(sender) or not sender.isprintable():
            return None
        blocks = (
            Words("Bonjour,"),
            Words(f"Votre message du {self.calendar.in_words(case.received)} {words}"),
            self._addressees(case.recipients, became),
            *more,
            *self.helped(),
        )
        hour = self.calendar.hour_in_words(case.received)
        subject = f"Votre message de {hour} {title} (dossier {case.id})"
        return self.letter("notice", subject, blocks, (sender,), now, case.id)

    def _to_officers(
        self,
        kind: str,
        subject: str,
        blocks: Sequence[Block],
        now: float,
        about: str = "",
        whom: tuple[str, ...] = (),
    ) -> Letter | None:
        to = tuple(address for address in whom or self.officers if self.ours(address))
        return self.letter(kind, subject, blocks, to, now, about) if to else None

    def letter(
        self,
        kind: str,
        subject: str,
        blocks: Sequence[Block],
        to: Sequence[str],
        now: float,
        about: str,
    ) -> Letter:
        content = compose(subject, blocks, sender=self.sender, to=to, when=now)
        return Letter(kind, "", tuple(Recipient(one) for one in to), content, "notices", about)
