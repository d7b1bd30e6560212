"""The guards of buying, for `tests/guards.py`: in a file the text, what it becomes, the tests that turn red."""

ASKING, ORDERING, BILLING = "test_purchases.py", "test_orders.py", "test_supplier_invoices.py"
PAGES, MODEL, BENT = "test_purchasing_pages.py", "test_buying_model.py", "test_buying_bent.py"

ROWS: dict[str, list[tuple[str, ...]]] = {
    "portal/purchasing/rules_asking.py": [
        ("if why := why_not_ask(person, department", "if False and why_not_ask(person, department", f"{ASKING} custodian_asks"),
        ("if line is not None and line.department_id != department.id:", "if False:", f"{ASKING} departments_money"),
    ],
    "portal/purchasing/rules_purchases.py": [
        ("COMPLETE = [not_who_asks, incomplete,", "COMPLETE = [not_who_asks,", f"{ASKING} names_its_money"),
        ("need_unsaid, foreign_line, not_low]", "foreign_line, not_low]", f"{ASKING} says_what_it_is"),
        ("foreign_line, not_low]", "foreign_line]", f"{ASKING} sup_07"),
        ("running_short(besides=act.case.id)", "running_short()", f"{ASKING} asked_for_once"),
        ("held = BUDGET.try_hold(line", "held = 1 or (line", f"{ASKING} holds_the_estimate"),
        ("    if supplies_need_gm():\n        return True\n", "", f"{ASKING} general_manager_signs"),
        ("left < total(line.estimate for line in act.lines)", "left < (act.case.amount or 0)", f"{BENT} weighed_as_a_whole"),
        ("unless=[over_budget], then=[hold_now", "then=[hold_now", f"{ASKING} beyond_the_budget"),
        ("during(\"signing approved ordered\", keep_holding, give_back_all)", "during(\"signing\", keep_holding, keep_holding)",
         f"{ASKING} refused_or_returned"),
        ("fill_pools, empty_pools)", "fill_pools, keep_holding)", f"{BENT} over_budget_anew"),
        (", Money(min(line.estimate, granted, 1)))", ", Money(0))", f"{BENT} less_than_a_fen"),
        ("if line is not None and line.year < clock.today().year:", "if False:", f"{BENT} year_that_is_over"),
        ("        if not line.item.active:", "        if False:", f"{BENT} taken_out_of_use"),
        ("dropped=line.dropped + line.to_order", "dropped=line.dropped", f"{ASKING} any_more"),
    ],
    "portal/purchasing/rules_orders.py": [
        ("if not ORDERS.allows(access.posts_of(person)):", "if False:", f"{ORDERING} sup_01"),
        ("    if why := not_approved(wanted):", "    if False:", f"{ORDERING} without_an_approved"),
        ("    if why := beyond(wanted, line[\"quantity\"]):", "    if False:", f"{ORDERING} than_was_approved"),
        ("unless=[no_application, above_approved,", "unless=[", f"{ORDERING} sup_04_what_was_cancelled"),
        ("    if act.case.amount >= HIGHEST:", "    if False:", f"{BENT} amounts_hold"),
        ("item_gone, no_day", "no_day", f"{BENT} taken_out_of_use"),
        ("and (cheaper := _withdrawn_for_it(act, line, found))", "and (cheaper := None)", f"{ORDERING} who_withdraws"),
        ("above_approved, exception_over,", "above_approved,", f"{ORDERING} day_that_was_named"),
        ("no_day, no_quote, dearer_unsaid]", "no_quote, dearer_unsaid]", f"{ORDERING} says_by_when"),
        ("no_day, no_quote, dearer_unsaid]", "no_day, dearer_unsaid]", f"{ORDERING} whole_packs"),
        ("no_day, no_quote, dearer_unsaid]", "no_day, no_quote]", f"{ORDERING} cheapest_is_taken"),
        ("line.held = max(share, found.amount)", "line.held = share", f"{ORDERING} further_hold"),
        ("when=[nothing_came], ", "", f"{ORDERING} is_not_called_off"),
        ("not line.open and line.billed >= line.accepted and", "", f"{BILLING} part_delivery"),
        ("line.paid), due + line.cost_of", "line.paid), line.cost_of", f"{BILLING} is_held_before"),
        ("if is_done(line) and not due:", "if is_done(line):", f"{BENT} whichever_invoice"),
        (" - line.cost_of(decided))", ")", f"{MODEL} agree_after"),
    ],
    "portal/purchasing/models_purchases.py": [
        ("AND v.counted > 0 ", "", f"{BENT} bills_a_paid_line_again"),
    ],
    "portal/purchasing/models_orders.py": [
        ("if self.day < (placed := placed_on(act.case)):", "if False:", f"{BENT} what_came_before"),
        ("if received > line.open:", "if False:", f"{ORDERING} excess_is_refused"),
        ("if accepted < received and not failure:", "if False:", f"{ORDERING} failed_is_not_stock"),
        ("if not set(open_lines) <= set(self.lines):", "if False:", f"{ORDERING} every_open_line"),
        ("self.after != receipt_count(act.case)", "False", f"{ORDERING} written_down_before"),
    ],
    "portal/purchasing/models_holds.py": [
        ("if needed > now:", "if False:", f"{ORDERING} further_hold"),
        ("elif needed < now and exception_of(case) is None:", "elif False:", f"{MODEL} agree_after"),
    ],
    "portal/purchasing/rules_invoices.py": [
        ("[incomplete, not_received, entered_before]", "[not_received, entered_before]", f"{BILLING} without_its_file"),
        ("[incomplete, not_received, entered_before]", "[incomplete, entered_before]", f"{BILLING} nothing_is_billed"),
        ("[incomplete, not_received, entered_before]", "[incomplete, not_received]", f"{BILLING} entered_once"),
        ("apart_from=[\"sign_first\"]", "apart_from=[]", f"{BILLING} one_person_never"),
        ("APART = [concerned, signed]", "APART = [concerned]", f"{BILLING} signer_does_not_pay"),
        ("    if order.state == \"closed\":", "    if False:", f"{BENT} paid_and_closed"),
        ("if act.paper.day < (placed := placed_on(order)):", "if False:", f"{BENT} what_was_billed_before"),
        ("    free_invoices(act)\n", "", f"{BILLING} may_be_billed_again"),
    ],
    "portal/purchasing/models_invoices.py": [
        ("office() or order.department", "order.department", f"{BILLING} another_department"),
        ("if not 0 <= amount <= found[key].most:", "if False:", f"{BILLING} never_pays_what_did_not_come"),
        ("min(line.quantity, max(ordered.accepted - ordered.billed, 0))", "line.quantity", f"{BILLING} quality_check"),
    ],
    "portal/books/models_payments.py": [
        ("self.after != times_moved(act.case)", "False", f"{BENT} is_paid_once"),
    ],
    "portal/purchasing/views_purchases.py": [
        ("elif offers[each.item_id][0].is_cheaper_than(offer) and not reason:", "elif False:", f"{PAGES} not_the_cheapest"),
    ],
}  # fmt: skip
