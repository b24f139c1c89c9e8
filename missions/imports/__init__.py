"""The tables of this room that people bring when they move in."""
