"""The tables of this room that may be brought from elsewhere."""

from crm.imports.contacts import ContactImporter
from crm.imports.coops import CoopImporter
from crm.imports.organisations import OrganisationImporter
from essaim import hooks

for _importer in (OrganisationImporter(), ContactImporter(), CoopImporter()):
    hooks.importers.register(_importer.kind)(_importer)
