"""What people type into a paper is kept by version, once, and by those who may; comments beside it."""

import pytest

from portal import contents, steps
from portal.cases import Case
from portal.history import history_of
from portal.notices import Notice
from portal.refused import Mistyped, NotYours, Refused, SomebodyWasFirst


@pytest.fixture
def submitted(cast, memos):
    return memos.go(memos.draft(cast.ann), (cast.ann, "submit"))


def test_the_same_form_sent_again_answers_the_same_paper(cast, memos):
    first = memos.draft(cast.ann)

    assert memos.draft(cast.ann).id == first.id
    assert Case.select().count() == 1


@pytest.mark.parametrize("other", ["wish", "fen", "beneficiary", "person"])
def test_the_same_form_with_other_contents_is_refused(cast, memos, other):
    memos.draft(cast.ann)
    told = {"wish": {"wish": "a chair"}, "fen": {"fen": 5}, "beneficiary": {"beneficiary": cast.bo}, "person": {}}[other]

    with pytest.raises(Refused, match=r"This form was sent before with other contents\. Open a new form\."):
        memos.draft(cast.bo if other == "person" else cast.ann, **told)


def test_a_paper_has_a_title(cast, memos):
    with pytest.raises(Mistyped, match="Give it a title") as refusal:
        contents.create(memos.flow, cast.ann, contents.Content(title=""), "t1")

    assert refusal.value.field == "title"


def test_contents_change_only_where_they_may(cast, memos, submitted):
    with pytest.raises(Refused, match=r"It can no longer be changed: it is Submitted\."):
        contents.edit(cast.ann, submitted.id, memos.content("a chair"), 1)


def test_contents_change_only_by_who_asked(cast, memos):
    case = memos.draft(cast.ann)

    with pytest.raises(NotYours):
        contents.edit(cast.hao, case.id, memos.content("a chair"), 1)


def test_contents_change_against_the_version_that_was_shown(cast, memos):
    case = memos.draft(cast.ann)
    contents.edit(cast.ann, case.id, memos.content("a chair"), 1)

    with pytest.raises(SomebodyWasFirst, match="安妮 changed the contents first"):
        contents.edit(cast.ann, case.id, memos.content("a table"), 1)


def test_the_same_contents_are_no_change(cast, memos):
    case = memos.draft(cast.ann)

    assert contents.edit(cast.ann, case.id, memos.content(), 1).version == 1
    assert len(history_of(case)) == 1


def test_a_change_is_told_with_before_and_after(cast, memos):
    case = memos.draft(cast.ann)

    contents.edit(cast.ann, case.id, memos.content("a chair", 2000, beneficiary=cast.bo), 1)

    assert history_of(case)[-1].facts() == {
        "changed": {
            "wish": ["a lamp", "a chair"],
            "amount": [1000, 2000],
            "beneficiary": [cast.ann.id, cast.bo.id],
            "lines": [1, 2],
        }
    }
    assert Case.get_by_id(case.id).beneficiary == cast.bo


def test_a_comment_decides_nothing_and_tells_who_is_mentioned(cast, memos, submitted):
    case = steps.comment(cast.ann, submitted.id, " Please, today. ", [cast.hao])

    assert (case.state, case.version) == ("submitted", 1)
    assert history_of(case)[-1].note == "Please, today."
    notice = Notice.get()
    assert (notice.person, notice.topic, str(notice.words())) == (cast.hao, "mentioned", f"安妮 mentioned you on {case.number}.")


def test_who_may_not_see_the_paper_is_not_mentioned(cast, memos, submitted):
    with pytest.raises(Mistyped, match="波 may not see this paper"):
        steps.comment(cast.ann, submitted.id, "Look!", [cast.bo])

    assert Notice.select().count() == 0


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001])
def test_a_comment_has_something_to_say_and_is_not_endless(cast, memos, submitted, text):
    with pytest.raises(Mistyped):
        steps.comment(cast.ann, submitted.id, text, [])
