"""Addresses of the missions room, and the right each asks for: one file per subject."""

from importlib import import_module
from pkgutil import iter_modules

app_name = "missions"
urlpatterns = [
    pattern
    for module in iter_modules(__path__)
    for pattern in import_module(f"{__name__}.{module.name}").urlpatterns
]
