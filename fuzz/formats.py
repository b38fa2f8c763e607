"""Formats of one piece: rich text, web pages, tables, saved mails, cards, winmail.dat, signed
files, drawings, and the headers of pictures (no words are looked for in them)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from fuzz import files
from tests.makers import archives as made
from tests.makers import documents, mails, outlook

_TEXTUAL = (
    rb"{\rtf1|{\*\|\par|\u233?|\'e9|\bin3 |{\pict|\pngblip|{\field|{\fldinst|{\object|\objdata|"
    rb"\htmlrtf|{\*\htmltag64 |\uc2|\ansicpg1252|\cell|\row|}|<p>|<td>|<table>|<!--|-->|<script>|"
    rb"<style>|<![CDATA[|&eacute;|&#x33;|<?xml version='1.0'?>|<!DOCTYPE|src=data:|;base64,|"
    rb"BEGIN:VCARD|END:VCARD|BEGIN:VEVENT|;ENCODING=QUOTED-PRINTABLE:|;ENCODING=b:|ATTACH;|NOTE:|"
    rb"-----BEGIN PKCS7-----|-----END PKCS7-----|-----BEGIN PGP MESSAGE-----|From a@b |Subject: x"
)
_BINARY = (
    b"\x78\x9f\x3e\x22\1\0|\1\3\x90\6\0|\2\x0f\x80\6\0|\x30\x80|\x24\x80|\0\0|"
    b"\x2a\x86\x48\x86\xf7\x0d\1\7\2|\xff\xd8\xff|\x89PNG\r\n\x1a\n|IHDR|II*\0|"
    b" EMF|\xd7\xcd\xc6\x9a|\xff\xff\xff\xff"
)
WORDS = [*_TEXTUAL.split(b"|"), *_BINARY.split(b"|")]
LONGEST = 4_096
PNG = documents.png(3, 3)
RICH = (
    rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 A;}}\uc1 Bonjour \u233?\'e9\par",
    rb"{\field{\*\fldinst HYPERLINK a}{\fldrslt b}}\trowd a\cell b\cell\row",
    rb"{\*\htmltag64 <p>}\htmlrtf{\b\htmlrtf0  x\htmlrtf}\htmlrtf0{\*\annotation x}",
    rb"{\pict\pngblip " + PNG.hex().encode() + rb"}{\object{\*\objdata 0105000002}}}",
)
check = files.check


def seeds() -> Iterator[bytes]:
    yield b"".join(RICH)
    yield from (b"{\\rtf1" + piece + b"}" for piece in RICH[1:])
    yield "<html><!-- x --><p style='a' hidden>é&eacute;&#233;<table><tr><td>1<td>2".encode()
    yield b'<html><img src="data:image/png;base64,QUFB" alt=x><script>var a=1</script>'
    yield '<?xml version="1.0"?><a xmlns="b"><b id="é"/><![CDATA[x]]>&amp;</a>'.encode()
    yield b'Nom;Date\nx;y\n"a;b";c\n'
    yield "Bonjour".encode("utf-16")
    mail = mails.mixed(
        mails.text("Bonjour"), mails.attachment("a.zip", documents.zip_of({"a": b"b"}))
    )
    yield mail
    yield made.mbox(mail, mails.message(mails.text("b")))
    yield made.vcard(
        "NOTE;ENCODING=QUOTED-PRINTABLE:=C3=A9", f"PHOTO;ENCODING=b:{made.inline(PNG)}"
    )
    yield made.invitation("DESCRIPTION:a\\nb\r\n c", f"ATTACH;ENCODING=BASE64:{made.inline(b'x')}")
    rich = outlook.compressed_rtf(b"{\\rtf1 a}")
    values: outlook.Properties = {outlook.BODY: "Bonjour", outlook.RTF: rich}
    yield outlook.winmail(values, body="é", attached={"a.txt": b"x"}, named="y")
    yield made.signed_in_pieces(b"Bonjour " * 20, 50)
    yield made.compressed(mail)
    yield made.enveloped()
    yield PNG
    yield b"GIF89a\1\0\1\0\x80\0\0" + bytes(6) + b",\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
    yield b"II*\0\x08\0\0\0\1\0\0\1\3\0\1\0\0\0\1\0\0\0" + bytes(4)
    yield (
        b"BM"
        + struct.pack("<LLLLLLHHLLLLLL", 58, 0, 54, 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0)
        + bytes(4)
    )
    text = "Bonjour".encode("utf-16-le") + b"\0\0"
    shown = struct.pack("<2L28xLLLL", 84, 52 + len(text), 0, 5, 7, 52) + text
    yield struct.pack("<2L32s4s44x", 1, 88, b"", b" EMF") + shown + struct.pack("<2L12x", 14, 20)
    drawn = struct.pack("<LH4H", 7 + 4, 0x0A32, 3, 4, 7, 0) + b"Bonjour\0"
    yield b"\1\0\t\0\0\3" + bytes(12) + drawn + struct.pack("<LH", 3, 0)
