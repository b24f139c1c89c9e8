"""The search: words and likeness (rules), the index kept with each write, what one may find."""
