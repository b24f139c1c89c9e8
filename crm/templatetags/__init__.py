"""Template tags of the crm room."""
