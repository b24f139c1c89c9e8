"""Nouns of the grants room."""

from grants.models.application import GrantApplication
from grants.models.co_funder import CoFunder
from grants.models.disbursement import Disbursement
from grants.models.programme import Call, Programme

__all__ = ["Call", "CoFunder", "Disbursement", "GrantApplication", "Programme"]
