"""Content types and boundaries: doubled, quoted, commented, cut in pieces, elsewhere, nested."""

from __future__ import annotations

import base64
import quopri
from itertools import product

from tests.makers.evasions.setting import (
    B64,
    CTE,
    DECOY_PART,
    ENCODED,
    PLAIN,
    QP_PART,
    SECRET_PART,
    TOP,
    TYPE,
    UU,
    Named,
    attached,
    mixed,
    part,
    whole,
)


def bounded(name: str, says: str, *marks: str, secret: bytes = b"") -> Named:
    """Content-Type: multipart/mixed; says; the body cut at each of the marks in turn."""
    for mark, kind in product(dict.fromkeys(("foo", *marks)), ("base64", "qp")):
        secret_part = secret or (SECRET_PART if kind == "base64" else QP_PART)
        yield (
            f"{name}/cut-at-{mark!r}-{kind}",
            mixed(
                DECOY_PART, secret_part, mark=mark, says=f"Content-Type: multipart/mixed; {says}\n"
            ),
        )


def two_types() -> Named:
    bar, foo = ("Content-Type: multipart/mixed; boundary=" + mark for mark in ("bar", "foo"))
    leaf = "Content-Type: text/plain"
    for first, second in (
        (bar, foo),
        (foo, bar),
        (leaf, foo),
        (foo, leaf),
        (bar, leaf),
        (leaf, bar),
    ):
        for mark, one in product(("foo", "bar"), (SECRET_PART, QP_PART)):
            name = f"{first[14:25]}{first[-3:]}-{second[14:25]}{second[-3:]}-{mark}-{len(one)}"
            yield name, mixed(DECOY_PART, one, mark=mark, says=f"{first}\n{second}\n")
    both = b"--bar\n" + DECOY_PART + b"--bar--\n--foo\n" + QP_PART + b"--foo--\n"
    within = b"--bar\n" + DECOY_PART + b"--foo\n" + QP_PART + b"--foo--\n--bar--\n"
    for first, second in ((bar, foo), (foo, bar)):
        yield f"one-after-the-other-{first[-3:]}", whole(f"{first}\n{second}\n", both)
        yield f"one-in-the-other-{first[-3:]}", whole(f"{first}\n{second}\n", within)
    for types in (
        "text/plain, multipart/mixed; boundary=foo",
        "multipart/mixed, text/plain; boundary=foo",
        "text/plain multipart/mixed; boundary=foo",
        "application/octet-stream; boundary=foo",
        "text/plain; boundary=foo",
        "message/rfc822; boundary=foo",
        "image/png; boundary=foo",
        "text/plain\n multipart/mixed; boundary=foo",
    ):
        for one in (SECRET_PART, QP_PART):
            yield f"{types!r}-{len(one)}", mixed(DECOY_PART, one, says=f"Content-Type: {types}\n")
    for real, body in ENCODED.items():
        head = (
            "Content-Type: application/octet-stream\nContent-Type: multipart/mixed; boundary=bar\n"
        )
        yield f"part-{real}", attached(f"{head}{CTE}: {real}\n", body)
        yield (
            f"part-image-{real}",
            attached(f"{leaf}\nContent-Type: image/png\n{CTE}: {real}\n", body),
        )


def two_boundaries() -> Named:
    for says in (
        "boundary=bar; boundary=foo",
        "boundary=foo; boundary=bar",
        'boundary="bar" boundary="foo"',
        "boundary=bar, boundary=foo",
        "Boundary=bar; BOUNDARY=foo",
        "boundary=bar; x=y; boundary=foo",
        "boundary=bar\n boundary=foo",
        "boundary=bar;; boundary=foo",
    ):
        yield from bounded(repr(says), says, "bar")
    both = b"--bar\n" + DECOY_PART + b"--bar--\n--foo\n" + QP_PART + b"--foo--\n"
    for says in ("boundary=bar; boundary=foo", "boundary=foo; boundary=bar"):
        yield f"both-{says}", whole(f"Content-Type: multipart/mixed; {says}\n", both)


