"""Addresses of the legal persons, the family and the members of a coop."""

from django.urls import path

from crm.views import family, legal

SEE, CHANGE = "crm.view_coop", "crm.change_coop"

urlpatterns = [
    path(
        "<int:coop_pk>/forme-juridique/",
        legal.LegalPersons.as_view(permission=SEE),
        name="legal",
    ),
    path(
        "<int:coop_pk>/forme-juridique/transformation/",
        legal.Transform.as_view(permission=CHANGE),
        name="legal_transform",
    ),
    path(
        "<int:coop_pk>/forme-juridique/seconde-entite/",
        legal.Parallel.as_view(permission=CHANGE),
        name="legal_parallel",
    ),
    path("<int:coop_pk>/famille/", family.Family.as_view(permission=SEE), name="family"),
    path("<int:coop_pk>/effectifs/", family.Members.as_view(permission=SEE), name="member_counts"),
    path(
        "<int:coop_pk>/effectifs/<int:pk>/corriger/",
        family.CorrectCount.as_view(permission=CHANGE),
        name="member_correct",
    ),
]
