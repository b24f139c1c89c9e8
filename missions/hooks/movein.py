"""The tables of this room that may be brought from elsewhere."""

from essaim import hooks
from missions.imports.agreements import AgreementImporter
from missions.imports.days import DayImporter
from missions.imports.wide import WideImporter

for _importer in (AgreementImporter(), DayImporter(), WideImporter()):
    hooks.importers.register(_importer.kind)(_importer)
