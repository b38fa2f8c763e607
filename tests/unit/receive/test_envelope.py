import pytest

from gateway.model import Recipient
from gateway.receive.envelope import Transaction, open_transaction, recipient
from gateway.receive.wording import Refusal


def test_mail_parameters_are_carried_as_received_save_size():
    said = "FROM:<a@b.fr> SIZE=12 body=8bitmime SMTPUTF8 RET=HDRS ENVID=Q+2Bx AUTH=<>"
    transaction = open_transaction(said, "CODE")
    assert transaction.size == 12
    assert transaction.utf8
    assert transaction.options == (
        "body=8bitmime",
        "SMTPUTF8",
        "RET=HDRS",
        "ENVID=Q+2Bx",
        "AUTH=<>",
    )


def test_recipient_parameters_are_carried_as_received():
    said = "to: <a@b.fr> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a@b.fr"
    expected = Recipient("a@b.fr", ("NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;a@b.fr"))
    assert recipient(said, utf8=False) == expected


MAIL_REFUSED = [
    ("<a@b.fr>", 501, "5.5.4"),
    ("FROM<a@b.fr>", 501, "5.5.4"),
    ("FROM:a@b.fr", 501, "5.1.7"),
    ("FROM:<a@b.fr> XYZ=1", 555, "5.5.4"),
    ("FROM:<a@b.fr> NOTIFY=NEVER", 555, "5.5.4"),
    ("FROM:<a@b.fr> SIZE=abc", 501, "5.5.4"),
    ("FROM:<a@b.fr> SIZE=٣", 501, "5.5.4"),
    ("FROM:<a@b.fr> BODY=BINARYMIME", 501, "5.5.4"),
    ("FROM:<a@b.fr> SMTPUTF8=yes", 501, "5.5.4"),
    ("FROM:<a@b.fr> RET=SOME", 501, "5.5.4"),
    ("FROM:<a@b.fr> ENVID=" + "x" * 101, 501, "5.5.4"),
    ("FROM:<a@b.fr> AUTH=" + "x" * 501, 501, "5.5.4"),
    ("FROM:<andré@b.fr>", 553, "5.6.7"),
    ("FROM:<a@b.fr> ENVID=é", 501, "5.5.4"),
]


@pytest.mark.parametrize(("said", "code", "enhanced"), MAIL_REFUSED)
def test_mail_is_refused_with_the_code_that_says_why(said, code, enhanced):
    with pytest.raises(Refusal) as refusal:
        open_transaction(said, "CODE")
    assert (refusal.value.reply.code, refusal.value.reply.enhanced) == (code, enhanced)


RCPT_REFUSED = [
    ("<a@b.fr>", 501, "5.5.4"),
    ("TO:<>", 501, "5.1.3"),
    ("TO:<a@b.fr> SIZE=1", 555, "5.5.4"),
    ("TO:<a@b.fr> NOTIFY=NEVER,DELAY", 501, "5.5.4"),
    ("TO:<a@b.fr> NOTIFY=ALWAYS", 501, "5.5.4"),
    ("TO:<a@b.fr> ORCPT=a@b.fr", 501, "5.5.4"),
    ("TO:<andré@b.fr>", 553, "5.6.7"),
]


@pytest.mark.parametrize(("said", "code", "enhanced"), RCPT_REFUSED)
def test_rcpt_is_refused_with_the_code_that_says_why(said, code, enhanced):
    with pytest.raises(Refusal) as refusal:
        recipient(said, utf8=False)
    assert (refusal.value.reply.code, refusal.value.reply.enhanced) == (code, enhanced)


def test_with_smtputf8_an_address_may_have_any_letters():
    assert open_transaction("FROM:<andré@b.fr> SMTPUTF8", "CODE").sender == "andré@b.fr"
    assert recipient("TO:<andré@b.fr>", utf8=True).address == "andré@b.fr"


def test_the_envelope_has_each_address_once_in_order_with_its_first_parameters():
    first, other = Recipient("a@b.fr", ("NOTIFY=NEVER",)), Recipient("c@d.fr")
    transaction = Transaction("CODE", "s@s.fr", recipients=[first, other, Recipient("a@b.fr")])
    assert transaction.envelope().recipients == (first, other)
