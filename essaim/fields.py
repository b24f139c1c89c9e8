"""Model fields of ours."""

from typing import Any

from django.db import models


class HttpsURLField(models.URLField):  # type: ignore[type-arg]
    """A link; typed without a scheme, it is taken as https."""

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"assume_scheme": "https", **kwargs})

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.URLField", args, kwargs
