"""Addresses: the ground's own, one file per subject, and each room's."""

from importlib import import_module
from pkgutil import iter_modules

urlpatterns = [
    pattern
    for module in iter_modules(__path__)
    for pattern in import_module(f"{__name__}.{module.name}").urlpatterns
]
