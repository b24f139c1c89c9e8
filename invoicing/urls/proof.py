"""Addresses of proof packs."""

from django.urls import path

from invoicing.views import proof

TAKE = "invoicing.proof_pack"

urlpatterns = [
    path(
        "justificatifs/enveloppes/<int:pk>/",
        proof.EnvelopeProof.as_view(permission=TAKE),
        name="proof_envelope",
    ),
    path(
        "justificatifs/dossiers/<int:pk>/",
        proof.ApplicationProof.as_view(permission=TAKE),
        name="proof_application",
    ),
    path(
        "justificatifs/dispositifs/<int:pk>/",
        proof.ProgrammeProof.as_view(permission=TAKE),
        name="proof_programme",
    ),
]
