"""Nouns of the crm room."""

from crm.models.contact import Contact, ContactRole
from crm.models.coop import Coop
from crm.models.journal import Document, Note, NoteParticipant, Task
from crm.models.kit import Fulfilment, Requirement
from crm.models.legal import ParallelEntity
from crm.models.logo import Logo
from crm.models.members import MemberCount
from crm.models.moves import Milestone, Move
from crm.models.organisation import LegalFormPeriod, Membership, Organisation
from crm.models.path import Path, PathStage
from crm.models.pipeline import Accompaniment
from crm.models.structure import IssuerProfile, Structure

__all__ = [
    "Accompaniment",
    "Contact",
    "ContactRole",
    "Coop",
    "Document",
    "Fulfilment",
    "IssuerProfile",
    "LegalFormPeriod",
    "Logo",
    "MemberCount",
    "Membership",
    "Milestone",
    "Move",
    "Note",
    "NoteParticipant",
    "Organisation",
    "ParallelEntity",
    "Path",
    "PathStage",
    "Requirement",
    "Structure",
    "Task",
]
