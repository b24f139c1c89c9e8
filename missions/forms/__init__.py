"""Forms of the missions room."""
