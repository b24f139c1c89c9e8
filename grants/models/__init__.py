"""Nouns of the grants room."""

from grants.models.application import CoFunder, GrantApplication
from grants.models.disbursement import Disbursement
from grants.models.programme import Call, Programme

__all__ = ["Call", "CoFunder", "Disbursement", "GrantApplication", "Programme"]
