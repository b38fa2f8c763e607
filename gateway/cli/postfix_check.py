"""What in a Postfix configuration would hurt mail that goes through the gateway.

Each warning says where, what happens, and the line that mends it. Nothing is wrong with a Postfix
that these do not speak of; nothing is said of what does not lead to us.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.cli.postfix_files import Postfix, Service, Setting
from gateway.config import Config
from gateway.config_doors import Door
from gateway.config_words import Listen

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_TIME = re.compile(r"(\d+)([smhdw]?)")
_ENDPOINT = re.compile(r"(?:(?:inet|lmtp|smtp|vaguemestre|[\w-]+):)?\[?([\w.:-]*?)\]?:(\d+)")
_PIECE = re.compile(r"\{[^{}]*\}|[^\s,]+")
_NAMED = {"smtp": "25", "submission": "587", "smtps": "465", "submissions": "465"}
_MARGIN_SECONDS = 10  # of a time-out over our deadline
_WITHOUT_US = {
    "accept": "partent sans contrôle.",
    "reject": "reviennent à leurs expéditeurs, qui devront les renvoyer.",
    "quarantine": "restent en attente dans Postfix, et `postsuper -H` les envoie sans contrôle.",
}
_LOCAL = ("", "127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "*")  # noqa: S104


@dataclass(frozen=True, slots=True)
class Hurt:
    """where: "main.cf:12"; a file alone where something is missing."""

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where} : {self.what}\n    Remède : {self.remedy}"


@dataclass(frozen=True, slots=True)
class Way:
    """One way by which mail comes to a door of ours."""

    door: Door
    service: Service | None
    setting: Setting
    name: str


def hurts(postfix: Postfix, config: Config) -> list[Hurt]:
    check = Check(postfix, config)
    return [*check.ways_in(), *check.ways_round(), *check.way_back(), *check.everywhere()]


class Check:
    def __init__(self, postfix: Postfix, config: Config) -> None:
        self.postfix, self.config = postfix, config
        doors = config.doors
        self.filters = list(self._leading_to("content_filter", doors.lmtp, doors.smtp))
        self.proxies = list(self._leading_to("smtpd_proxy_filter", doors.smtp))
        self.milters = list(self._leading_to("smtpd_milters", doors.milter))

    def _leading_to(self, name: str, *doors: Door | None) -> Iterator[Way]:
        """main.cf's own, and that of each service which says otherwise."""
        plain = self.postfix.of(name)
        services = [s for s in self.postfix.services if s.program == "smtpd"]
        for service in (None, *(s for s in services if name in s.options)):
            setting = self.postfix.of(name, service) if service else plain
            for door in doors:
                if door and _names(setting.value, door.listen):
                    yield Way(door, service, setting, name)

    def ways_in(self) -> Iterator[Hurt]:
        if not (self.filters or self.proxies or self.milters):
            yield Hurt(
                "main.cf",
                "rien ne mène au filtre : aucun content_filter, smtpd_proxy_filter ni "
                "smtpd_milters n'a l'adresse d'une de ses portes.",
                "suivez deploy/postfix ; les portes ouvertes sont " + self._doors(),
            )
        for way in self.milters:
            yield from self._of_a_milter(way)
        for way in self.proxies:
            yield from self._too_short("smtpd_proxy_timeout", way.service)
            yield from self._too_many(way.service, way.door)
        for way in self.filters:
            yield from self._of_a_filter(way)

    def _doors(self) -> str:
        return ", ".join(f"{name} {door.listen}" for name, door in self.config.doors if door)

    # -- milter ----------------------------------------------------------------------------------

    def _of_a_milter(self, way: Way) -> Iterator[Hurt]:
        pieces = _PIECE.findall(way.setting.value)
        ours = next(piece for piece in pieces if _names(piece, way.door.listen))
        action = self._of_ours(way, ours, "milter_default_action")
        if action.value not in ("tempfail", "shutdown"):
            yield Hurt(
                action.where or "main.cf",
                f"milter_default_action = {action.value} : si le filtre s'arrête, les messages "
                + _WITHOUT_US.get(action.value, "ne sont pas contrôlés."),
                "milter_default_action = tempfail",
            )
        patience = self._of_ours(way, ours, "milter_content_timeout")
        yield from self._too_short("milter_content_timeout", way.service, patience)
        protocol = self._of_ours(way, ours, "milter_protocol")
        if protocol.value.isdigit() and int(protocol.value) < 6:
            yield Hurt(
                protocol.where,
                f"milter_protocol = {protocol.value} : les espaces des en-têtes se perdent.",
                "milter_protocol = 6",
            )
        if pieces[-1] != ours:
            yield Hurt(
                way.setting.where,
                "un autre milter vient après le filtre : ce qu'il change n'est pas lu.",
                "mettez le filtre en dernier dans smtpd_milters",
            )
        others = self.postfix.of("non_smtpd_milters")
        if way.service is None and not _names(others.value, way.door.listen):
            yield Hurt(
                others.where or "main.cf",
                "non_smtpd_milters ne mène pas au filtre : ce que des programmes remettent à "
                "sendmail(1) part sans contrôle.",
                "non_smtpd_milters = $smtpd_milters",
            )
        yield from self._before_expansion(way)
        yield from self._too_many(way.service, way.door)

    def _of_ours(self, way: Way, ours: str, name: str) -> Setting:
        """What `{ inet:…, default_action = accept }` says for one milter, else the general."""
        found = re.search(rf"\b{name.removeprefix('milter_')}\s*=\s*([^\s,{{}}]+)", ours)
        if found:
            return Setting(found[1], way.setting.where)
        return self.postfix.of(name, way.service)

    # -- content_filter --------------------------------------------------------------------------

    def _of_a_filter(self, way: Way) -> Iterator[Hurt]:
        transport = way.setting.value.partition(":")[0]
        client = next((s for s in self.postfix.services if s.name == transport), None)
        if client is None:
            yield Hurt(
                way.setting.where,
                f"content_filter passe par {transport}, que master.cf ne connaît pas.",
                "ajoutez les lignes de deploy/postfix/after-queue.master.cf",
            )
            return
        protocol = "lmtp" if client.program == "lmtp" else "smtp"
        yield from self._folds(f"{protocol}_line_length_limit", client)
        yield from self._too_short(f"{protocol}_data_done_timeout", client)
        xforward = self.postfix.of(f"{protocol}_send_xforward_command", client)
        if xforward.value != "yes":
            yield Hurt(
                xforward.where or client.where,
                "le filtre n'apprend pas le numéro de file : `vaguemestre trace` ne le connaîtra "
                "pas.",
                f"-o {protocol}_send_xforward_command=yes",
            )
        pieces = self.postfix.of(f"{transport}_destination_recipient_limit")
        most = pieces.value or self.postfix.of("default_destination_recipient_limit").value
        if most.isdigit() and int(most) < 1000:
            yield Hurt(
                pieces.where or "main.cf",
                f"un message à plus de {most} destinataires arrive en plusieurs fois : les règles "
                "qui comptent les destinataires en voient moins.",
                f"{transport}_destination_recipient_limit = 1000",
            )
        yield from self._too_many(client, way.door)
        yield from self._before_expansion(way)

    # -- what several have in common -------------------------------------------------------------

    def _too_short(
        self, name: str, service: Service | None, said: Setting | None = None
    ) -> Iterator[Hurt]:
        setting = said or self.postfix.of(name, service)
        least = self.config.deadline + _MARGIN_SECONDS
        if _seconds(setting.value) < least:
            yield Hurt(
                setting.where or (service.where if service else "main.cf"),
                f"{name} = {setting.value} : Postfix renonce avant la réponse du filtre "
                f"(deadline : {self.config.deadline:g} s).",
                f"{name} = {least:g}s ou plus",
            )

    def _folds(self, name: str, service: Service) -> Iterator[Hurt]:
        setting = self.postfix.of(name, service)
        if setting.value != "0":
            yield Hurt(
                setting.where or service.where,
                f"{name} = {setting.value} : Postfix coupe les longues lignes, ce qui casse les "
                "signatures DKIM.",
                f"{name} = 0",
            )

    def _too_many(self, service: Service | None, door: Door) -> Iterator[Hurt]:
        clients = [service] if service else [s for s in self.postfix.services if _listens(s)]
        limits = self.config.limits
        places = door.connections or limits.connections
        if door is not self.config.doors.milter and not limits.exempt:
            places = min(places, limits.per_client)
        room = places * self.config.processes
        for one in clients:
            default = self.postfix.of("default_process_limit").value
            most = int(default or 100) if one.most is None else one.most
            if most == 0 or most > room:
                yield Hurt(
                    one.where,
                    f"{one.name} a jusqu'à {most or 'une infinité de'} processus, la porte "
                    f"{room} places : au-delà, 451.",
                    f"maxproc {room} ou moins, ou limits.connections plus grand",
                )

    def _before_expansion(self, way: Way) -> Iterator[Hurt]:
        aliases = self.postfix.of("virtual_alias_maps", way.service)
        options = self.postfix.of("receive_override_options", way.service).value
        unexpanded = way.name == "smtpd_milters" or "no_address_mappings" in options
        if aliases.value and unexpanded:
            yield Hurt(
                aliases.where,
                "la porte vient avant virtual_alias_maps : le filtre voit le nom d'une liste, "
                "pas ses membres, et ne sait pas si certains sont à l'extérieur.",
                "comptez comme extérieures les listes inconnues, ou filtrez après la file",
            )

    # -- ways round ------------------------------------------------------------------------------

    def ways_round(self) -> Iterator[Hurt]:
        for way in (*self.filters, *self.proxies, *self.milters):
            if way.service is None:
                yield from self._ways_round(way)
        maps = self.postfix.of("smtpd_milter_maps")
        if self.milters and maps.value:
            yield Hurt(
                maps.where,
                "smtpd_milter_maps : les clients de cette table échappent à smtpd_milters, et "
                "peut-être au filtre.",
                "ôtez smtpd_milter_maps, ou nommez-y le filtre pour chacun",
            )

    def _ways_round(self, way: Way) -> Iterator[Hurt]:
        """Services for which main.cf's filter does not hold, and no other. Port 25 may be meant to
        take the world's mail only; what listens on the machine itself, to take a filter's back."""
        elsewhere = [w.service for w in (*self.filters, *self.proxies, *self.milters)]
        for one in self.postfix.services:
            if not _listens(one) or _port(one) in (25, self._back_port()) or one in elsewhere:
                continue
            options = self.postfix.of("receive_override_options", one).value
            off = way.name == "smtpd_milters" and "no_milters" in options
            said = self.postfix.of(way.name, one)
            if (_names(said.value, way.door.listen) and not off) or _is_local(one):
                continue
            yield Hurt(
                said.where if not off else one.where,
                f"{one.name} ne mène pas au filtre ({way.name}) : ce qui y est déposé part sans "
                "contrôle.",
                f"ôtez de {one.name} son option -o {way.name} (ou no_milters), ou nommez-y le "
                "filtre",
            )

    def _back_port(self) -> int | None:
        return self.config.relay.default.port if self.config.relay else None

    # -- the way back ----------------------------------------------------------------------------

    def way_back(self) -> Iterator[Hurt]:
        hop = self.config.relay.default if self.config.relay else None
        if hop is None or str(hop.host) not in _LOCAL:
            return
        back = next((s for s in self.postfix.services if _port(s) == hop.port), None)
        if back is None:
            yield Hurt(
                "master.cf",
                f"relay.default va au port {hop.port}, où Postfix n'écoute pas : rien ne revient "
                "du filtre.",
                f"ajoutez un service au port {hop.port}, comme 127.0.0.1:10026 de deploy/postfix",
            )
            return
        for way in (*self.filters, *self.proxies, *self.milters):
            if way.service not in (None, back):
                continue
            options = self.postfix.of("receive_override_options", back).value
            again = self.postfix.of(way.name, back).value
            spared = way.name == "smtpd_milters" and "no_milters" in options
            if _names(again, way.door.listen) and not spared:
                yield Hurt(
                    back.where,
                    f"{back.name} renvoie au filtre ce qui en revient ({way.name}) : le courrier "
                    "tourne en rond.",
                    "-o receive_override_options=no_milters"
                    if way.name == "smtpd_milters"
                    else f"-o {way.name}=",
                )
        options = self.postfix.of("receive_override_options", back).value
        if self.milters and not self.filters and "no_address_mappings" in options:
            yield Hurt(
                back.where,
                f"{back.name} ne remplace pas les alias, que la porte milter voit avant Postfix : "
                "ce que le filtre envoie lui-même n'y arriverait pas.",
                "ôtez no_address_mappings de receive_override_options",
            )
        if self.filters and "no_address_mappings" not in options:
            yield Hurt(
                back.where,
                f"{back.name} applique une deuxième fois alias et réécritures.",
                "-o receive_override_options=no_address_mappings (avec les autres)",
            )

    def everywhere(self) -> Iterator[Hurt]:
        for service in self.postfix.services:
            if service.program == "smtp" and service.name in ("smtp", "relay"):
                yield from self._folds("smtp_line_length_limit", service)
        size = self.postfix.of("message_size_limit")
        ours = min(
            [d.size or self.config.limits.size for _, d in self.config.doors if d]
            or [self.config.limits.size]
        )
        if size.value.isdigit() and (int(size.value) == 0 or int(size.value) > ours):
            yield Hurt(
                size.where,
                f"message_size_limit = {size.value} : Postfix accepte des messages que le filtre "
                f"refuse ({ours} octets).",
                f"message_size_limit = {ours}, ou limits.size plus grand",
            )
        original = self.postfix.of("enable_original_recipient")
        if original.value == "no":
            yield Hurt(
                original.where,
                "enable_original_recipient = no : les avis de non-remise et la recherche ne "
                "connaissent plus l'adresse d'origine.",
                "enable_original_recipient = yes",
            )


def _names(value: str, listen: Listen) -> bool:
    """Whether an address in `value` is that of the door, on this machine or by any name."""
    if listen.path is not None:
        return any(
            found.rstrip("}").endswith(listen.path.name)
            for found in re.findall(r"(?:unix|local):(\S+)", value)
        )
    return any(int(port) == listen.port for _, port in _ENDPOINT.findall(value))


def _is_local(service: Service) -> bool:
    host = service.name.rpartition(":")[0].strip("[]")
    return host.startswith("127.") or host in ("localhost", "::1")


def _listens(service: Service) -> bool:
    return service.program == "smtpd" and service.kind == "inet"


def _port(service: Service) -> int | None:
    port = _NAMED.get(service.name.rpartition(":")[2], service.name.rpartition(":")[2])
    return int(port) if _listens(service) and port.isdigit() else None


def _seconds(value: str) -> float:
    found = _TIME.fullmatch(value)
    return int(found[1]) * _UNITS[found[2] or "s"] if found else float("inf")
