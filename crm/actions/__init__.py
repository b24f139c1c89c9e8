"""Verbs of the crm room: every write goes through one of these."""

from crm.actions.archiving import (
    archive_contact,
    archive_organisation,
    archive_troubles,
    restore_contact,
    restore_organisation,
)
from crm.actions.beginnings import create_coop, register_shop, take_over
from crm.actions.board import carry
from crm.actions.contacts import (
    correct_role,
    create_contact,
    edit_contact,
    end_role,
    give_role,
)
from crm.actions.coops import (
    assign,
    block,
    date_milestone,
    edit_coop,
    offer,
    plan_next,
    unblock,
)
from crm.actions.documents import (
    add_document,
    archive_document,
    rename_document,
    revise_document,
    unarchive_document,
)
from crm.actions.joining import (
    groups_of,
    join_contacts,
    join_organisations,
    say_distinct,
    troubles,
)
from crm.actions.journal import edit_note, mail_body, send_note, write_note
from crm.actions.kit import settle_code, tick, untick, waive
from crm.actions.legal import (
    ParallelEntityDeclared,
    declare_parallel_entity,
    set_legal_form,
    transform,
)
from crm.actions.logo import drop_logo, wear_logo
from crm.actions.members import correct_count, count_members
from crm.actions.moves import (
    abandon,
    finish,
    go_back,
    loose_ends,
    merge,
    move_on,
    pause,
    release,
    reopen,
    resume,
    take_path,
)
from crm.actions.office import set_structure, write_issuer_profile, write_path
from crm.actions.organisations import (
    create_organisation,
    edit_organisation,
    likely_duplicates,
    set_client_kind,
    set_membership,
)
from crm.actions.persons import (
    erase_person,
    erase_troubles,
    export_person,
    keep_person,
    tell_person,
)
from crm.actions.requirements import add_kit_file, withdraw_kit_file, write_requirement
from crm.actions.tasks import (
    add_task,
    edit_task,
    finish_task,
    reopen_task,
    set_task_mailing,
)
from crm.models import end_of

__all__ = [
    "ParallelEntityDeclared",
    "abandon",
    "add_document",
    "add_kit_file",
    "add_task",
    "archive_contact",
    "archive_document",
    "archive_organisation",
    "archive_troubles",
    "assign",
    "block",
    "carry",
    "correct_count",
    "correct_role",
    "count_members",
    "create_contact",
    "create_coop",
    "create_organisation",
    "date_milestone",
    "declare_parallel_entity",
    "drop_logo",
    "edit_contact",
    "edit_coop",
    "edit_note",
    "edit_organisation",
    "edit_task",
    "end_of",
    "end_role",
    "erase_person",
    "erase_troubles",
    "export_person",
    "finish",
    "finish_task",
    "give_role",
    "go_back",
    "groups_of",
    "join_contacts",
    "join_organisations",
    "keep_person",
    "likely_duplicates",
    "loose_ends",
    "mail_body",
    "merge",
    "move_on",
    "offer",
    "pause",
    "plan_next",
    "register_shop",
    "release",
    "rename_document",
    "reopen",
    "reopen_task",
    "restore_contact",
    "restore_organisation",
    "resume",
    "revise_document",
    "say_distinct",
    "send_note",
    "set_client_kind",
    "set_legal_form",
    "set_membership",
    "set_structure",
    "set_task_mailing",
    "settle_code",
    "take_over",
    "take_path",
    "tell_person",
    "tick",
    "transform",
    "troubles",
    "unarchive_document",
    "unblock",
    "untick",
    "waive",
    "wear_logo",
    "withdraw_kit_file",
    "write_issuer_profile",
    "write_note",
    "write_path",
    "write_requirement",
]
