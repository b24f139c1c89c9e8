"""Nouns of the crm room."""

from crm.models.contact import Contact, ContactRole
from crm.models.coop import Coop
from crm.models.documents import Document, DocumentPin, DocumentVersion
from crm.models.journal import Note, NoteMail, NoteParticipant
from crm.models.kit import (
    Fulfilment,
    KitFile,
    KitQuestion,
    Requirement,
    RequirementVersion,
)
from crm.models.legal import ParallelEntity
from crm.models.logo import Logo
from crm.models.members import MemberCount
from crm.models.moves import Milestone, Move
from crm.models.organisation import LegalFormPeriod, Membership, Organisation
from crm.models.path import Path, PathStage
from crm.models.people import Distinct, Retention, end_of
from crm.models.pipeline import Accompaniment
from crm.models.structure import IssuerProfile, Structure
from crm.models.tasks import Task, TaskMailing, TaskReminder

__all__ = [
    "Accompaniment",
    "Contact",
    "ContactRole",
    "Coop",
    "Distinct",
    "Document",
    "DocumentPin",
    "DocumentVersion",
    "Fulfilment",
    "IssuerProfile",
    "KitFile",
    "KitQuestion",
    "LegalFormPeriod",
    "Logo",
    "MemberCount",
    "Membership",
    "Milestone",
    "Move",
    "Note",
    "NoteMail",
    "NoteParticipant",
    "Organisation",
    "ParallelEntity",
    "Path",
    "PathStage",
    "Requirement",
    "RequirementVersion",
    "Retention",
    "Structure",
    "Task",
    "TaskMailing",
    "TaskReminder",
    "end_of",
]
