"""Attendance sheets are kept as they were recorded."""

from essaim import hooks
from essaim.hooks import FrozenTable

hooks.frozen_tables.register(FrozenTable("missions.Attendance", update="1=1", delete="1=1"))
