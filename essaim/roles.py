"""The roles and what each may do: one table, read by views, the door and the tests."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    CONSULTANT = "consultant", _("Consultant")
    COORDINATOR = "coordinator", _("Coordinator")
    ACCOUNTANT = "accountant", _("Accountant")
    ADMINISTRATOR = "administrator", _("Administrator")


_C, _O, _A, _D = Role.CONSULTANT, Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR

# permission -> roles. Roles add up; the administrator does not inherit issuing.
TABLE: dict[str, frozenset[str]] = {
    code: frozenset(roles)
    for code, roles in {
        # the ground
        "essaim.view_today": {_C, _O, _A, _D},
        "essaim.manage_users": {_D},
        "essaim.manage_tables": {_D, _A},
        "essaim.manage_reasons": {_O, _D},
        "essaim.hand_over": {_O, _D},
        "essaim.search": {_C, _O, _A, _D},
        "essaim.import_data": {_O, _A, _D},
        "essaim.own_feed": {_C, _O, _A, _D},
        # crm
        "crm.view_coop": {_C, _O, _A, _D},
        "crm.add_coop": {_C, _O, _D},
        "crm.change_coop": {_C, _O, _D},
        "crm.view_organisation": {_C, _O, _A, _D},
        "crm.change_organisation": {_C, _O, _A, _D},
        "crm.set_client_kind": {_A},
        "crm.view_contact": {_C, _O, _A, _D},
        "crm.change_contact": {_C, _O, _D},
        "crm.move_accompaniment": {_C, _O, _D},
        "crm.pause_accompaniment": {_C, _O, _D},
        "crm.abandon_accompaniment": {_O, _D},
        "crm.release_accompaniment": {_O, _D},
        "crm.merge_accompaniment": {_O, _D},
        "crm.reopen_accompaniment": {_O, _D},
        "crm.finish_accompaniment": {_O, _D},
        "crm.take_over_accompaniment": {_O, _D},
        "crm.assign_accompaniment": {_O, _D},
        "crm.change_path": {_O, _D},
        "crm.view_analytics": {_O, _A, _D},
        "crm.join_duplicates": {_O, _D},
        "crm.archive": {_O, _D},
        "crm.export_person": {_O, _D},
        "crm.erase_person": {_D},
        "crm.tick_kit": {_C, _O, _D},
        "crm.manage_kit": {_D, _O},
        "crm.view_note": {_C, _O, _D},
        "crm.change_note": {_C, _O, _D},
        "crm.change_task": {_C, _O, _A, _D},
        "crm.add_document": {_C, _O, _D},
        "crm.view_document": {_C, _O, _A, _D},
        "crm.manage_issuer": {_A},
        "crm.view_issuer": {_A, _D},
        # missions
        "missions.log_day": {_C, _O, _D},
        "missions.submit_day": {_C, _O, _D},
        "missions.view_day": {_C, _O, _A, _D},
        "missions.validate_day": {_O},
        "missions.reject_day": {_O},
        "missions.arbitrate_day": {_O},
        "missions.lock_month": {_O},
        "missions.view_mission": {_C, _O, _A, _D},
        "missions.change_mission": {_O, _D},
        "missions.view_agreement": {_O, _A, _D},
        "missions.change_agreement": {_O, _A, _D},
        "missions.sign_agreement": {_O, _A, _D},
        "missions.accept_phase": {_O, _A, _D},
        "missions.view_quote": {_O, _A, _D},
        "missions.change_quote": {_O, _A, _D},
        "missions.decide_quote": {_O, _A, _D},
        "missions.view_envelope": {_O, _A, _D},
        "missions.change_envelope": {_O, _D},
        "missions.log_expense": {_C, _O, _D},
        "missions.view_expense": {_C, _O, _A, _D},
        "missions.validate_expense": {_O},
        "missions.reimburse_expense": {_O, _A},
        "missions.view_timesheet": {_C, _O, _A, _D},
        "missions.sign_timesheet": {_C, _O, _D},
        "missions.view_valuation": {_O, _A, _D},
        "missions.change_valuation": {_A, _D},
        "missions.view_cost_rate": {_O, _A},
        "missions.change_cost_rate": {_O, _A},
        # grants
        "grants.view_programme": {_C, _O, _A, _D},
        "grants.change_programme": {_O, _D},
        "grants.import_calls": {_O, _D},
        "grants.view_application": {_O, _A, _D},
        "grants.change_application": {_O, _D},
        "grants.move_application": {_O, _D},
        "grants.view_disbursement": {_O, _A, _D},
        "grants.change_disbursement": {_O, _A, _D},
        "grants.receive_disbursement": {_O, _A},
        # invoicing
        "invoicing.view_invoice": {_O, _A, _D},
        "invoicing.view_to_bill": {_O, _A, _D},
        "invoicing.draft_invoice": {_A},
        "invoicing.issue_invoice": {_A},
        "invoicing.credit_invoice": {_A},
        "invoicing.override_due_date": {_A},
        "invoicing.record_payment": {_A},
        "invoicing.send_document": {_A},
        "invoicing.remind": {_A},
        "invoicing.hold_reminder": {_C, _O, _A},
        "invoicing.manage_texts": {_A},
        "invoicing.take_over_invoice": {_A},
        "invoicing.view_recurring": {_O, _A, _D},
        "invoicing.change_recurring": {_A},
        "invoicing.view_catalogue": {_O, _A, _D},
        "invoicing.change_catalogue": {_A},
        "invoicing.change_terms": {_A},
        "invoicing.use_planner": {_O, _A, _D},
        "invoicing.view_clause": {_O, _A, _D},
        "invoicing.change_clause": {_A, _O},
        "invoicing.export": {_A},
        "invoicing.make_plain": {_A, _O},
        "invoicing.acquit": {_A},
        "invoicing.note_status": {_A},
        "invoicing.manage_books": {_A},
        "invoicing.proof_pack": {_O, _A},
        "invoicing.write_off": {_A},
        "invoicing.view_report": {_O, _A, _D},
        "invoicing.make_report": {_O, _D},
    }.items()
}


def allows(roles: frozenset[str], permission: str) -> bool:
    """Whether one of these roles grants the permission; an unknown permission is a mistake."""
    return not TABLE[permission].isdisjoint(roles)
