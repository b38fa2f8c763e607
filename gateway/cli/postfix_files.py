"""main.cf and master.cf as Postfix reads them (postconf(5), master(5)), without Postfix.

The folder may be a copy from another machine, so `postconf` is not asked. Known are logical lines,
`$name` in its three spellings, `${name?text}` and `${name:text}`, `-o name=value` and
`-o { name = value }`. Not known: `include` of tables, `${name?{a}:{b}}` comparisons.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gateway.errors import Misconfigured

_NAME = re.compile(
    r"\$(?:(\w+)|\((\w+)(?:([?:])([^()]*))?\)|\{(\w+)(?:([?:])([^{}]*))?\}|(\$))", re.A
)
_SETTING = re.compile(r"\s*([\w.-]+)\s*=\s*(.*?)\s*", re.A | re.S)
_DEPTH = 20  # of names that stand for names


@dataclass(frozen=True, slots=True)
class Setting:
    """where: "main.cf:12", or "" for Postfix's own default."""

    value: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """One line of master.cf. name: as written, "smtp" or "127.0.0.1:10026"; most: processes."""

    name: str
    kind: str
    program: str
    most: int | None
    where: str
    options: Mapping[str, Setting] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Postfix:
    main: Mapping[str, Setting]
    services: Sequence[Service]

    def of(self, name: str, service: Service | None = None) -> Setting:
        """As it holds for a service: its own -o, else main.cf, else Postfix's default."""
        found = (service.options.get(name) if service else None) or self.main.get(name)
        found = found or Setting(DEFAULTS.get(name, ""))
        return Setting(" ".join(self._expanded(found.value, service).split()), found.where)

    def _expanded(self, text: str, service: Service | None, depth: int = 0) -> str:
        def stands_for(found: re.Match[str]) -> str:
            name = found[1] or found[2] or found[5]
            if name is None:
                return "$"
            known = (service.options.get(name) if service else None) or self.main.get(name)
            value = known.value if known else DEFAULTS.get(name, "")
            sign, text = found[3] or found[6], found[4] or found[7] or ""
            if sign:
                value = text if bool(value) == (sign == "?") else ""
            return self._expanded(value, service, depth + 1)

        return text if depth > _DEPTH else _NAME.sub(stands_for, text)


# What postconf -d says of Postfix 3.7, where we look.
DEFAULTS: Mapping[str, str] = {
    "content_filter": "",
    "default_process_limit": "100",
    "enable_original_recipient": "yes",
    "lmtp_data_done_timeout": "600s",
    "lmtp_destination_recipient_limit": "$default_destination_recipient_limit",
    "default_destination_recipient_limit": "50",
    "lmtp_line_length_limit": "998",
    "lmtp_send_xforward_command": "no",
    "message_size_limit": "10240000",
    "milter_command_timeout": "30s",
    "milter_content_timeout": "300s",
    "milter_default_action": "tempfail",
    "milter_protocol": "6",
    "non_smtpd_milters": "",
    "receive_override_options": "",
    "smtp_data_done_timeout": "600s",
    "smtp_line_length_limit": "998",
    "smtp_send_xforward_command": "no",
    "smtpd_milters": "",
    "smtpd_proxy_filter": "",
    "smtpd_proxy_timeout": "100s",
    "virtual_alias_maps": "$virtual_maps",
}


def read(folder: Path) -> Postfix:
    main, master = folder / "main.cf", folder / "master.cf"
    settings = dict(_setting(line, where) for line, where in _logical(main))
    return Postfix(settings, [_service(line, where) for line, where in _logical(master)])


def _logical(path: Path) -> Iterator[tuple[str, str]]:
    """Lines with what is folded below them, and where each begins."""
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror or 'cannot be read'}") from None
    line, where = "", ""
    for number, text in enumerate(lines, 1):
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        if text[0].isspace() and where:
            line += " " + text.strip()
            continue
        if where:
            yield line, where
        line, where = text.rstrip(), f"{path.name}:{number}"
    if where:
        yield line, where


def _setting(text: str, where: str) -> tuple[str, Setting]:
    found = _SETTING.fullmatch(text)
    if not found:
        raise Misconfigured(f"{where}: neither a comment nor `name = value`")
    return found[1], Setting(found[2], where)


def _service(line: str, where: str) -> Service:
    words = line.split(None, 7)
    if len(words) < 8:
        raise Misconfigured(f"{where}: a service has eight columns")
    name, kind, _, _, _, _, most, command = words
    program, *rest = command.split(None, 1)
    return Service(
        name,
        kind,
        program,
        int(most) if most.isdigit() else None,
        where,
        dict(_setting(text, where) for text in _options(*rest)),
    )


def _options(text: str = "") -> Iterator[str]:
    """Of programs that pipe(8) starts, too, which have options of their own: only settings."""
    rest = text
    while (at := rest.find("-o")) >= 0:
        rest = rest[at + 2 :].lstrip()
        if rest.startswith("{"):
            option, _, rest = rest[1:].partition("}")
        else:
            option, *left = rest.split(None, 1) or [""]
            rest = "".join(left)
        if _SETTING.fullmatch(option):
            yield option
