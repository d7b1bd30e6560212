"""The guards of claims, for `tests/guards.py`: in a file the text, what it becomes, the tests that turn red."""

RULES, PAGES = "test_claims.py", "test_claims_pages.py"

ROWS: dict[str, list[tuple[str, ...]]] = {
    "portal/expenses/rules_claims.py": [
        ("    if is_open(request):", "    if True:", f"{RULES} without_an_approval"),
        ("approved_on and line.day and line.day < approved_on", "False", f"{RULES} before_the_approval"),
        ("line.day < approved_on", "line.day <= approved_on", f"{RULES} day_of_the_approval"),
        ("if not line.invoice_number or line.file_id not in here]", "if line.file_id not in here]", f"{RULES} draft_may_lack"),
        (
            "if not line.invoice_number or line.file_id not in here]",
            "if not line.invoice_number]",
            f"{RULES} without_its_invoice",
        ),
        ("            accepted[line.line_id] -= line.amount", "            pass", f"{RULES} accepted_so"),
        ("        if each.no_invoice:", "        if True:", f"{RULES} accepted_so"),
        ("claimed_by_line(request_id, besides, bare=True).items()", "()", f"{RULES} accepted_so"),
        ("        if amount > left:", "        if False:", f"{RULES} within_the_approval"),
        ("    if lines := twice(act.lines):", "    if lines := None:", f"{RULES} never_on_one_invoice"),
        ("        if not (line.day and line.text and line.amount):", "        if False:", f"{RULES} draft_may_lack"),
        ("    if not is_for(request, person):", "    if False:", f"{RULES} ones_own"),
        ('    if line["line"] is None or line["line"].id not in allowed:', "    if False:", f"{RULES} only_the_budget_lines"),
        ("return None if is_open(request) else", "return None if True else", f"{RULES} is_withdrawn"),
        ("held_up, recorded_the_consent)", "held_up)", f"{RULES} does_not_pay"),
        ("note=True, unless=[partly_paid], then=[unsettle]", "note=True, then=[unsettle]", f"{RULES} goes_back_no_more"),
        ("unless=[partly_paid], then=[unsettle]", "unless=[partly_paid]", f"{RULES} going_back_from_the_queue"),
        ("grants_stand, grants_fall),", "grants_stand, grants_stand),", f"{RULES} given_anew"),
        ("use_invoices, free_invoices)", "use_invoices, grants_stand)", f"{RULES} rejected_claim"),
    ],
    "portal/expenses/rules_settlement.py": [
        ("payables_of(act.case))", "())", f"{RULES} in_parts"),
        ("or last_is_through(request_id)", "", f"{RULES} last_of_its_claims"),
        ("and not _others_under_way(act)", "", f"{RULES} last_of_its_claims"),
        ("        call_off_unpaid(request_id)\n", "", "test_expenses_money.py called_off"),
        ('("payable", "paid", "outstanding")', '("paid", "outstanding")', "test_expenses_money.py rest_of_an_advance"),
    ],
    "portal/expenses/rules_invoices.py": [
        ("    if any(each.sha256 == digest for each in files):", "    if False:", f"{PAGES} same_file_twice"),
        (
            "    if earlier := earlier_claim(code, number, digest, case.id):",
            "    if earlier := None:",
            f"{PAGES} when_it_is_dropped",
        ),
    ],
    "portal/expenses/models_claims.py": [
        ("    if read and number_key(read.number) != number_key(line.invoice_number):", "    if False:", f"{PAGES} wrong_number"),
        ("(code = ? OR code = '' OR ? = '')", "(1 = 1 OR code = ? OR ? = '')", f"{RULES} another_code"),
        ("not 0 <= amount <= known_lines[n].amount", "False", f"{PAGES} nothing_up_to"),
        ("            if not getattr(self, field):", "            if False:", f"{PAGES} what_was_looked_at"),
    ],
    "portal/expenses/forms_claims.py": [
        ("return self.files.get(int(named)) if", "return Attachment.get_or_none(id=int(named)) if", f"{PAGES} somebody_elses"),
    ],
    "portal/expenses/views_claims_writing.py": [
        ("    if me().id not in (case.requester_id, case.preparer_id):", "    if False:", f"{PAGES} of_another"),
        ("refusal.earlier if may_read(refusal.earlier) else None", "refusal.earlier", f"{PAGES} number_only"),
    ],
}
