"""Payment cards: thirteen to nineteen digits of an issuer that exists, the last a check digit.

    4 Visa    51-55, 2221-2720 Mastercard    34, 37 American Express    50, 56-69 Maestro and others

Luhn's digit passes one random number in ten, so it takes the grouping printed on cards, or a word
of payment near; both make it certain. Digit by digit, as in boxes, it takes the word. In one piece
behind "commande" or "colis" it is none.
Test numbers that payment services publish are left alone. Rule: ISO/IEC 7812; ranges of issuers
as the schemes publish them. Not here: the security code and the expiry date by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect import context, iban
from gateway.detect.check_digits import luhn
from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.nir_number import runs
from gateway.model import Likelihood, Match

TESTS = frozenset({
    "4111111111111111", "4970100000000154", "5555555555554444", "378282246310005",
    "4242424242424242", "4012888888881881", "4000056655665556", "4222222222222", "5105105105105100",
    "5200828282828210", "2223003122003222", "371449635398431", "378734493671000",
})  # fmt: skip
_CARD = (
    "cartes?", "cb", "visa", "mastercard", "amex", "american express", "maestro", "pan", "cvv",
    "cvc", "cryptogramme",
)  # fmt: skip
_WORD = context.words(*_CARD)
# Food and drugs expire, too, and their codes of 13 digits are as often right as any.
_WORD_OR_EXPIRY = context.words(*_CARD, "expire", "expiration", "validite", "exp")
_GTIN = 13  # digits (GS1)
_AFTER = 60  # bytes: the expiry date and the code stand behind the number
# Within one run of digits and marks; a blank, a dot or a dash between groups, the same throughout.
_NUMBER = re.compile(
    rb"(?<![0-9a-z])(?:([0-9]{4})([ .\-])[0-9]{4}\2[0-9]{4}\2[0-9]{4}(?:\2[0-9]{3})?"
    rb"|(3[47][0-9]{2})([ \-])[0-9]{6}\4[0-9]{5}|[2-6][0-9]{12,18}"
    rb"|[2-6]([ .\-])[0-9](?:\5[0-9]){11,17}(?!\5[0-9]))(?![0-9a-z])"
)
_ISSUER = re.compile(
    r"4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})"
    r"|(?:5[1-5]|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]+"
    r"|3[47][0-9]{13}|(?:50|5[6-9]|6[0-9])[0-9]+"
)
_MASTERCARD = re.compile(r"5[1-5]|2[2-7]")
_MAESTRO = re.compile(r"5[06-9]|6")


def find(folded: Folded) -> Iterator[Match]:
    accounts = [span for *span, _ in iban.accounts(folded)] if runs(folded) else []
    for begin, end in runs(folded):
        at = begin
        while found := _NUMBER.search(folded.data, at, end):
            at = found.start() + 1  # what is no number may end in the first groups of one
            digits = found[0].translate(None, b" .-").decode()
            if not _issued(digits) or not luhn(digits) or digits in TESTS:
                continue
            at = found.end()
            if any(first <= found.start() < last for first, last in accounts):
                continue  # groups of an IBAN
            if sure := _likelihood(folded, found, digits):
                yield Match(found.start(), found.end(), sure, digits)


def _issued(digits: str) -> bool:
    if not _ISSUER.fullmatch(digits):
        return False
    return len(digits) == 16 or not _MASTERCARD.match(digits)


def _likelihood(folded: Folded, found: re.Match[bytes], digits: str) -> Likelihood | None:
    start, end = found.span()
    grouped = end - start > len(digits)
    word = _WORD if len(digits) == _GTIN and not grouped else _WORD_OR_EXPIRY
    named = context.announced(folded, start, word) or bool(
        word.search(folded.data, end, end + _AFTER)
    )
    boxed = end - start == 2 * len(digits) - 1
    if named:
        return Likelihood.VERY_LIKELY if grouped and not boxed else Likelihood.LIKELY
    if not grouped or boxed or _MAESTRO.match(digits) or context.commercial(folded, start):
        return None
    return Likelihood.LIKELY


def mask(value: str) -> str:
    """The last four digits, as receipts print them."""
    return f"**** {value[-4:]}"


DETECTOR = Detector(kind="card", find=find, mask=mask)
