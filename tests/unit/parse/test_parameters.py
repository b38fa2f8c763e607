import pytest

from gateway.parse import parameters


@pytest.mark.parametrize(
    ("written", "head", "found"),
    [
        (b"text/plain", b"text/plain", []),
        (b"a/b; c=d", b"a/b", [(b"c", b"d")]),
        (b'a/b; c="d; e"; F=g', b"a/b", [(b"c", b"d; e"), (b"f", b"g")]),
        (rb'a/b; c="d\"e\\"', b"a/b", [(b"c", rb'd"e' + b"\\")]),
        (b'a/b; c="half', b"a/b", [(b"c", b"half")]),
        (b"a/b; c=; d=e", b"a/b", [(b"c", b""), (b"d", b"e")]),
        (b"a/b; lonely; c=d", b"a/b", [(b"c", b"d")]),
    ],
)
def test_splits(written, head, found):
    assert parameters.split(written) == (head, found)


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (b"a; name=x", ["x"]),
        (b"a; name=x; name=y; name=x", ["x", "y"]),
        (b"a; name*=utf-8''Zo%C3%A9", ["Zoé"]),
        (b"a; name*0*=utf-8''Zo%C3; name*1*=%A9; name*2=.pdf", ["Zoé.pdf"]),
        (b"a; name*1=b; name*0=a", ["ab"]),
        (b"a; name=old; name*=utf-8''new", ["old", "new"]),
        (b'a; name="=?utf-8?Q?Zo=C3=A9?="', ["Zoé"]),
        (b"a; name*=klingon''x", ["x"]),
        (b"a; name*99999999999=x", ["x"]),
        (b"a; other=x", []),
    ],
)
def test_every_value_counts(written, names):
    _, found = parameters.split(written)
    assert parameters.every(found, b"name") == names
