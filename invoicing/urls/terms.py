"""Time to pay: schedules, planner, repayment plans, disputes, late interest."""

from django.urls import path

from invoicing.views import antifraud

WRITE = "invoicing.change_terms"

urlpatterns = [
    path("caisse/", antifraud.Antifraud.as_view(permission=WRITE), name="antifraud"),
]
