"""IBAN (ISO 13616): country, two check digits, an account of the length that the country fixed.

The number modulo 97 is 1 once its first four characters are moved to the end and letters count
from A = 10. The length decides where an IBAN ends, so the word that follows is never swallowed,
even where nothing stands between the two ("…189BIC": LIKELY). Digits that a scanner took for
letters are put right where the number then is; in words read from a picture, so is one sign more of
a French account, where the key of the RIB proves it as well. Specimens of documentation are
POSSIBLE.
Lengths and structures: the SWIFT registry, plus countries often seen in French accounts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect import house, misread, rib
from gateway.detect.detector import Detector
from gateway.detect.figures import figures, meant
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
_BOX = rb"[ |\[\]]{0,3}"  # between two boxes of a form, each for one character
_HEAD = beginning(  # French forms are scanned
    rb"(?:iban|rib|compte)?(?:(?:%s)[ .\-]?[0-9][ .\-]?[0-9]"
    rb"|f%sr%s(?:[0-9]%s[0-9olisb]|[olisb]%s[0-9])|(?:%s) [0-9] [0-9])"
    % ("|".join(_ACCOUNTS).encode(), *[_BOX] * 4, "|".join(map(" ".join, _ACCOUNTS)).encode())
)
# Printed in standards and documentation everywhere.
SPECIMENS = frozenset({
    "FR1420041010050500013M02606", "FR7630006000011234567890189", "DE89370400440532013000",
    "GB29NWBK60161331926819", "GB82WEST12345698765432", "BE68539007547034", "NL91ABNA0417164300",
    "ES9121000418450200051332", "IT60X0542811101000000123456", "CH9300762011623852957",
    "LU280019400644750000", "MC5811222000010123456789030",
})  # fmt: skip
_FEWEST = 4  # digits in an account of letters: Malta's, Gibraltar's
_LABELS = (b"iban", b"rib", b"compte")  # glued to the number by some programs
_FRENCH = (b"fr", b"mc")
_MARKS = b" .-/_|:,;+*[]\xb7"
_MARKS_BUT_SLASH = _MARKS.replace(b"/", b"")  # a J
_IN_PICTURE = re.compile(rb"[a-z]{2}(?:[ .\-]{0,2}[0-9a-z/]){25,26}(?![0-9a-z])")
_REACH = 34 * 4 + 10  # bytes read for the longest IBAN, marks included
_VALUES = str.maketrans(
    {letter: str(10 + i) for i, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}
)
_GROUPED = re.compile(rb"[a-z0-9]{4}(?:[ .\-][a-z0-9]{4})*(?:[ .\-][a-z0-9]{1,4})?|[a-z0-9]+")


def find(folded: Folded) -> Iterator[Match]:
    found = accounts(folded)
    few = house.may_hold(len({value for *_, value in found}))
    for start, end, value in found:
        sure = _likelihood(figures(folded), start, end, value)
        if few and house.owns(folded.data, start, end):
            sure = Likelihood.POSSIBLE
        yield Match(start, end, sure, value)


def accounts(folded: Folded) -> list[tuple[int, int, str]]:
    """(start, end, value) of each; codes of banks are looked for beside them."""
    found = folded.shared.get("iban")
    if not isinstance(found, list):
        found = folded.shared["iban"] = list(_accounts(folded))
    return found


def _accounts(folded: Folded) -> Iterator[tuple[int, int, str]]:
    if folded.digits < _FEWEST:
        return
    data, free = figures(folded), 0
    for start, _ in spans(folded, _HEAD):
        start += next((len(label) for label in _LABELS if data.startswith(label, start)), 0)
        end, value = _read(data, start) if start >= free else (0, "")
        if not end and start >= free and misread.noted(folded):
            end, value = _read_in_picture(data, start)
        if end:
            free = end
            yield start, end, value.upper()


def _likelihood(data: bytes, start: int, end: int, value: str) -> Likelihood:
    if value in SPECIMENS:
        return Likelihood.POSSIBLE
    grouped = _GROUPED.fullmatch(data, start, end) and not data[end : end + 1].isalpha()
    return Likelihood.VERY_LIKELY if grouped else Likelihood.LIKELY


def _read(data: bytes, start: int) -> tuple[int, str]:
    """(where the IBAN that starts here ends, its characters without marks), or (0, "")."""
    written = data[start : start + _REACH].translate(None, _MARKS)
    wanted = LENGTHS.get(written[:2].decode("latin-1"), 0)
    compact = written[:wanted].decode("latin-1")
    if not wanted or len(compact) < wanted:
        return 0, ""
    if not _is_right(compact):
        compact = _put_right(written[:wanted])
        if not compact:
            return 0, ""
    end = start
    for _ in range(wanted):
        while data[end] in _MARKS:
            end += 1
        end += 1
    return (0, "") if data[end : end + 1].isdigit() else (end, compact)


def _read_in_picture(data: bytes, start: int) -> tuple[int, str]:
    """The same of a French one that a scanner misread, perhaps with a sign too many."""
    found = _IN_PICTURE.match(data, start, start + _REACH)
    written = found[0].translate(None, _MARKS_BUT_SLASH) if found else b""
    if not found or written[:2] not in _FRENCH:
        return 0, ""
    ends = written[:2] + meant(written[2:14]), meant(written[-2:])
    for one in misread.accounts(written[14:-2]):
        compact = (ends[0] + one + ends[1]).decode("latin-1")
        if _is_right(compact) and rib.right_key(compact[4:]):
            return found.end(), compact
    return 0, ""


def _is_right(compact: str) -> bool:
    return bool(_PATTERNS[compact[:2]].fullmatch(compact)) and right_key(compact)


def _put_right(written: bytes) -> str:
    """As a scanner should have read it, if that is right; "" if not. Letters of the account itself
    may be meant: they are left alone where only so it is right."""
    country, rest = written[:2], written[2:]
    if meant(rest) == rest:  # nearly always
        return ""
    fixed = (country + meant(rest)).decode("latin-1")
    if _is_right(fixed):
        return fixed
    if country in _FRENCH:
        fixed = (country + meant(rest[:12]) + rest[12:23] + meant(rest[23:])).decode("latin-1")
        return fixed if _is_right(fixed) else ""
    return ""


def right_key(compact: str) -> bool:
    return int((compact[4:] + compact[:4]).lower().translate(_VALUES)) % 97 == 1


def mask(value: str) -> str:
    return f"{value[:4]} **** **** *{value[-3:]}"


DETECTOR = Detector(kind="iban", find=find, mask=mask)
