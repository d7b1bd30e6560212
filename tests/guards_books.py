"""The guards of the books, for `tests/guards.py`: in a file the text, what it becomes, the tests that turn red."""

BOOKS, MONTHS, NOTES = "test_books.py", "test_books_months.py", "test_books_notes.py"

ROWS: dict[str, list[tuple[str, ...]]] = {
    "portal/books/models_payments.py": [
        ("self.day < (signed :=", "False and (signed :=", "test_money_bent.py before_it_was_signed"),
    ],
    "portal/books/rules_vouchers.py": [
        ("each.person_id == person_id and each.paid and not each.confirmed_by_id", "False", "test_money_bent.py own_line_that"),
        ("    assert total(each.amount for each in lines) == 0,", "    assert True,", f"{BOOKS} never_written"),
        ("opened and day < (begun", "opened and day > (begun", f"{NOTES} before_the_books_begin"),
        ('"case_id = ? AND by_id = ? LIMIT 1"', '"case_id = ? AND by_id = -? LIMIT 1"', f"{BOOKS} handled_the_money"),
        ("    return None if unposted(act.case) else", "    return None if True else", f"{BOOKS} nothing_waits"),
        ("        if is_closed(entry.day):", "        if False:", f"{BOOKS} paid_in_a_closed_month"),
        ("unless=[nothing_to_post, posts_own_payment,", "unless=[nothing_to_post,", f"{BOOKS} handled_the_money"),
    ],
    "portal/books/rules_titles.py": [
        ('    if "chief_accountant" not in posts_of(person):', "    if False:", f"{BOOKS} only_the_chief_accountant_keeps"),
        ("    if thing.events != events:", "    if False:", f"{BOOKS} as_it_was_shown"),
        ("not active and (title.purpose or", "not active and (False or", f"{BOOKS} titles_the_portal"),
        ("or Fund.select().where(Fund.title == title, Fund.active).exists()", "", f"{BOOKS} title_of_a_fund"),
        ("AND active AND nature = 'expense'", "", f"{BOOKS} wrong_choice"),
        ("@db.transaction\ndef map_categories(", "def map_categories(", f"{BOOKS} wrong_choice"),
        ("not active and balance(fund.id)", "False", f"{BOOKS} goes_only_when_empty"),
        ("(code = ? OR name = ?) AND id <> ?", "(code = ? AND name = ?) AND id <> ?", f"{BOOKS} code_is_unique"),
    ],
    "portal/books/rules_adjustments.py": [
        ('    if "chief_accountant" not in posts_of(person):', "    if False:", f"{BOOKS} only_the_chief_accountant_writes"),
        ('line["title"].id in only_journals', "False", f"{BOOKS} journals_only"),
        ("if done := taken_back_by(voucher):", "if done := None:", f"{BOOKS} taken_back_once"),
        (
            "    marks = db.marks(fund_titles())\n    if db.row(",
            "    marks = db.marks(fund_titles())\n    if not db.row(",
            f"{BOOKS} taken_back_once",
        ),
        ('    if voucher.kind == "reversal":', "    if False:", f"{BOOKS} takes_back_is_not"),
        ("unless=[sides_differ, no_file,", "unless=[no_file,", f"{BOOKS} unequal_sides"),
        ("unless=[sides_differ, no_file,", "unless=[sides_differ,", f"{BOOKS} unequal_sides"),
        ("its_month_is_closed, not_what_it_reverses]", "not_what_it_reverses]", f"{BOOKS} by_hand_into_a_closed_month"),
        ("    return None if wanted == here else", "    return None if True else", f"{BOOKS} opposite_of_the_voucher"),
    ],
    "portal/books/rules_openings.py": [
        ('line["fund"].id in funds', "False", f"{NOTES} one_fund_or_one_person"),
        ('if line["due"] and line["person"] is None:', "if False:", f"{NOTES} one_fund_or_one_person"),
        ("    for tell in OPENED:\n        tell(act)\n", "", f"{NOTES} lives_on"),
    ],
    "portal/books/rules_notes.py": [
        ("    if day < _earliest():", "    if False:", f"{NOTES} mistyped"),
        ("    if is_closed(date.min):\n        return date.min\n", "", f"{NOTES} once_a_month_is_closed"),
        ("min(Opening.get_by_id(opened.id).day, year_ago)", "year_ago", f"{NOTES} longer_ago"),
        ('"apart_from": ["submit"]', '"apart_from": []', f"{NOTES} never_posts_it"),
    ],
    "portal/books/rules_reports.py": [
        ('    if "cashier" not in posts_of(person):', "    if False:", f"{MONTHS} only_the_cashier_reports"),
        (
            '    return _("%(day)s is not reported yet: report it first.", day=earlier[0].day) if earlier else None',
            "    return None",
            f"{MONTHS} in_their_order",
        ),
        ("    if is_closed(day):", "    if False:", f"{MONTHS} closed_month_is_not_begun"),
        ("    if case := is_reported(day):", "    if case := None:", f"{MONTHS} day_that_is_reported"),
        ("if each.day not in told]", "]", f"{MONTHS} told_once"),
        (
            "CashReportLine.update(**told).where(CashReportLine.id == line.id).execute()",
            "pass",
            f"{MONTHS} at_the_moment_it_is_submitted",
        ),
    ],
    "portal/books/rules_close.py": [
        ("    if month >= month_of(clock.today()):", "    if False:", f"{MONTHS} is_over"),
        ('ClosedMonth.find("month = ?", before):', "True:", f"{MONTHS} one_before_is_closed"),
        ("unless=[later_closed]", "unless=[]", f"{MONTHS} later_one_is_closed"),
        ('each.state != "acknowledged"]', "each.state is None]", f"{MONTHS} not_acknowledged"),
        ("tuple(each.number for each in waiting)", "()", f"{MONTHS} not_posted"),
        ("if item.against and not item.may_be_noted:", "if False:", f"{MONTHS} not_reported_stays"),
        ("and act.paper.note_for == _mark(open_now)", "", f"{MONTHS} once_something_else"),
        ('apart_from=["count"], look', "look", f"{MONTHS} counted_and_became"),
        ("who=gm, note=True", "who=chief_accountant, note=True", f"{MONTHS} only_the_manager_opens"),
        ("    _write(act, published_at=None, note=", "    _write(act, note=", f"{MONTHS} unpublishes"),
        ("unless=[note_is_old], then=[sign_note]", "then=[sign_note]", f"{MONTHS} since_it_was_written"),
    ],
    "portal/books/rules_figures.py": [
        ("    found = kept(first) if first == last else None", "    found = None", "test_money_bent.py figures_that_were_kept"),
        (
            "return figures_from_text(month, result.figures) if result else None",
            "return calculated(result.case, month) if result else None",
            f"{MONTHS} figures_that_were_kept",
        ),
        ("AND e.at <= ? GROUP BY", "AND e.at >= -? GROUP BY", f"{MONTHS} allotted_after_the_month"),
    ],
    "portal/books/models_months.py": [
        ("r.day >= ? AND k.state <> 'draft'", "r.day = ? AND k.state <> 'draft'", f"{MONTHS} before_a_day_that_is_reported"),
        ("r.day >= ? AND k.state <> 'draft'", "r.day >= ?", f"{MONTHS} report_is_a_draft"),
    ],
    "portal/books/models.py": [
        ("FROM closed_months WHERE month >= ?", "FROM closed_months WHERE month = ?", f"{BOOKS} months_before_a_closed_one"),
    ],
    "portal/books/views_months.py": [
        (" if shown\n    ]", "]", f"{MONTHS} heads_see_no_month"),
    ],
    "migrations/0021_books.py": [
        ("    for table in RECORDS:\n        make_append_only(db, table)\n", "", f"{BOOKS} append_only"),
        ("CHECK (paid_by_id <> posted_by_id)", "CHECK (paid_by_id > 0)", f"{BOOKS} schema_lets_nobody"),
    ],
    "migrations/0028_months_before.py": [
        ("WHERE month >= NEW.month", "WHERE month > NEW.month", f"{BOOKS} takes_nothing_more"),
        ("WHERE month >= NEW.month", "WHERE month = NEW.month", f"{BOOKS} months_before_a_closed_one"),
        ("WHERE month >= NEW.month", "WHERE month = NEW.month", f"{BOOKS} months_before_a_closed_one", "postgres"),
    ],
}
