"""`monitor` and `declared`: the first weeks, and what comes before them."""

from datetime import date, datetime

import pytest

from gateway import parts
from gateway.config import read_config
from gateway.decide.question import PARIS
from gateway.errors import Misconfigured
from gateway.model import Client, Disposition, Envelope, Inspection, Mail, Recipient

RULE = "id: {}\ntitle: t\nwhen: {{recipient: external}}\nthen: quarantine\n"
TODAY = date(2026, 11, 22)


@pytest.fixture
def written(tmp_path):
    """A configuration with these lines more, and two rules."""
    for name in ("bulk/contacts", "finance/iban"):
        file = tmp_path / "rules" / f"{name}.yaml"
        file.parent.mkdir(parents=True)
        file.write_text(RULE.format(name))

    def write(text):
        file = tmp_path / "gateway.yaml"
        file.write_text(f"domains: [ch.example]\nrules: [rules]\n{text}")
        return read_config(file)

    return write


def verdict(rulebook, day):
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=PARIS).timestamp()
    envelope = Envelope("a@ch.example", (Recipient("b@mail.example"),))
    mail = Mail("1", "smtp", Client(), envelope, b"", b"", deadline=1e12, received=moment)
    (found,) = rulebook.decide(mail, Inspection())
    return found


@pytest.mark.parametrize(
    ("enforce", "day", "rule", "monitored"),
    [
        ("[bulk]", date(2026, 12, 22), "bulk/contacts", ()),
        ("[]", date(2026, 12, 22), "", ("bulk/contacts", "finance/iban")),
        ("[]", date(2026, 12, 23), "bulk/contacts", ()),
    ],
)
def test_rules_look_on_until_the_day_and_stop_mail_from_the_next_one_on(
    written, enforce, day, rule, monitored
):
    config = written(f"monitor: {{until: 2026-12-22, enforce: {enforce}}}\n")
    found = verdict(parts.Rulebook(config, None), day)
    assert (found.rule, found.monitored) == (rule, monitored)
    assert found.disposition is (Disposition.QUARANTINE if rule else Disposition.PASS)


def test_a_slip_in_the_floor_keeps_the_gateway_from_starting(written):
    config = written("monitor: {until: 2026-12-22, enforce: [bulk/contact]}\n")
    with pytest.raises(Misconfigured, match=r"monitor.enforce: no rule or family bulk/contact: "):
        parts.Rulebook(config, None)


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("", ["dpia", "works_council", "staff"]),
        ("declared: {dpia: 2026-09-14, works_council: none, staff: 2026-11-22}\n", []),
        ("declared: {dpia: 2026-11-23, works_council: 2026-09-01}\n", ["dpia", "staff"]),
    ],
)
def test_what_is_not_declared_or_only_promised_is_missing(written, text, missing):
    assert list(written(text).declared.missing(TODAY)) == missing


@pytest.mark.parametrize("said", ["soon", "12", "2026-13-01", "[none]"])
def test_what_is_no_day_is_refused(written, said):
    with pytest.raises(Misconfigured, match=r"gateway.yaml:3:"):
        written(f"declared: {{works_council: {said}}}\n")
