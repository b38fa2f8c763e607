import inspect

from hypothesis import given
from hypothesis import strategies as st

from gateway.model import Reply
from gateway.receive import wording


@given(st.lists(st.text(max_size=700), max_size=4), st.sampled_from(["", "5.7.1"]))
def test_no_text_can_break_the_form_of_a_reply(texts, enhanced):
    sent = wording.wire(Reply(550, enhanced, tuple(texts)))
    *lines, last = sent.split(b"\r\n")
    assert last == b""
    assert len(lines) == max(1, len(texts))
    assert all(line.startswith(b"550-") for line in lines[:-1])
    assert lines[-1].startswith(b"550 ")
    assert all(len(line) <= 510 and all(32 <= octet < 127 for octet in line) for line in lines)


def test_all_fixed_lines_are_ready_to_send():
    lines = [value for _, value in inspect.getmembers(wording) if isinstance(value, bytes)]
    assert len(lines) > 8
    for line in lines:
        assert line.endswith(b"\r\n")
        assert len(line) <= 512
        line.decode("ascii")


def test_sizes_are_told_as_people_say_them():
    assert "Maximum : 50 Mo. Aide : poste 4512" in str(
        wording.too_big(50 << 20, "Aide : poste 4512")
    )
    assert "Maximum : 1000 octets." in str(wording.too_big(1_000, ""))
