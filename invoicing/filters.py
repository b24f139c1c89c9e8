"""Filters of the lists of invoices and payments."""

import django_filters
from django.utils.translation import gettext_lazy as _

from essaim.forms import DateInput
from invoicing.models import Invoice, Payment

KINDS = tuple(Invoice.Kind.choices)


class InvoiceFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=KINDS, empty_label=_("All kinds"))
    since = django_filters.DateFilter("issued_on", "gte", label=_("Issued from"), widget=DateInput)
    until = django_filters.DateFilter("issued_on", "lte", label=_("Issued until"), widget=DateInput)

    class Meta:
        model = Invoice
        fields: tuple[str, ...] = ()


class PaymentFilter(django_filters.FilterSet):
    method = django_filters.ChoiceFilter(
        label=_("Method"), choices=Payment.Method.choices, empty_label=_("All methods")
    )
    since = django_filters.DateFilter("received_on", "gte", label=_("From"), widget=DateInput)
    until = django_filters.DateFilter("received_on", "lte", label=_("To"), widget=DateInput)

    class Meta:
        model = Payment
        fields: tuple[str, ...] = ()