def comments_in_boundaries() -> Named:
    for says, mark in (
        ("boundary=(boundary=foo)bar", "bar"),
        ("boundary=foo(bar)", "foo(bar)"),
        ("boundary=(x)foo", "(x)foo"),
        ("boundary=f(x)oo", "f(x)oo"),
        ("boundary(x)=foo", "foo"),
        ("(x)boundary=foo", "foo"),
        ("boundary=(x;)foo", "(x"),
        ("(boundary=foo; ) boundary=bar", "bar"),
        ('boundary=("foo")bar', "bar"),
        ("boundary=foo (x", "foo (x"),
        ("boundary=(foo)1", "(foo)1"),
    ):
        yield from bounded(repr(says), says, mark)
    for says in (
        "multipart(x)/mixed; boundary=foo",
        "(x)multipart/mixed; boundary=foo",
        "multipart/(x)mixed; boundary=foo",
        "multipart/mixed(; boundary=bar); boundary=foo",
        "multipart/mixed (x; boundary=foo",
    ):
        yield f"{says}", mixed(DECOY_PART, QP_PART, says=f"Content-Type: {says}\n")


def parameter_pieces() -> Named:
    for says, mark in (
        ("boundary*0=fo; boundary*1=o", "foo"),
        ("boundary*1=o; boundary*0=fo", "foo"),
        ("boundary*=utf-8''foo", "foo"),
        ("boundary*=utf-8''f%6Fo", "foo"),
        ("boundary*0*=us-ascii'fr'f%6f; boundary*1=o", "foo"),
        ("boundary*=foo", "foo"),
        ("boundary*0=fo; boundary*2=o", "fo"),
        ("boundary*1=fo; boundary*2=o", "foo"),
        ("boundary=bar; boundary*0=fo; boundary*1=o", "bar"),
        ("boundary*0=fo; boundary*1=o; boundary=bar", "bar"),
        ("boundary*=utf-8''foo; boundary=bar", "bar"),
        ('boundary*0="fo"; boundary*1="o"', "foo"),
        ("boundary*00=fo; boundary*01=o", "foo"),
        ("boundary*0=fo; boundary*0=xo", "fo"),
        ("boundary*=utf-7''foo", "foo"),
        ("boundary*=''foo", "foo"),
        ("boundary*0=foo", "foo"),
        ("boundary*a=foo", "foo"),
    ):
        yield from bounded(repr(says), says, mark)


def quoted_boundaries() -> Named:
    for says, mark in (
        ('boundary="foo', '"foo'),
        ('boundary=foo"', 'foo"'),
        ('boundary=""', ""),
        ("boundary=", ""),
        ("boundary=;", ";"),
        ("boundary='foo'", "'foo'"),
        ('boundary="foo;bar"', "foo;bar"),
        ("boundary=foo;bar", "foo;bar"),
        ("boundary=foo,bar", "foo,bar"),
        ('boundary="fo\\o"', "fo\\o"),
        ('boundary="f\\"oo"', 'f"oo'),
        ('boundary="foo "', "foo "),
        ("boundary=foo bar", "foo bar"),
        ('boundary="foo" bar', "foo bar"),
        ('boundary="f""oo"', 'f""oo'),
        ('boundary=f"o"o', 'f"o"o'),
        ("boundary = foo", "foo"),
        ("boundary\t=\tfoo", "foo"),
        ("boundary:foo", "foo"),
        ("bound=foo", "foo"),
        ("x-boundary=foo", "foo"),
        ("boundary=<foo>", "<foo>"),
        ("boundary=--foo", "--foo"),
        ("boundary=foo--", "foo--"),
        ("boundary=FOO", "FOO"),
        ("boundary=foo\\", "foo\\"),
        ("", "foo"),
        ("boundary", "foo"),
        ("boundary==foo", "=foo"),
        ("boundary=foo=", "foo="),
        ("boundary=f%6Fo", "f%6Fo"),
        ("boundary=f&#111;o", "f&#111;o"),
        ("boundary=foo\u00e9", "foo\u00e9"),
    ):
        yield from bounded(repr(says), says, mark)
    long = "x" * 200
    for cut in (70, 71, 100, 127, 199):
        yield from bounded(f"long-{cut}", f"boundary={long}", long[:cut], long)
    for says in (
        "multipart/mixed boundary=foo",
        "multipart/mixed, boundary=foo",
        "multipart/mixed\tboundary=foo",
        "multipart/mixed;boundary=foo",
        ";boundary=foo",
        "boundary=foo",
        "multipart/mixed;\n\tboundary=foo",
    ):
        yield f"type-{says!r}", mixed(DECOY_PART, QP_PART, says=f"Content-Type: {says}\n")


