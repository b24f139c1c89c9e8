"""The screens every page is looked at on."""

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
# The narrowest one: nothing scrolls sideways there.
NARROW = {"width": 320, "height": 800}
