"""List managers and newsletters: footers as parts of their own, digests, hidden preheaders."""

from __future__ import annotations

import base64
from random import Random

from tests.makers.ordinary import desktop, setting
from tests.makers.ordinary.setting import Letter
from tests.makers.ordinary.writing import (
    b64,
    digits,
    entity,
    folded,
    hexadecimal,
    multipart,
    qp,
    token,
    words,
)

_RULER = "_______________________________________________\n"
_FOOTER = (
    _RULER + "Liste mailing list\nliste@listes.example\nhttps://listes.example/mailman/liste\n"
)


def _list_fields(name: str) -> list[str]:
    return [
        f"List-Id: <{name}.listes.example>",
        "List-Help: <mailto:sympa@listes.example?subject=help>",
        f"List-Unsubscribe: <https://listes.example/u/{name}>,\n"
        f" <mailto:{name}-leave@listes.example>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        f"List-Post: <mailto:{name}@listes.example>",
        "Precedence: list",
        f"X-BeenThere: {name}@listes.example",
    ]


def _dkim(rng: Random) -> str:
    seal = base64.b64encode(rng.randbytes(256)).decode()
    value = f"v=1; a=rsa-sha256; c=relaxed/simple; d=chu.example; s=mail; bh={seal[:43]}=; b={seal}"
    return folded("DKIM-Signature", value, 68)


def _fields(letter: Letter, subject: str) -> list[str]:
    return [
        f"From: {words(letter.name, 'utf-8', 'Q')} <{letter.sender}>",
        f"To: {letter.to}",
        f"Subject: {subject}",
        f"Date: {letter.date}",
        "MIME-Version: 1.0",
    ]


def mailman_footer_as_part(rng: Random) -> bytes:
    """Mailman wraps what it may not append to: a mixed around the alternative, and a footer."""
    letter = setting.letter(rng)
    outer, inner = f"==============={digits(rng, 19)}==", f"--_com.android.email_{digits(rng, 15)}"
    alternative = entity(
        f'Content-Type: multipart/alternative; boundary="{inner}"',
        body=b"\n"
        + multipart(
            inner,
            entity(
                "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: base64",
                body=b64(letter.text.encode()),
            ),
            entity(
                "Content-Type: text/html; charset=utf-8",
                "Content-Transfer-Encoding: base64",
                body=b64(letter.html.encode()),
            ),
            epilogue="\n",
        ),
    )
    footer = entity(
        'Content-Type: text/plain; charset="us-ascii"',
        "MIME-Version: 1.0",
        "Content-Transfer-Encoding: 7bit",
        "Content-Disposition: inline",
        body=_FOOTER.encode(),
    )
    return entity(
        _dkim(rng),
        *_fields(letter, words("[Liste] " + letter.subject, "utf-8", "Q")),
        f'Content-Type: multipart/mixed; boundary="{outer}"',
        'Errors-To: liste-bounces@listes.example\nSender: "Liste" <liste-bounces@listes.example>',
        *_list_fields("liste"),
        body=multipart(outer, alternative, footer),
    )


def footer_in_the_epilogue(rng: Random) -> bytes:
    """Simpler managers write it after the last delimiter."""
    letter, boundary = setting.letter(rng), f"=_{hexadecimal(rng, 20)}"
    return entity(
        *_fields(letter, words(letter.subject)),
        f"Content-Type: multipart/mixed; boundary={boundary}",
        *_list_fields("annonces"),
        body=multipart(
            boundary,
            entity(
                "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: 8bit",
                body=letter.text.encode(),
            ),
            entity(
                'Content-Type: application/pdf; name="annonce.pdf"',
                "Content-Transfer-Encoding: base64",
                'Content-Disposition: attachment; filename="annonce.pdf"',
                body=b64(setting.pdf()),
            ),
            epilogue="\n" + _FOOTER,
        ),
    )


def sympa_plain(rng: Random) -> bytes:
    letter = setting.letter(rng)
    text = f"{letter.text}\n-- \nVous recevez ce message car vous êtes abonné à la liste.\n"
    return entity(
        f"X-Sympa-To: annonces@listes.example\nX-Validation-by: {letter.sender}",
        _dkim(rng),
        *_fields(letter, words("[annonces] " + letter.subject, "UTF-8", "Q")),
        "Content-Type: text/plain; charset=UTF-8; format=flowed",
        "Content-Transfer-Encoding: 8bit",
        f"X-Loop: annonces@listes.example\nX-Sequence: {rng.randint(1, 999)}",
        *_list_fields("annonces"),
        f"Archived-At: <https://listes.example/arc/annonces/2025-03/{token(rng, 22)}>",
        body=text.encode(),
    )


