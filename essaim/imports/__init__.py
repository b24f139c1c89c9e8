"""Tables that people bring: read without trusting them, tried dry, written whole, undone."""
