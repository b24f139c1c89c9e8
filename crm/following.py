"""The one change a kept row may know: its organisation or its coop follows a deduplication."""

# SQL of `FrozenTable.follows`: the row left is a duplicate of the row gone to.
ORGANISATION = (
    'SELECT 1 FROM crm_organisation o WHERE o.id = OLD."{c}" AND o.duplicate_of_id = NEW."{c}"'
)
COOP = (
    "SELECT 1 FROM crm_coop old_coop JOIN crm_organisation o ON o.id = old_coop.organisation_id"
    " JOIN crm_coop new_coop ON new_coop.organisation_id = o.duplicate_of_id"
    ' WHERE old_coop.id = OLD."{c}" AND new_coop.id = NEW."{c}"'
)
TABLES = ("crm_organisation", "crm_coop")
