"""Files under a password: noticed, tried with what the mail says, told when that opened them."""

import pytest

from gateway import inspection
from gateway.extract import passwords
from gateway.model import Limits, Medium, Part, Place, Text, Trouble
from tests.makers import archives as made
from tests.makers import documents, sealing
from tests.makers.locks_of_office import locked_package

NIR = "2 79 03 51 999 151 81"
ONE = {"liste.txt": NIR.encode()}
SECRET = "Soleil2026!"


def parts_of(text, *files):
    mail = sealing.message(text=text, files=files)
    return list(inspection.Walk(Limits(), {}, lambda _: None).message(mail, "", 0))


def words(parts):
    return "\n".join(inspection._shown(piece) for part in parts for piece in part.pieces)


def troubles(parts):
    return {problem.kind for part in parts for problem in part.problems}


LOCKED = {
    "zip, AES": ("a.zip", made.zip_under(ONE, SECRET)),
    "zip, AES, two members": ("a.zip", made.zip_under({"vide.txt": b"", **ONE}, SECRET)),
    "zip, traditional": ("a.zip", made.zip_under(ONE, SECRET, aes=False)),
    "zip, with an office file": ("a.zip", made.zip_under({"a.docx": documents.docx(NIR)}, SECRET)),
    "zip in a zip": ("a.zip", documents.zip_of({"b.zip": made.zip_under(ONE, SECRET)})),
    "docx": ("a.docx", locked_package(documents.docx(NIR), SECRET)),
    "pdf": ("a.pdf", documents.pdf_locked(documents.pdf(NIR), user=SECRET)),
}


@pytest.mark.parametrize("name", LOCKED)
def test_a_password_in_the_mail_opens_the_file_and_is_told(name):
    parts = parts_of(f"Bonjour,\r\nle mot de passe est : {SECRET}\r\n", LOCKED[name])
    assert NIR in words(parts)
    assert troubles(parts) == {Trouble.OPENED}
    assert {part.coverage.value for part in parts} == {"whole"}


@pytest.mark.parametrize("name", LOCKED)
def test_without_its_password_it_is_told_as_encrypted(name):
    parts = parts_of("Bonjour,\r\nle mot de passe suit par SMS.\r\n", LOCKED[name])
    assert NIR not in words(parts)
    assert troubles(parts) == {Trouble.ENCRYPTED}


def test_a_wrong_check_byte_that_fits_by_chance_opens_nothing():
    """One guess in 256 passes the old check: the rubbish that comes out tells it is wrong."""
    locked = made.zip_under({"a.txt": NIR.encode() * 9}, SECRET, aes=False)
    guesses = tuple(f"faux{n}" for n in range(2000))
    part = Part("1", locked, passwords=guesses)
    pieces = list(inspection._pieces(part, Limits()))
    kinds = {piece.kind for piece in pieces if hasattr(piece, "kind")}
    assert kinds == {Trouble.ENCRYPTED}


def test_a_password_counts_for_what_a_forwarded_mail_carries():
    inner = sealing.message(text="Voir la pièce jointe.\r\n", files=(LOCKED["zip, AES"],))
    parts = parts_of(f"mdp {SECRET}\r\n", ("m.eml", inner))
    assert NIR in words(parts)
    assert troubles(parts) == {Trouble.OPENED}


@pytest.mark.parametrize(
    ("text", "password"),
    [
        ("Le mot de passe est : Azerty", "Azerty"),
        ("Le mot de passe est Azerty.", "Azerty"),
        ("mdp=abc", "abc"),
        ("MDP : 4521", "4521"),
        ("Mot de passe du fichier zip 4521", "4521"),
        ("Le mot de passe est le suivant :\n\nmimosa\n\nCordialement", "mimosa"),
        ("Mot de passe : « ma phrase de passe »", "ma phrase de passe"),
        ("Mot de passe : ma phrase\nCordialement", "ma phrase"),
        ("Mot de passe : Fini!", "Fini!"),
        ("Le code d'ouverture est 0475.", "0475"),
        ("clé : xyz", "xyz"),
        ("Password: hunter2", "hunter2"),
        ("The password is hunter", "hunter"),
        ("Ci-joint le fichier.\n\nSoleil2026!\n", "Soleil2026!"),
    ],
)  # fmt: skip
def test_the_words_that_may_be_a_password(text, password):
    part = Part("1", text.encode(), "text/plain", body=True)
    assert password in passwords.of_mail([part], [], ())


def test_a_password_in_html_and_in_the_subject():
    page = Part("1", b"<p>Mot de passe&nbsp;: <b>Sol</b>eil</p>", "text/html", body=True)
    subject = Text(Place("", "header Subject"), "fichier, mdp Lune", Medium.HEADER)
    assert {"Soleil", "Lune"} <= set(passwords.of_mail([page], [subject], ()))


def test_guesses_are_few_whatever_the_mail_says():
    text = " ".join(f"mot de passe : Secret{n}" for n in range(9999))
    part = Part("1", text.encode(), "text/plain", body=True)
    assert len(passwords.of_mail([part], [], ())) == passwords.MOST


def test_passwords_are_not_shown_with_a_part():
    assert SECRET not in repr(Part("1", b"", passwords=(SECRET,)))