def boundary_elsewhere() -> Named:
    for field in (
        "Content-Disposition: attachment; boundary=foo",
        "Content-Disposition: boundary=foo",
        "X-Boundary: foo",
        "Content-Transfer-Encoding: 7bit; boundary=foo",
        "Content-ID: boundary=foo",
        "MIME-Version: 1.0; boundary=foo",
        "Content-Description: x; boundary=foo",
    ):
        for says, one in product(
            ("multipart/mixed", "multipart/mixed; boundary=bar", "text/plain"),
            (SECRET_PART, QP_PART),
        ):
            for first in (True, False):
                lines = (
                    (field, f"Content-Type: {says}") if first else (f"Content-Type: {says}", field)
                )
                yield (
                    f"{field}-{says}-{first}-{len(one)}",
                    mixed(DECOY_PART, one, says="\n".join(lines) + "\n"),
                )


def odd_field_names() -> Named:
    names = (
        "Content-Type(meow)",
        "Content-Type (meow)",
        "(meow)Content-Type",
        "Content-Type\t",
        " Content-Type",
        "content-type",
        "CONTENT-TYPE",
        "Content_Type",
        "Content- Type",
        "Content-Type;",
        "Content-Type:",
        "Content-\n Type",
        "Content-Type\n ",
        "X-A: b\n Content-Type",
        "X-A: b\n\tContent-Type",
        "X-A:\n Content-Type",
        '"Content-Type"',
        "=?utf-8?q?Content-Type?=",
    )
    for name, one in product(names, (SECRET_PART, QP_PART)):
        says = f"{name}: multipart/mixed; boundary=foo\n"
        yield f"{name!r}-{len(one)}", mixed(DECOY_PART, one, says=says)
    for name, (real, body) in product(names, ENCODED.items()):
        yield (
            f"part-{name!r}-{real}",
            attached(TYPE + name.replace("Type", "Transfer-Encoding") + f": {real}\n", body),
        )
    for extra in ("", "MIME-Version: 2.0\n", "MIME-Version: \n", "X: y\n"):
        header = TOP.replace("MIME-Version: 1.0\n", extra).encode()
        for real, body in ENCODED.items():
            yield f"version-{extra!r}-{real}", header + f"{CTE}: {real}\n\n".encode() + body


def nested_boundaries() -> Named:
    for one in (SECRET_PART, QP_PART):
        size = len(one)
        for outer, inner in (
            ("foo", "foo"),
            ("foobar", "foo"),
            ("foo", "foobar"),
            ("foo", ""),
            ("foo", "FOO"),
            ("foo", "foo--"),
            ("foo--", "foo"),
            ("foo", "-foo"),
            ("foo", "foo "),
        ):
            says = (
                f'Content-Type: multipart/mixed; boundary="{inner}"\n'
                if inner
                else "Content-Type: multipart/mixed\n"
            )
            body = f"--{inner}\n".encode() + DECOY_PART + f"--{inner}\n".encode() + one
            for end in (f"--{inner}--\n", ""):
                nested = part(says, body + end.encode())
                yield f"{outer}-{inner}-{bool(end)}-{size}", mixed(DECOY_PART, nested, mark=outer)
                yield (
                    f"{outer}-{inner}-{bool(end)}-first-{size}",
                    mixed(nested, DECOY_PART, mark=outer),
                )
        deep = one
        for level in range(12):
            deep = part(
                f"Content-Type: multipart/mixed; boundary=b{level}\n",
                f"--b{level}\n".encode() + deep + f"--b{level}--\n".encode(),
            )
        yield f"twelve-levels-{size}", mixed(DECOY_PART, deep)


