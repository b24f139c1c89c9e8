"""The form of our logo."""

from typing import Any

from django import forms as plain
from django.utils.translation import gettext_lazy as _

from essaim import forms


class LogoForm(forms.Form):
    logo = plain.FileField(
        label=_("Picture"),
        required=False,
        help_text=_("PNG, JPEG or SVG, 1 MB at most. Colours for the press become RGB."),
        widget=plain.FileInput(attrs={"accept": "image/png,image/jpeg,image/svg+xml"}),
    )
    without = plain.BooleanField(label=_("Show no logo any more"), required=False)

    def clean(self) -> dict[str, Any]:
        data = dict(super().clean() or {})
        if bool(data.get("logo")) == bool(data.get("without")) and "logo" not in self.errors:
            raise plain.ValidationError({"logo": _("Choose a picture, or ask for no logo.")})
        return data
