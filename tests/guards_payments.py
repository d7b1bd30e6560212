"""The guards of payments, accounts and money without a request, for `tests/guards.py`: a text, what it becomes, the tests."""

ROWS: dict[str, list[tuple[str, ...]]] = {
    "portal/books/rules_payments.py": [
        (
            "        if why := why_not_paid_by(payable, act.person):\n            raise Refused(why)\n",
            "",
            "test_books_payments.py on_its_paper_either",
        ),
        ("AND paid + ? <= amount RETURNING id", "AND paid + ? >= 0 RETURNING id", "test_books_payments.py last_word"),
        ("    refuse_closed(moved.day)\n", "", "test_books_notes.py closed_month"),
        (
            "(left := least_from(fund.id, moved.day)) + amount < 0",
            "(left := Money(0)) + amount > 0",
            "test_books_payments.py below_nothing",
        ),
        ("signed, apart = signed_at(case), False", "signed, apart = clock.now(), False", "test_books_payments.py in_force_when"),
        ("if apart and let_read(case", "if not apart and let_read(case", "test_books_payments.py may_read_the_paper"),
    ],
    "portal/books/models_payments.py": [
        ("self.day is None or self.day > clock.today()", "self.day is None", "test_books_payments.py cannot_be_paid_so"),
        ('(fund.kind == "cash") != (self.method == "cash")', "False", "test_books_payments.py cannot_be_paid_so"),
        ("if self.parts == ():", "if False:", "test_books_payments.py cannot_be_paid_so"),
        ("if not 0 < amount <= open_now[key].open:", "if False:", "test_books_payments.py in_parts"),
        ("if payable.confirmed_by_id == person.id:", "if False:", "test_books_payments.py does_not_pay_it"),
        ('if payable.barred != ",":', "if False:", "test_books_payments.py wait_and_the_rest"),
        ("if payable.person_id == person.id:", "if False:", "test_books_payments.py says_why"),
    ],
    "portal/books/models_accounts.py": [
        (
            "AND at <= ? ORDER BY id DESC LIMIT 1",
            "AND at > 0 OR at = ? ORDER BY id DESC LIMIT 1",
            "test_books_payments.py in_force_when",
        ),
        ("if place < order.index(after)", "if True", "test_books_payments.py counts_no_more"),
    ],
    "portal/books/models_queue.py": [
        ("each.person_id != person_id and confirms", "confirms", "test_books_payments.py by_another_role"),
        ("if payee_is_gm else", "if False else", "test_books_payments.py his_own_line"),
    ],
    "portal/books/rules_runs.py": [
        (
            '    if cashier.key not in access.posts_of(person):\n        raise NotYours(_("The cashier pays."))\n',
            "",
            "test_books_payments.py only_the_cashier_runs",
        ),
        (
            '    if before := PaymentRun.find("token = ?", token):\n        return _made_before(before, person, run)\n',
            "",
            "test_books_payments.py sent_again",
        ),
        ("if told != (person.id, run.fund", "if False and told != (person.id, run.fund", "test_books_payments.py sent_again"),
        ("    if run.by_id != person.id:\n", "    if False:\n", "test_books_payments.py broken_off"),
    ],
    "portal/books/views_payments.py": [
        (
            "sees_account=holds(cashier) or payable.person_id == me().id",
            "sees_account=True",
            "test_books_payments_pages.py voucher_is_for",
        ),
        (
            '@pages.get("/books/payables", may=PAYS)',
            '@pages.get("/books/payables", may=CONFIRMS)',
            "test_access_matrix.py chief_accountant",
        ),
    ],
    "portal/supplies/rules_accounts.py": [
        ("    only_the_office(person)\n", "", "test_books_payments.py only_the_office"),
    ],
    "migrations/0023_payment_accounts.py": [
        ('    make_append_only(db, "payment_accounts")\n', "", "test_books_payments.py written_over"),
    ],
    "migrations/0024_money_notes.py": [
        ("stands integer UNIQUE CHECK (stands = 1)", "stands integer CHECK (stands = 1)", "test_books_notes.py by_the_schema"),
    ],
    "portal/books/rules_notes.py": [
        ("    if cashier.key not in access.posts_of(person):\n", "    if False:\n", "test_books_notes.py only_the_cashier"),
        ("unless=[nothing_attached]", "unless=[]", "test_books_notes.py without_its_proof"),
        (
            "posts_own_payment, month_is_closed, original_not_posted]",
            "posts_own_payment, month_is_closed]",
            "test_books_notes.py posted_after",
        ),
        ("if counter := counter_of(case):", "if False and (counter := counter_of(case)):", "test_books_notes.py once"),
        ("if MoneyNote.get_by_id(case.id).corrects_id:", "if False:", "test_books_notes.py once"),
    ],
    "portal/books/rules_openings.py": [
        ("STANDS = [opened_already, moved_before]", "STANDS = [moved_before]", "test_books_notes.py by_the_schema"),
        ("STANDS = [opened_already, moved_before]", "STANDS = [opened_already]", "test_books_notes.py before_money_moved"),
        ("if chief_accountant.key not in access.posts_of(person):", "if False:", "test_books_notes.py only_the_chief_accountant"),
    ],
}
