"""What the portal tells persons is kept with the deed it tells of, as message and values."""

import pytest

from portal import db, notices
from portal.money import Money
from portal.notices import Notice, mark_read, unread
from portal.words import _


def tell(*people):
    notices.tell([person.id for person in people], "decided", _("Paid %(money)s.", money=Money(1250)))


def test_everybody_named_is_told_once(cast):
    tell(cast.ann, cast.bo, cast.ann)

    assert sorted(notice.person.user for notice in Notice.select()) == ["ann", "bo"]


def test_a_notice_keeps_its_values(cast):
    tell(cast.ann)

    words = Notice.get().words()
    assert (str(words), words.values) == ("Paid 12.50.", {"money": Money(1250)})


def test_a_deed_that_did_not_happen_tells_nobody(cast):
    @db.transaction
    def deed():
        tell(cast.ann)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        deed()

    assert len(unread(cast.ann, 100)) == 0


def test_unread_ones_are_counted_up_to_a_hundred(cast):
    for _n in range(105):
        tell(cast.ann)

    assert (len(unread(cast.ann, 100)), len(unread(cast.bo, 100))) == (100, 0)


def test_each_reads_only_their_own(cast):
    tell(cast.ann, cast.bo)
    tell(cast.ann)
    mine = Notice.get(Notice.person == cast.ann)

    mark_read(cast.bo, mine.id)
    assert len(unread(cast.ann, 100)) == 2

    mark_read(cast.ann, mine.id)
    assert (len(unread(cast.ann, 100)), len(unread(cast.bo, 100))) == (1, 1)

    mark_read(cast.ann)
    assert (len(unread(cast.ann, 100)), len(unread(cast.bo, 100))) == (0, 1)


def test_who_the_paper_is_about_hears_what_others_decided(cast, memos):
    case = memos.draft(cast.ann, beneficiary=cast.bo)

    case = memos.go(case, (cast.ann, "submit"), (cast.hao, "reject"), note="no")

    told = [(notice.person.user, str(notice.words())) for notice in Notice.select().order_by(Notice.id)]
    assert told == [
        ("bo", f"{case.number} A lamp for the hall: 安妮 submitted it."),
        ("ann", f"{case.number} A lamp for the hall: 郝 rejected it."),
        ("bo", f"{case.number} A lamp for the hall: 郝 rejected it."),
    ]
    assert {notice.case_id for notice in Notice.select()} == {case.id}


def test_the_portals_own_step_is_told_too(cast, memos):
    from portal import steps

    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"), (cast.hao, "endorse"), (cast.mei, "check"), (cast.lin, "check"))
    Notice.delete().execute()

    steps.take(None, case.id, "lapse")

    assert [str(notice.words()) for notice in Notice.select()] == [f"{case.number} A lamp for the hall: It lapsed unused."]


def test_a_paper_is_told_of_by_the_title_it_has_now_and_leads_only_where_it_may_be_read(cast, memos):
    case = memos.go(memos.draft(cast.ann, beneficiary=cast.bo), (cast.ann, "submit"))
    db.run("UPDATE cases SET title = ? WHERE id = ?", "A lamp", case.id)
    db.run("DELETE FROM readers WHERE case_id = ? AND post = ?", case.id, f"#{cast.bo.id}")
    notices.tell([cast.bo.id, cast.hao.id], "stuck", _("%(number)s waits.", number=case.number), case)

    told = {person.user: [(str(each.words), each.case_id) for each in unread(person)] for person in (cast.bo, cast.hao)}

    assert told == {
        "bo": [(f"{case.number} waits.", None), (f"{case.number} A lamp: 安妮 submitted it.", None)],
        "hao": [(f"{case.number} waits.", case.id)],
    }