def mailman_digest(rng: Random) -> bytes:
    """multipart/digest: parts without a type are messages."""
    letter = setting.letter(rng)
    outer, digest = f"==============={digits(rng, 19)}==", f"==============={digits(rng, 18)}=="
    messages = [entity(body=desktop.mutt_plain(rng)) for _ in range(3)]
    messages.append(entity("Content-Type: message/rfc822", body=desktop.thunderbird_flowed(rng)))
    contents = entity(
        'Content-Type: text/plain; charset="us-ascii"',
        "Content-Description: Liste Digest, Vol 12, Issue 4",
        body=b"Today's Topics:\n\n   1. Re: planning (X)\n   2. Re: planning (Y)\n\n",
    )
    body = entity(
        f'Content-Type: multipart/digest; boundary="{digest}"',
        "MIME-Version: 1.0",
        body=multipart(digest, *messages),
    )
    footer = entity(
        'Content-Type: text/plain; charset="us-ascii"',
        "Content-Description: Digest Footer",
        body=_FOOTER.encode(),
    )
    return entity(
        *_fields(letter, "Liste Digest, Vol 12, Issue 4"),
        f'Content-Type: multipart/mixed; boundary="{outer}"',
        *_list_fields("liste"),
        body=multipart(outer, contents, body, footer),
    )


def newsletter_with_hidden_preheader(rng: Random) -> bytes:
    """Zero-width characters by the hundred, so that nothing follows the preheader in a list."""
    letter, boundary = setting.letter(rng), f"_----------={digits(rng, 18)}"
    hidden = "&#847; &zwnj; &nbsp; " * 60 + "\u200c\u00a0\u034f" * 100
    rows = "".join(
        f'<tr><td style="padding:0 24px;font-family:Arial,Helvetica,sans-serif">{line}</td></tr>'
        for line in letter.text.split("\n")
    )
    html = (
        '<!doctype html><html xmlns="http://www.w3.org/1999/xhtml" lang="fr"><head><title></title>'
        "<!--[if mso]><xml><o:PixelsPerInch>96</o:PixelsPerInch></xml><![endif]-->"
        "<style>#outlook a{padding:0} @media only screen and (max-width:480px)"
        "{.mcn{width:100%!important}}</style></head><body>"
        '<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">Les actualités du mois'
        f"{hidden}</div><table>{rows}</table>"
        f'<img src="https://track.newsletter.example/o/{token(rng, 120)}" width="1" height="1">'
        f'<a href="https://newsletter.example/u/{token(rng, 200)}">Se désabonner</a></body></html>'
    )
    return entity(
        _dkim(rng),
        *_fields(letter, words("Les actualités du mois ✨ – à ne pas manquer", "utf-8", "Q")),
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
        *_list_fields("nouvelles"),
        f"X-MC-User: {hexadecimal(rng, 25)}",
        f"Feedback-ID: {digits(rng, 8)}:{digits(rng, 8)}.{digits(rng, 7)}:us12:mc",
        f"X-Campaignid: newsletter{hexadecimal(rng, 25)}.{hexadecimal(rng, 10)}",
        body=b"This is a multi-part message in MIME format\n\n"
        + multipart(
            boundary,
            entity(
                'Content-Type: text/plain; charset="utf-8"; format="fixed"',
                "Content-Transfer-Encoding: quoted-printable",
                body=qp(letter.text),
            ),
            entity(
                'Content-Type: text/html; charset="utf-8"',
                "Content-Transfer-Encoding: quoted-printable",
                body=qp(html),
            ),
        ),
    )


def newsletter_in_one_long_line(rng: Random) -> bytes:
    """HTML only, one line of many kilobytes, 8bit, a single part."""
    letter = setting.letter(rng)
    html = "<html><body>" + letter.html.replace("\n", "") * 8 + "</body></html>"
    return entity(
        _dkim(rng),
        *_fields(letter, words(letter.subject)),
        "Content-Type: text/html; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        f"X-Mailin-EID: {token(rng, 160)}",
        *_list_fields("lettre"),
        body=html.encode() + b"\n",
    )


def marketing_amp(rng: Random) -> bytes:
    """Three readings on purpose, as the standard means it: plain, AMP and HTML."""
    letter, boundary = setting.letter(rng), hexadecimal(rng, 28)
    head = '<!doctype html><html ⚡4email><head><meta charset="utf-8"></head><body>'
    amp = f"{head}{letter.html}</body></html>"
    return entity(
        _dkim(rng),
        *_fields(letter, words(letter.subject)),
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
        *_list_fields("offres"),
        body=multipart(
            boundary,
            entity(
                "Content-Type: text/plain; charset=UTF-8",
                "Content-Transfer-Encoding: base64",
                body=b64(letter.text.encode()),
            ),
            entity(
                "Content-Type: text/x-amp-html; charset=UTF-8",
                "Content-Transfer-Encoding: quoted-printable",
                body=qp(amp),
            ),
            entity(
                "Content-Type: text/html; charset=UTF-8",
                "Content-Transfer-Encoding: quoted-printable",
                body=qp(letter.html),
            ),
        ),
    )
