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
