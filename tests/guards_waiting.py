"""The guards of what is proposed, waited for, late and reported, for `tests/guards.py`: in a file the text, what it becomes, the
tests that turn red."""

PROPOSED, EXPECTED, REPORTED = "test_proposals.py", "test_waiting_expected.py", "test_purchasing_reports.py"

ROWS: dict[str, list[tuple[str, ...]]] = {
    "portal/purchasing/rules_proposals.py": [
        ("let_read(case, {access.office_clerk.key})", "pass", f"{PROPOSED} may_read_the_draft"),
        ("if item not in hidden}", "}", f"{PROPOSED} learns_nothing"),
        ("    if office_keeper() is None:", "    if False:", f"{PROPOSED} nobody_as_office_clerk"),
    ],
    "portal/purchasing/models_purchases.py": [
        ('UNDER_WAY = ("draft", ', "UNDER_WAY = (", f"{PROPOSED} proposed_once"),
    ],
    "portal/supplies/models_reports.py": [
        ("max(month, 1 if self.level else 0)", "month", f"{PROPOSED} proposed_once"),
        ("if left > self.level or left == self.level == 0:", "if left > self.level:", f"{PROPOSED} above_its_level"),
    ],
    "portal/supplies/models_expected.py": [
        ("needed[item] += quantity", "needed[item] = quantity", f"{EXPECTED} first_in_the_queue"),
    ],
    "portal/supplies/rules_expected.py": [
        ("        if day != before:", "        if True:", f"{EXPECTED} told_once"),
        (" and each.person not in applicants", "", f"{EXPECTED} about_the_wish"),
    ],
    "portal/supplies/rules_waiting.py": [
        ("tell_expected(accounts, beginning=act.case.id)", "pass", f"{EXPECTED} begins_to_wait"),
        ("    tell_expected(item_ids, but)", "    pass", f"{EXPECTED} lets_the_next_one"),
        (' or act.case.state == "waiting"', "", f"{EXPECTED} behind_a_cancelled"),
    ],
    "portal/supplies/rules_goods.py": [
        ('    if detail["source"] == DELIVERY:', "    if False:", "test_supplies_goods.py sup_04"),
        ("unless=[is_delivery, *STANDS]", "unless=STANDS", "test_supplies_goods.py sup_04"),
    ],
    "portal/purchasing/rules_orders.py": [
        (
            "        follow(act.case)\n\n\ndef _close_open",
            "        pass\n\n\ndef _close_open",
            f"{EXPECTED} that_nothing_comes",
        ),
    ],
    "portal/purchasing/rules_late.py": [
        ("AND r.told_late IS NULL", "", f"{REPORTED} told_once"),
    ],
    "portal/purchasing/models_prices.py": [
        ("return is_there and", "return", f"{REPORTED} not_offered_at"),
        ("[] if is_dearer else", "", f"{REPORTED} a_dearer_one"),
    ],
    "portal/purchasing/views_reports.py": [
        ('if case in links else ""', "", f"{REPORTED} cashier_sees"),
    ],
}
