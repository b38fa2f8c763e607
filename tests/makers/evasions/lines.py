"""Line ends, where the header ends, and folding."""

from __future__ import annotations

from itertools import product

from tests.makers.evasions.boundaries import bounded
from tests.makers.evasions.setting import (
    CTE,
    DECOY_PART,
    ENCODED,
    QP_PART,
    SECRET_PART,
    TOP,
    TYPE,
    Named,
    attached,
    mixed,
)


def line_ends() -> Named:
    crlf = b"\r\n"
    odd = {
        "lf": b"\n",
        "cr": b"\r",
        "crcrlf": b"\r\r\n",
        "lfcr": b"\n\r",
        "crlfcr": b"\r\n\r",
        "lfcrlf": b"\n\r\n",
        "crlflf": b"\r\n\n",
        "cr-space": b"\r ",
        "space-lf": b" \n",
        "vt": b"\v",
        "ff": b"\f",
        "nel": b"\x85",
        "ls": "\u2028".encode(),
        "nul": b"\0",
        "dc3": b"\r\x13",
        "dc3-lf": b"\x13\n",
        "cr-junk-lf": b"\r{}\n",
        "cr-comment": b"\r(\n)",
        "rs": b"\x1e",
        "crcr": b"\r\r",
        "crlf-hash": b"\r\n#",
        "none": b"",
    }
    for (name, end), (real, body) in product(odd.items(), ENCODED.items()):
        body = body.replace(b"\n", crlf)
        kind, cte = TYPE.encode().replace(b"\n", crlf), f"{CTE}: {real}".encode()
        heads = {
            "before": kind[:-2] + end + cte + crlf + crlf,
            "after": kind + cte + end + b"Content-ID: <3@ch.example>" + crlf + crlf,
            "border": kind + cte + crlf + end,
            "both": kind + cte + end + end,
            "only": kind + cte + end,
            "after-border": kind + crlf + cte + end + end,
        }
        for where, head in heads.items():
            mail = mixed(DECOY_PART, b"@@").replace(b"\n", crlf)
            yield f"{name}-{where}-{real}", mail.replace(b"@@", head + body)
    for name, end in list(odd.items())[:16]:
        for one in (SECRET_PART, QP_PART):
            mail = mixed(DECOY_PART, one)
            yield f"all-{name}-{len(one)}", mail.replace(b"\n", end)
            top, _, rest = mail.partition(b"\n\n")
            yield (
                f"top-{name}-{len(one)}",
                (top.replace(b"\n", end) + end + end + rest).replace(b"\n", crlf),
            )
            marks = mail.replace(b"\n", crlf).replace(b"\r\n--foo", end + b"--foo")
            yield f"before-marks-{name}-{len(one)}", marks
            yield (
                f"after-marks-{name}-{len(one)}",
                mail.replace(b"\n", crlf).replace(b"--foo\r\n", b"--foo" + end),
            )


def separators() -> Named:
    for real, body in ENCODED.items():
        cte = f"{CTE}: {real}\n"
        heads = {
            "missing": TYPE + cte,
            "blank": TYPE + cte + " \n",
            "tab": TYPE + cte + "\t\n",
            "blanks": TYPE + cte + "  \t \n",
            "letter": TYPE + cte + "c\n",
            "bracket": TYPE + cte + "<\n",
            "quotes": TYPE + cte + '""\n',
            "comment": TYPE + cte + "(x)\n",
            "sentence": TYPE + cte + "Une phrase sans rien dire.\n",
            "sentence-then-empty": TYPE + cte + "Une phrase sans rien dire.\n\n",
            "sentence-before": TYPE + "Une phrase.\n" + cte + "\n",
            "sentence-before-and-no-end": TYPE + "Une phrase.\n" + cte,
            "after-empty-line": TYPE + "\n" + cte + "\n",
            "after-empty-line-and-no-end": TYPE + "\n" + cte,
            "after-blank-line": TYPE + " \n" + cte + "\n",
            "after-sentence": TYPE + "\nUne phrase.\n" + cte + "\n",
            "between-sentences": TYPE + "\nUne phrase.\n" + cte + "Une phrase.\n\n",
            "between-sentences-and-no-end": TYPE + "\nUne phrase.\n" + cte + "Une phrase.\n",
            "indented-after-empty-line": TYPE + "\n " + cte + "\n",
            "empty-line-first": "\n" + TYPE + cte + "\n",
            "blank-line-first": " \n" + TYPE + cte + "\n",
            "two-empty-lines-within": "Content-Type: text/plain\n\n\n" + cte + "\n",
            "mbox": "From x Mon Nov 23 10:00:00 2026\n" + TYPE + cte + "\n",
            "quoted-mbox": ">From x\n" + TYPE + cte + "\n",
            "hyphens": TYPE + "--\n" + cte + "\n",
        }
        for name, head in heads.items():
            yield f"{name}-{real}", mixed(DECOY_PART, head.encode() + body)
            yield f"mail-{name}-{real}", TOP.encode() + head.encode() + body


def folds() -> Named:
    for says, mark in (
        ("boundary=\n foo", "foo"),
        ("boundary\n =foo", "foo"),
        ("boundary=foo\n bar", "foo"),
        ("boundary=foo\n bar", "foobar"),
        ("boundary=foo\n bar", "foo bar"),
        ('boundary="fo\n o"', "foo"),
        ('boundary="fo\n o"', "fo o"),
        ("\n boundary=foo", "foo"),
        ("\n \n boundary=foo", "foo"),
        ("boundary=foo\n ", "foo"),
        ("boundary=foo\n\t", "foo"),
        ("boundary=\n\tfoo", "foo"),
        ("boundary=foo;\n x=y", "foo"),
        ("bound\n ary=foo", "foo"),
        ("boundary=f\n oo", "foo"),
    ):
        yield from bounded(repr(says), says, mark)
    for real, body in ENCODED.items():
        for cte in (
            f"{CTE}:\n {real}\n",
            f"{CTE}\n : {real}\n",
            f"{CTE}:\n \n {real}\n",
            f"{CTE}: {real[:3]}\n {real[3:]}\n",
            f"Content-Transfer\n -Encoding: {real}\n",
            f"{CTE}: {real}\n \n",
            f"{CTE}:\n\n {real}\n",
            f"X-A: b\n {CTE}: {real}\n",
            f"{CTE}: \n\t{real}\n",
            f"{CTE}: {real}\n X-A: b\n",
        ):
            yield f"{cte!r}", attached(TYPE + cte + "Content-ID: <3>\n", body)
            yield f"first-{cte!r}", attached(cte + TYPE, body)
