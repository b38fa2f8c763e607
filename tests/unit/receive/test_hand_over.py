import asyncio
from dataclasses import replace

import pytest

from gateway.model import Client, Envelope, Mail, Recipient, Reply
from gateway.receive.hand_over import HandOver, Turns, one_for_all
from tests.unit.receive.talk import BUSY, DONE, NO, Journey, play

SECRET = "279019999912345"


def mail(content=b"Subject: x\r\n\r\n", to=("a@a.fr",), seconds=30.0, code="AAAA-0001"):
    envelope = Envelope("s@s.fr", tuple(Recipient(address) for address in to))
    deadline = asyncio.get_running_loop().time() + seconds
    return Mail(code, "smtp", Client(), envelope, content, b"", deadline, 0.0)


def over(journey):
    return HandOver(journey.process, journey.note, journey.event)


def test_an_unexpected_error_is_a_451_that_says_nothing():
    async def scene():
        journey = Journey()
        journey.error = ValueError(SECRET)
        replies = await over(journey).replies(mail(to=("a@a.fr", "b@b.fr")))
        assert list(replies) == ["a@a.fr", "b@b.fr"]
        for reply in replies.values():
            assert (reply.code, reply.enhanced) == (451, "4.3.0")
            assert reply.text[0].endswith("Rien n'est perdu. Code : AAAA-0001")
        assert journey.events == [("mail failed", {"id": "AAAA-0001", "error": "ValueError"})]

    play(scene)


def test_a_forgotten_recipient_must_try_again():
    async def scene():
        async def process(mail):
            return {"a@a.fr": DONE}

        hand_over = HandOver(process, Journey().note, lambda *_: None)
        replies = await hand_over.replies(mail(to=("a@a.fr", "b@b.fr")))
        assert replies["a@a.fr"] is DONE
        assert replies["b@b.fr"].code == 451

    play(scene)


@pytest.mark.parametrize("code", [100, 354, 299 + 1, 600])
def test_a_code_that_cannot_follow_data_becomes_a_451(code):
    async def scene():
        replies = await over(Journey(Reply(code, "", ("?",)))).replies(mail())
        assert replies["a@a.fr"].code == 451

    play(scene)


def test_a_421_of_the_next_hop_does_not_announce_our_own_closing():
    async def scene():
        replies = await over(Journey(Reply(421, "4.3.2", ("bye",)))).replies(mail())
        assert replies["a@a.fr"] == Reply(451, "4.3.2", ("bye",))

    play(scene)


def test_two_copies_of_the_same_mail_go_one_after_the_other():
    async def scene():
        journey = Journey()
        journey.held = asyncio.Event()
        hand_over = over(journey)
        first = mail(b"Received: by x; 10:00\r\nSubject: x\r\n\r\n", code="AAAA-0001")
        retry = mail(b"Received: by x; 10:05\r\nSubject: x\r\n\r\n", code="AAAA-0002")
        other = mail(b"Subject: y\r\n\r\n", code="AAAA-0003")
        tasks = [asyncio.create_task(hand_over.replies(m)) for m in (first, retry, other)]
        await journey.until(lambda: len(journey.mails) == 2)
        assert [m.id for m in journey.mails] == ["AAAA-0001", "AAAA-0003"]
        journey.held.set()
        await asyncio.gather(*tasks)
        assert journey.finished[-1] == "AAAA-0002"
        assert not len(hand_over._turns)

    play(scene)


def test_who_waits_for_the_turn_beyond_the_deadline_must_try_again():
    async def scene():
        journey = Journey()
        journey.held = asyncio.Event()
        hand_over = over(journey)
        first = asyncio.create_task(hand_over.replies(mail()))
        await journey.until(lambda: len(journey.mails) == 1)
        late = await hand_over.replies(mail(seconds=0.0))
        assert late["a@a.fr"].code == 451
        journey.held.set()
        assert (await first)["a@a.fr"] is DONE
        assert len(journey.mails) == 1
        assert not len(hand_over._turns)

    play(scene)


def test_a_turn_given_up_is_passed_on():
    async def scene():
        turns, far = Turns(), asyncio.get_running_loop().time() + 30
        assert await turns.take("k", far)
        second = asyncio.create_task(turns.take("k", far))
        third = asyncio.create_task(turns.take("k", far))
        await asyncio.sleep(0)
        turns.give_back("k")  # to the second, which is cancelled before it knows
        second.cancel()
        assert await third
        turns.give_back("k")
        assert not len(turns)

    play(scene)


def test_a_note_that_fails_is_told_without_its_text():
    async def scene():
        journey = Journey()

        async def note(mail, heard):
            raise RuntimeError(SECRET)

        hand_over = HandOver(journey.process, note, journey.event)
        await hand_over.tell(mail(), True)
        await hand_over.settled()
        assert journey.events == [("note failed", {"id": "AAAA-0001", "error": "RuntimeError"})]

    play(scene)


def test_the_smtp_door_says_first_what_must_be_tried_again():
    later = replace(BUSY, text=("autre",))
    assert one_for_all({"a": DONE, "b": NO, "c": BUSY, "d": later}) is BUSY
    assert one_for_all({"a": DONE, "b": NO}) is NO
    assert one_for_all({"a": DONE}) is DONE
