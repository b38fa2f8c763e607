from gateway.receive.identity import ALPHABET, new_id


def test_a_code_is_two_groups_of_four_that_nobody_misreads():
    for _ in range(500):
        left, _, right = new_id().partition("-")
        assert len(left) == len(right) == 4
        assert set(left + right) <= set(ALPHABET)
    assert not set("ILOU") & set(ALPHABET)


def test_codes_do_not_repeat_and_use_the_whole_alphabet():
    codes = [new_id() for _ in range(2_000)]
    assert len(set(codes)) == len(codes)
    for place in (0, 1, 2, 3, 5, 6, 7, 8):
        assert {code[place] for code in codes} == set(ALPHABET)
