"""7z and RAR 5 under a password: opened by what the mail says, told otherwise, never believed."""

import hashlib
import struct
import zlib
from functools import cache

import pytest

from gateway import inspection
from gateway.extract import archive, archive_lock, rar5_lock, seven_lock
from gateway.model import Limits, Part, Problem, Trouble
from tests.makers import locked_archives as made
from tests.makers import sealing

NIR = "2 79 03 51 999 151 81"
MEMBERS = {"liste.txt": f"{NIR}\r\n".encode() * 40, "été.txt": b"second"}
SECRET = "Soleil-d'été-2026"

SEVENS = {
    "as 7-Zip does by default": (),
    "names locked": ("-mhe=on",),
    "stored": ("-m0=copy",),
    "stored, names locked": ("-m0=copy", "-mhe=on"),
    "each by itself": ("-ms=off",),
    "for programs": ("-m0=BCJ2", "-m1=LZMA"),
    "bzip2": ("-m0=bzip2",),
}
RARS = {
    "as WinRAR does by default": {},
    "names locked": {"names": True},
    "without a value to know the password by": {"checked": False},
}


@cache
def seven(*options, password=SECRET):
    data = made.seven_under(MEMBERS, password, *options)
    if data is None:
        pytest.skip("missing: 7zz")
    return data


def read(data, *, text):
    mail = sealing.message(text=text, files=[("a.bin", data)])
    parts = list(inspection.Walk(Limits(), {}, lambda _: None).message(mail, "", 0))
    words = "\n".join(inspection._shown(piece) for part in parts for piece in part.pieces)
    return words, {problem.kind for part in parts for problem in part.problems}


def opens(data):
    words, troubles = read(data, text=f"Bonjour,\r\nle mot de passe est : {SECRET}\r\n")
    for word in (NIR, "second", "été.txt"):
        assert word in words
    assert troubles == {Trouble.OPENED}
    words, troubles = read(data, text="Bonjour,\r\nle mot de passe suit par SMS.\r\n")
    assert NIR not in words
    assert Trouble.ENCRYPTED in troubles


@pytest.mark.parametrize("options", SEVENS.values(), ids=list(SEVENS))
def test_a_7z_is_opened_by_the_password_in_the_mail_and_by_no_other(options):
    opens(seven(*options))


@pytest.mark.parametrize("how", RARS.values(), ids=list(RARS))
def test_a_rar_is_opened_by_the_password_in_the_mail_and_by_no_other(how):
    opens(made.rar5_under(MEMBERS, SECRET, **how))


def test_a_rar_that_mixes_members_with_and_without_a_lock_is_read_whole():
    plain = made.rar5_under({"a.txt": NIR.encode()}, SECRET)
    ends = plain.index(b"\x05", len(plain) - 6) - 5  # before the last header
    data = plain[:ends] + _stored("b.txt", b"ouvert") + plain[ends:]
    words, troubles = read(data, text=f"mdp : {SECRET}\r\n")
    assert NIR in words
    assert "ouvert" in words
    assert troubles == {Trouble.OPENED}


def _stored(name, content):
    return (
        made._head(
            2,
            b"\x04"
            + bytes((len(content),))
            + b"\0"
            + struct.pack("<L", zlib.crc32(content))
            + b"\0\x01"
            + bytes((len(name),))
            + name.encode(),
            b"",
            len(content),
        )
        + content
    )


def test_a_lock_of_too_many_rounds_is_not_tried():
    """2^24 rounds of PBKDF2 take some 20 s; 2^30 of SHA-256 for a 7z, ten minutes."""
    rar = made.rar5_under(MEMBERS, SECRET)
    data = rar.replace(bytes((made._ROUNDS,)) + made._SALT, b"\x18" + made._SALT)
    assert data != rar
    assert rar5_lock.opened(data, SECRET) is None
    assert (
        seven_lock._key(2, b"", "a")
        == hashlib.sha256(b"".join(b"a\0" + n.to_bytes(8, "little") for n in range(4))).digest()
    )
    with pytest.raises(seven_lock._Closed):
        seven_lock._key(21, b"", "a")


def test_each_guess_at_a_7z_costs_one_key_whatever_the_folders_say(monkeypatch):
    keys = []
    derive = seven_lock._key
    monkeypatch.setattr(seven_lock, "_key", lambda *a: keys.append(a) or derive(*a))
    assert seven_lock.opened(seven("-ms=off"), SECRET)
    assert len(keys) == 1


def test_few_passwords_are_tried(monkeypatch):
    tried = []
    monkeypatch.setattr(seven_lock, "opened", lambda _, password: tried.append(password))
    part = Part("1", seven(), passwords=tuple(f"faux{n}" for n in range(20)))
    assert archive_lock.opened(part, ("7zip",), Limits()) is None
    assert tried == ["", *part.passwords[:8]]


key_once = cache(seven_lock._key)  # of half a million rounds


@cache
def rar_with_names_locked():
    return made.rar5_under(MEMBERS, SECRET, names=True)


@pytest.mark.parametrize("cut", range(0, 400, 7))
def test_a_cut_or_broken_lock_is_told_and_nothing_raises(cut, monkeypatch):
    monkeypatch.setattr(seven_lock, "_key", key_once)
    for data in (seven("-mhe=on"), rar_with_names_locked()):
        broken = bytearray(data)
        if cut < len(broken):
            broken[cut] ^= 0x55
        for one in (data[:cut], bytes(broken)):
            for unlock in (seven_lock, rar5_lock):
                unlock.opened(one, SECRET)
            seven_lock.locked(one)


def test_an_archive_without_a_lock_is_not_unlocked():
    data = seven(password="")
    assert not seven_lock.locked(data)
    found = list(archive.extract(Part("1", data, passwords=(SECRET,)), Limits()))
    assert not [piece for piece in found if isinstance(piece, Problem)]
