"""What only looks like a payment card; how cards are written is tried in test_spellings.py."""

from random import Random

import pytest

from gateway.detect import card
from gateway.detect.check_digits import luhn
from gateway.detect.fold import fold
from tests.makers import identifiers


def values(text):
    return [match.value for match in card.DETECTOR.find(fold(text))]


def test_the_groups_of_an_iban_are_no_card():
    rng = Random(3)
    accounts = (f"4970{rng.randrange(10**12):012d}00" for _ in range(1000))
    account = next(account for account in accounts if luhn(account[:16]))
    written = identifiers.grouped(identifiers.foreign_iban("DE", account))
    assert values(f"IBAN : {written}") == []
    assert values(f"carte {identifiers.grouped(account[:16])}") == [account[:16]]


@pytest.mark.parametrize("expiry", ["exp 12/26", "lot 03242, validité 2027"])
def test_the_code_of_a_product_that_expires_is_no_card(expiry):
    code = next(code for code in map(str, range(5028470146970, 5028470146980)) if luhn(code))
    assert values(f"{code} Lait {expiry}") == []
    assert values(f"carte {code} {expiry}") == [code]
