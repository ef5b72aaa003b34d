from valueprism_build.considerations.quoting import RUN, quotes, run_digests

WORDS = "gulls that are fed by strangers forget how to fish"  # ten words


def test_a_text_has_a_run_for_each_place_that_one_can_begin_at() -> None:
    assert len(run_digests(WORDS)) == 10 - RUN + 1
    assert run_digests("gulls that are fed by strangers forget") == frozenset()  # seven
    assert len(run_digests("gulls that are fed by strangers forget how")) == 1


def test_eight_words_in_a_row_are_quoted_whatever_their_case_and_marks_and_seven_are_not() -> None:
    known = run_digests(WORDS)
    assert quotes("It is said: 'Gulls, that are fed by strangers, forget HOW.'", known)
    assert not quotes("Gulls that are fed by strangers forget everything", known)
    assert not quotes(WORDS, frozenset())


def test_the_words_cannot_be_read_from_the_digests() -> None:
    assert all(len(digest) == 16 and int(digest, 16) >= 0 for digest in run_digests(WORDS))
