"""Addresses of the first run, and the right each asks for."""

from django.urls import path

from invoicing.views import sample, start

app_name = "start"
RUN, ISSUER = "essaim.manage_users", "crm.manage_issuer"

urlpatterns = [
    path("", start.StartHome.as_view(permission=RUN), name="home"),
    path("structure/", start.IssuerStep.as_view(permission=ISSUER), name="issuer"),
    path("numeros/", start.NumberingStep.as_view(permission=ISSUER), name="numbering"),
    path("personnes/", start.PeopleStep.as_view(permission=RUN), name="people"),
    path("kit/", start.KitStep.as_view(permission="crm.manage_kit"), name="kit"),
    path("kit/choisir/", start.KitPick.as_view(permission="crm.manage_kit"), name="kit_pick"),
    path("passer/<slug:code>/", start.Skip.as_view(permission=RUN), name="skip"),
    path("ce-que-nous-utilisons/", start.Features.as_view(permission=RUN), name="features"),
    path("exemples/", sample.Sample.as_view(permission=RUN), name="sample"),
    path("exemples/retirer/", sample.SampleRemove.as_view(permission=RUN), name="sample_remove"),
    path("ranger/", start.PutAway.as_view(permission=RUN), name="put_away"),
    path(
        "premiere-facture/",
        start.FirstInvoice.as_view(permission="invoicing.draft_invoice"),
        name="first_invoice",
    ),
]
