"""The generic pages: a room's views are thin classes on top of these."""

from essaim.views.bulk import BulkPage, Line, file_response, stored_file
from essaim.views.edits import PROTECTED, FormPage, TransitionPage
from essaim.views.home import TodayPage, demo_sign_in
from essaim.views.lists import CAP, Chips, Column, ListPage, capped
from essaim.views.pages import Action, DetailPage, Page, log_refusal, no_role, offered

__all__ = [
    "CAP",
    "PROTECTED",
    "Action",
    "BulkPage",
    "Chips",
    "Column",
    "DetailPage",
    "FormPage",
    "Line",
    "ListPage",
    "Page",
    "TodayPage",
    "TransitionPage",
    "capped",
    "demo_sign_in",
    "file_response",
    "log_refusal",
    "no_role",
    "offered",
    "stored_file",
]
