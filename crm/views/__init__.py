"""The pages of the crm room."""
