from gateway.extract import kind
from gateway.extract.extractor import extractors


def test_every_kind_there_is_has_an_extractor():
    """Or a part of that kind would count as read."""
    named = {found for _, _, found in kind._SIGNATURES} | set(kind._ZIPS)
    named |= {
        "text",
        "html",
        "csv",
        "pdf",
        "binary",
        "media",
        "p7m",
        "mbox",
        "vcard",
        "calendar",
        "cpio",
        "lha",
    }
    assert named <= set(extractors())
