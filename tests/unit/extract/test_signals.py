"""Signals of the body by their content: whose they are, and what looks like them."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import inspection
from gateway.extract import signal
from gateway.extract.kind import kinds
from gateway.model import Coverage, Likelihood, Limits, Part, Trouble
from tests.makers import documents, exchanges, mails, persons
from tests.makers import signals as made

ANNE = persons.Person(
    "F", "Anne", "TEST-UN", persons.date(1961, 2, 3), "1 rue Fictive", "99999 TESTVILLE", "2"
)
READ = {
    "EDF+": made.edf(ANNE),
    "EDF": made.edf(ANNE, plus=False),
    "SCP-ECG": made.scp(ANNE),
    "aECG": exchanges.aecg(ANNE),
    "EDF+, cut": made.edf(ANNE)[:200],
    "SCP-ECG, zipped": documents.zip_of({"ecg": made.scp(ANNE)}),
}
SAID = {
    "EDF+ of nobody": (made.edf(None), None),
    "Apple Health": (made.apple(), Likelihood.LIKELY),
    "a volume": (made.nifti(), Likelihood.POSSIBLE),
    "a run": (made.fit(), Likelihood.POSSIBLE),
    "a glucose sensor": (made.GLUCOSE, Likelihood.LIKELY),
    "another glucose sensor": (made.CLARITY, Likelihood.LIKELY),
    "scales": (made.SCALES, Likelihood.LIKELY),
}
LOOK_ALIKES = {
    "a text with the extension of a watch": b"12345678.FIT, la course du dimanche",
    "numbers in columns": b"0       1       2\n" * 30,
    "the word": b"SCPECG, EDF et FIT : formats de signaux",
    "a refrigerator": b"Date;Temperature (C)\n2024-03-06;4,1\n2024-03-07;4,2\n",
    "a zeroed file": bytes(400),
}


def read(data):
    return inspection.read_file("f", data, Limits())


def likelihoods(data):
    return {hit.likelihood for hit in read(data).hits if hit.kind == "health.signal"}


@pytest.mark.parametrize("name", READ)
def test_the_patient_is_found(name):
    assert "anne test-un" in {hit.value for hit in read(READ[name]).hits if hit.kind == "person"}
    assert likelihoods(READ[name]) == {Likelihood.VERY_LIKELY}


@pytest.mark.parametrize("name", SAID)
def test_how_sure_it_is(name):
    data, sure = SAID[name]
    assert likelihoods(data) == ({sure} if sure else set())


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_what_looks_like_it_is_none(name):
    part = Part("1", LOOK_ALIKES[name], names=("a.fit", "a.edf"))
    assert "signal" not in kinds(part)
    assert not likelihoods(LOOK_ALIKES[name])


def test_annotations_among_the_samples_are_read():
    [part] = inspection.extracts("f", made.edf(ANNE, annotation="crise à 12 s"), Limits())
    assert "crise à 12 s" in part.text


@pytest.mark.parametrize("data", [made.edf(ANNE), made.scp(ANNE), made.nifti(), made.fit()])
def test_samples_are_not_read_whole_and_words_among_them_are(data):
    """A volume shows a face, and a file of samples may hide a text."""
    [part] = inspection.extracts("f", data + b"\0Compte rendu secret\0", Limits())
    assert {problem.kind for problem in part.problems} == {Trouble.NO_TEXT}
    assert part.coverage is Coverage.PARTLY
    assert "Compte rendu secret" in part.text


def test_of_a_long_export_the_beginning_is_read_and_that_is_told():
    reading = read(made.apple(10_000))
    assert {problem.kind for problem in reading.problems} == {Trouble.TOO_BIG}
    assert likelihoods(made.apple(10_000)) == {Likelihood.LIKELY}


@pytest.mark.parametrize("name", ["corps", "message.apz"])
def test_apicrypt_is_told_as_encrypted(name):
    """Rules let it through to declared partners only, like all that is encrypted."""
    sealed = "$APICRYPT\n" + Random(1).randbytes(60).hex() + "\n$FINAPICRYPT\n"
    if name == "corps":
        content = mails.message(mails.text(sealed))
    else:
        content = mails.mixed(mails.text("Voir."), mails.attachment(name, sealed.encode()))
    reading = inspection.read(content, Limits())
    assert {problem.kind for problem in reading.problems} == {Trouble.ENCRYPTED}


@given(
    st.sampled_from([made.edf(ANNE)[:256], made.scp(ANNE)[:60], made.nifti()[:348], made.fit()]),
    st.binary(max_size=300),
)
def test_no_bytes_break_it(head, rest):
    data = head[: len(head) - len(rest) % 40] + rest
    if signal.kind(data):
        assert list(signal.extract(Part("1", data), Limits()))