def outside_of_parts() -> Named:
    for name, one in (
        ("base64", SECRET_PART),
        ("qp", QP_PART),
        ("uu", UU),
        ("text", PLAIN),
        ("run", B64),
    ):
        mark, end = b"--foo\n", b"--foo--\n"
        says = "Content-Type: multipart/mixed; boundary=foo\n"
        bodies = {
            "no-end": mark + DECOY_PART + mark + one,
            "epilogue": mark + DECOY_PART + end + one,
            "part-in-epilogue": mark + DECOY_PART + end + mark + one + end,
            "preamble": one + mark + DECOY_PART + end,
            "part-in-preamble": b"--bar\n" + one + b"--bar--\n" + mark + DECOY_PART + end,
            "two-ends": mark + DECOY_PART + end + end + mark + one,
            "end-first": end + mark + DECOY_PART + mark + one + end,
            "only-end": end + one,
            "end-then-blanks": mark + DECOY_PART + b"--foo--   \n" + mark + one + end,
            "end-then-junk": mark + DECOY_PART + b"--foo--x\n" + mark + one + end,
            "mark-then-junk": mark + DECOY_PART + b"--foo x\n" + one + end,
            "mark-then-blanks": mark + DECOY_PART + b"--foo \t\n" + one + end,
            "indented": mark + DECOY_PART + b" --foo\n" + one + end,
            "all-indented": b" --foo\n" + DECOY_PART + b" --foo\n" + one + b" --foo--\n",
            "one-hyphen": b"-foo\n" + DECOY_PART + b"-foo\n" + one + b"-foo--\n",
            "three-hyphens": b"---foo\n" + DECOY_PART + b"---foo\n" + one + b"---foo--\n",
            "no-hyphens": b"foo\n" + DECOY_PART + b"foo\n" + one,
            "other-case": b"--FOO\n" + DECOY_PART + b"--FOO\n" + one + b"--FOO--\n",
            "quoted-mark": b'--"foo"\n' + DECOY_PART + b'--"foo"\n' + one,
            "no-line-before": mark + DECOY_PART[:-1] + mark + one + end,
            "mark-without-line-end": mark
            + DECOY_PART
            + b"--foo"
            + (one if name != "uu" else b"\n" + one),
            "no-mark": DECOY_PART + one,
            "one-part-only": mark + one,
            "end-in-the-middle-of-a-line": mark + DECOY_PART + b"x--foo--\n" + mark + one,
        }
        for where, body in bodies.items():
            yield f"{where}-{name}", whole(says, body)


def misspelt_multiparts() -> Named:
    types = (
        "multipart",
        "x-multipart/mixed",
        "mULtiPart/mixed",
        " multipart/mixed",
        "multipart/",
        "multipart/foo",
        "multi-part/mixed",
        "multipart/mixed/x",
        "multiparts/mixed",
        "multipart\\mixed",
        "multipart /mixed",
        "multipart/ mixed",
        "/mixed",
        "mixed",
        "multipart.mixed",
        '"multipart/mixed"',
        "multipart/x-mixed-replace",
        "application/multipart",
        "message/multipart",
        "multipar/mixed",
        "Multipart/Mixed",
        "multipart/mixed;",
        "",
        "text/multipart",
        "multipart/digest",
        "multipart/signed",
        "multipart/encrypted",
        "multipart/form-data",
        "multipart/byteranges",
        "multipart/header-set",
        "xmultipart/mixed",
    )
    for kind, (name, one) in product(types, (("base64", SECRET_PART), ("qp", QP_PART))):
        yield (
            f"{kind!r}-{name}",
            mixed(DECOY_PART, one, says=f"Content-Type: {kind}; boundary=foo\n"),
        )
        yield f"{kind!r}-alone-{name}", mixed(one, says=f"Content-Type: {kind}; boundary=foo\n")
        inner = part(f"Content-Type: {kind}; boundary=bar\n", b"--bar\n" + one + b"--bar--\n")
        yield f"{kind!r}-within-{name}", mixed(DECOY_PART, inner)
    for real in ("base64", "quoted-printable"):
        body = b"--foo\n" + DECOY_PART + b"--foo\n" + SECRET_PART + b"--foo--\n"
        coded = (
            base64.encodebytes(body)
            if real == "base64"
            else quopri.encodestring(body, quotetabs=True)
        )
        says = f"Content-Type: multipart/mixed; boundary=foo\n{CTE}: {real}\n"
        yield f"encoded-{real}", whole(says, coded)
        yield f"encoded-in-name-only-{real}", whole(says, body)
