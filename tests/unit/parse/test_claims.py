import pytest

from gateway.parse import claims


def read(*fields):
    return claims.read(tuple(fields), "text/plain")


def test_a_header_without_mime_claims_plain_text():
    assert read((b"subject", b"x")) == claims.Claim(("text/plain",))


@pytest.mark.parametrize(
    ("written", "media"),
    [
        (b"TEXT/HTML; charset=x", "text/html"),
        (b"text/html (page)", "text/html"),
        (b'"text/html"', "text/html"),
        (b"text", "text/plain"),
        (b"nonsense/of/sorts", "text/plain"),
        (b"", "text/plain"),
        (b"multipart", "multipart/mixed"),
    ],
)
def test_the_media_type_is_read_generously(written, media):
    assert read((b"content-type", written)).media == (media,)


@pytest.mark.parametrize(
    ("written", "boundaries"),
    [
        (b"boundary=a", [b"a"]),
        (b'boundary="a b"', [b"a b"]),
        (b'boundary="a "', [b"a"]),
        (b"boundary=a; boundary=b", [b"a", b"b"]),
        (b"boundary*0=a; boundary*1=b", [b"ab"]),
        (b"boundary*=utf-8''a%62", [b"ab"]),
        (b"boundary=(x)a", [b"(x)a", b"a"]),
        (b'boundary="=?us-ascii?q?a?="', [b"=?us-ascii?q?a?=", b"a"]),
    ],
)
def test_every_boundary_counts(written, boundaries):
    claim = read((b"content-type", b"multipart/mixed; " + written))
    assert list(claim.boundaries) == boundaries
    assert bool(claim.doubts) is (len(boundaries) > 1)


def test_a_claim_that_names_a_file_is_not_remembered():
    kept = claims._usual.cache_info().currsize
    read((b"content-type", b"text/plain; NAME=dossier-test.txt"))
    read((b"content-disposition", b"attachment; filename*0=dossier-test.txt"))
    assert claims._usual.cache_info().currsize == kept


def test_fields_that_say_the_same_are_one():
    twice = read(
        (b"content-type", b"text/html; charset=UTF-8"),
        (b"content-type", b'text/html;charset="utf-8"'),
        (b"content-transfer-encoding", b"8bit"),
        (b"content-transfer-encoding", b"8Bit"),
    )
    assert (twice.media, twice.doubts) == (("text/html",), ())


@pytest.mark.parametrize("name", [b"content-type", b"content-transfer-encoding"])
def test_more_claims_than_anybody_would_try_are_cut(name):
    claim = read(*((name, b"x-%d/y" % i) for i in range(100)))
    assert claim.cut
    assert len(claim.media) <= claims.MOST


def test_boundaries_and_names_beyond_a_few_are_cut():
    claim = read((b"content-type", b"a/b" + b"".join(b"; boundary=b%d" % i for i in range(99))))
    assert (claim.cut, len(claim.boundaries)) == (True, claims.MOST)
    claim = read((b"content-type", b"a/b" + b"".join(b"; name=b%d" % i for i in range(99))))
    assert (claim.cut, len(claim.names)) == (True, claims.MOST_NAMES)


def test_a_name_written_from_its_end_is_read_from_there_as_well():
    field = 'attachment; filename="\u202etxt.581"'.encode()
    assert "185.txt\u202e" in read((b"content-disposition", field)).names
