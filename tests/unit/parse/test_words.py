import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.parse import words


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"plain", "plain"),
        (b"=?utf-8?Q?Zo=C3=A9_M?=", "Zoé M"),
        (b"=?UTF-8?b?Wm/DqQ==?=", "Zoé"),
        (b"=?utf-8?B?Wm/DqQ?=", "Zoé"),  # padding forgotten
        (b"=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"),
        (b"=?utf-8?Q?a?=\r\n =?iso-8859-1?Q?=E9?=", "aé"),
        (b"=?utf-8?B?Wm/D?= =?utf-8?B?qQ==?=", "Zoé"),  # a character cut in two
        (b"x=?utf-8?Q?a?=y", "xay"),
        (b'"=?us-ascii?B?YQ==?="', '"a"'),
        (b"=?utf-8*fr?Q?a?=", "a"),
        (b"=?klingon?Q?abc?=", "abc"),
        (b"=?utf-16?B?//5hAA==?=", "a"),
        (b"=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
        (b"a =? b", "a =? b"),
        ("Zoé".encode(), "Zoé"),
        (b"Zo\xe9", "Zoé"),
    ],
)
def test_reads_as_mail_programs_show(written, read):
    assert words.text(written) == read


@given(st.lists(st.sampled_from([b"=?", b"?=", b"?", b"utf-8", b"B", b"Q", b"=C3", b" ", b"a"])))
def test_never_raises_and_keeps_plain_words(pieces):
    assert words.text(b"".join(pieces) + b" fin").endswith("fin")
