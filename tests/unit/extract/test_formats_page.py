"""docs/formats.md says what the tests show, no more and no less."""

import pytest

pytest.importorskip("PIL", reason="needs the extra `ocr`, whose tables the page is made from")


def test_the_page_of_formats_is_up_to_date():
    from tools import formats_page  # its tables draw pictures

    assert formats_page.PAGE.read_text() == formats_page.page(), "run `make pages`"
