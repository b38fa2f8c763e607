"""Sound and film are told as such, not as a file of unknown format: rules tell them apart."""

import io
import wave

import pytest

from gateway import inspection
from gateway.extract import kind, sound
from gateway.model import Coverage, Limits, Part, Place, Problem, Trouble
from tests.makers import documents as made


def dictation() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sheet:
        sheet.setnchannels(1)
        sheet.setsampwidth(2)
        sheet.setframerate(8000)
        sheet.writeframes(bytes(16_000))
    return out.getvalue()


BOX = b"\0\0\0\x18ftyp"
MEDIA = {
    "WAV of an answering machine": dictation(),
    "WAV with something before its format": b"RIFF\x24\0\0\0WAVEJUNK" + bytes(400),
    "MP3": b"\xff\xfb\x90\x64" + bytes(400),
    "MP3 of Outlook's voice mail": b"\xff\xf3\x84\xc4" + bytes(400),
    "MP3 with its title": b"ID3\x04\0\0\0\0\0\x0a" + bytes(400),
    "M4A": BOX + b"M4A \0\0\0\0" + bytes(400),
    "MP4": BOX + b"isom\0\0\0\0" + bytes(400),
    "film of a telephone": BOX + b"qt  \0\0\0\0" + bytes(400),
    "3GP": BOX + b"3gp4\0\0\0\0" + bytes(400),
    "AMR": b"#!AMR\n" + bytes(range(200)),
    "WMA": b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + bytes(400),
    "OGG": b"OggS\0\2" + bytes(400),
    "AVI": b"RIFF\0\1\0\0AVI LIST" + bytes(400),
    "WebM": b"\x1aE\xdf\xa3\x9fB\x86\x81" + bytes(400),
    "AAC": b"\xff\xf1\x50\x80" + bytes(400),
}


@pytest.mark.parametrize("name", MEDIA)
def test_sound_and_film_are_told_as_what_they_are(name):
    assert kind.kinds(Part("1", MEDIA[name])) == ("media",)
    [part] = inspection.extracts("x", MEDIA[name], Limits())
    assert {problem.kind for problem in part.problems} == {Trouble.SOUND}
    assert part.coverage is Coverage.UNREAD


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"ID3;Nom;Naissance\r\n1;TEST;01/01/1970\r\n", "a table whose first label is ID3"),
        (b"Le moov est une boite", "a text with a word of theirs where it counts"),
        ("Bonjour".encode("utf-16"), "the mark of UTF-16 begins like a frame"),
        (b"\xff\xfb\xff\xff" + bytes(99), "no bits a second that there are"),
        (b"\xff\xf1\xff\xff" + bytes(99), "no sampling frequency that there is"),
        (b"\0\0\0\x18ftypheic" + bytes(99), "a photograph of a telephone"),
        (b"RIFF\0\0\0\0WEBPVP8 " + bytes(99), "a picture in the same wrapping"),
        (b"", "nothing"),
    ],
)
def test_other_things_are_not_taken_for_sound(data, why):
    assert kind.signed(data) != "media", why


def test_an_archive_glued_to_a_film_is_read():
    zipped = made.zip_of({"a.txt": b"canari"})
    parts = list(inspection.extracts("x", MEDIA["MP4"] + zipped, Limits()))
    assert parts[0].kind == "media+zip"
    assert "canari" in parts[1].text


def test_what_the_reader_of_sound_says_of_it_is_fixed():
    assert list(sound.extract(Part("1", b""), Limits())) == [
        Problem(Trouble.SOUND, Place("1"), "sound or film, which nobody listens to here")
    ]
