"""IBAN (ISO 13616): country, two check digits, an account of the length that the country fixed.

The number modulo 97 is 1 once its first four characters are moved to the end and letters count
from A = 10. The length decides where an IBAN ends, so the word that follows is never swallowed,
even where nothing stands between the two ("…189BIC": LIKELY). Specimens of documentation are
POSSIBLE.
Lengths and structures: the SWIFT registry, plus countries often seen in French accounts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.heads import beginning, spans
from gateway.model import Likelihood, Match

# Structure after the check digits: n digits, a letters, c both; the number is how many.
_ACCOUNTS = {
    "ad": "8n12c", "al": "8n16c", "at": "16n", "be": "12n", "bg": "4a6n8c", "ch": "5n12c",
    "cy": "8n16c", "cz": "20n", "de": "18n", "dk": "14n", "dz": "22n", "ee": "16n", "es": "20n",
    "fi": "14n", "fr": "10n11c2n", "gb": "4a14n", "gi": "4a15c", "gr": "7n16c", "hr": "17n",
    "hu": "24n", "ie": "4a14n", "is": "22n", "it": "1a10n12c", "li": "5n12c", "lt": "16n",
    "lu": "3n13c", "lv": "4a13c", "ma": "24n", "mc": "10n11c2n", "md": "20c", "me": "18n",
    "mk": "3n10c2n", "mt": "4a5n18c", "nc": "10n11c2n", "nl": "4a10n", "no": "11n",
    "pf": "10n11c2n", "pl": "24n", "pt": "21n", "re": "10n11c2n", "ro": "4a16c", "rs": "18n",
    "se": "20n", "si": "15n", "sk": "20n", "sm": "1a10n12c", "sn": "2c22n", "tn": "20n",
    "tr": "5n1n16c", "va": "18n", "wf": "10n11c2n",
}  # fmt: skip
_CLASS = {"n": "[0-9]", "a": "[a-z]", "c": "[a-z0-9]"}
_PIECE = re.compile(r"(\d+)([nac])")
_PATTERNS = {
    country: re.compile(
        country
        + r"\d\d"
        + "".join(f"{_CLASS[kind]}{{{count}}}" for count, kind in _PIECE.findall(account))
    )
    for country, account in _ACCOUNTS.items()
}
LENGTHS = {
    country: 4 + sum(int(count) for count, _ in _PIECE.findall(account))
    for country, account in _ACCOUNTS.items()
}
_HEAD = beginning(rb"(?:iban)?(?:%s)[ .\-]?[0-9][ .\-]?[0-9]" % "|".join(_ACCOUNTS).encode())
# Printed in standards and documentation everywhere.
SPECIMENS = frozenset({
    "FR1420041010050500013M02606", "FR7630006000011234567890189", "DE89370400440532013000",
    "GB29NWBK60161331926819", "GB82WEST12345698765432", "BE68539007547034", "NL91ABNA0417164300",
    "ES9121000418450200051332", "IT60X0542811101000000123456", "CH9300762011623852957",
    "LU280019400644750000", "MC5811222000010123456789030",
})  # fmt: skip
_FEWEST = 4  # digits in an account of letters: Malta's, Gibraltar's
_LABEL = b"iban"  # glued to the number by some programs
_MARKS = b" .-"
_REACH = 34 * 3 + 10  # bytes read for the longest IBAN, marks included
_VALUES = {letter: str(10 + i) for i, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}
_GROUPED = re.compile(rb"[a-z0-9]{4}(?:[ .\-][a-z0-9]{4})*(?:[ .\-][a-z0-9]{1,4})?|[a-z0-9]+")


def find(folded: Folded) -> Iterator[Match]:
    if folded.digits < _FEWEST:
        return
    data, free = folded.data, 0
    for start, _ in spans(folded, _HEAD):
        if data.startswith(_LABEL, start):
            start += len(_LABEL)
        end, value = _read(data, start) if start >= free else (0, "")
        if end:
            free = end
            yield Match(start, end, _likelihood(data, start, end, value.upper()), value.upper())


def _likelihood(data: bytes, start: int, end: int, value: str) -> Likelihood:
    if value in SPECIMENS:
        return Likelihood.POSSIBLE
    grouped = _GROUPED.fullmatch(data, start, end) and not data[end : end + 1].isalpha()
    return Likelihood.VERY_LIKELY if grouped else Likelihood.LIKELY


def _read(data: bytes, start: int) -> tuple[int, str]:
    """(where the IBAN that starts here ends, its characters without marks), or (0, "")."""
    wanted = LENGTHS.get(data[start : start + 2].decode("latin-1"), 0)
    compact = data[start : start + _REACH].translate(None, _MARKS)[:wanted].decode("latin-1")
    if not wanted or not _PATTERNS[compact[:2]].fullmatch(compact) or not right_key(compact):
        return 0, ""
    end = start
    for _ in range(wanted):
        while data[end] in _MARKS:
            end += 1
        end += 1
    return (0, "") if data[end : end + 1].isdigit() else (end, compact)


def right_key(compact: str) -> bool:
    digits = "".join(_VALUES.get(char, char) for char in compact[4:].lower() + compact[:4].lower())
    return int(digits) % 97 == 1


def mask(value: str) -> str:
    return f"{value[:4]} **** **** *{value[-3:]}"


DETECTOR = Detector(kind="iban", find=find, mask=mask)
