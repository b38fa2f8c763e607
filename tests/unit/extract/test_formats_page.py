"""docs/formats.md says what the tests show, no more and no less."""

from tools import formats_page


def test_the_page_of_formats_is_up_to_date():
    assert formats_page.PAGE.read_text() == formats_page.page(), "run `make pages`"
