"""Addresses of the crm room, each with the permission of its page."""

from django.urls import path

from crm.views import coop, logo, office, people, pipeline

view, add, change = "crm.view_coop", "crm.add_coop", "crm.change_coop"
see, write = "crm.view_organisation", "crm.change_organisation"
kit = "crm.manage_kit"

urlpatterns = [
    # the pipeline
    path("", pipeline.Board.as_view(permission=view), name="board"),
    path("tableau/", pipeline.Table.as_view(permission=view), name="table"),
    path("nouvelle/", coop.CoopNew.as_view(permission=add), name="coop_new"),
    path(
        "reprise/",
        coop.TakeOver.as_view(permission="crm.take_over_accompaniment"),
        name="take_over",
    ),
    path("<int:pk>/", coop.CoopDetail.as_view(permission=view), name="coop"),
    path("<int:pk>/deplacer/<slug:edge>/", pipeline.Move.as_view(permission=view), name="move"),
    # facts of a coop
    path("<int:coop_pk>/modifier/", coop.CoopEdit.as_view(permission=change), name="coop_edit"),
    path("<int:coop_pk>/membres/", coop.Members.as_view(permission=change), name="members"),
    path("<int:coop_pk>/jalon/", coop.DateMilestone.as_view(permission=change), name="milestone"),
    path("<int:coop_pk>/blocage/", coop.Block.as_view(permission=change), name="block"),
    path("<int:coop_pk>/deblocage/", coop.Unblock.as_view(permission=change), name="unblock"),
    path("<int:coop_pk>/suite/", coop.NextAction.as_view(permission=change), name="next_action"),
    path(
        "<int:coop_pk>/suivi/",
        coop.Assign.as_view(permission="crm.assign_accompaniment"),
        name="assign",
    ),
    path("<int:coop_pk>/offrir/", coop.Offer.as_view(permission=change), name="offer"),
    # organisations and people
    path("organisations/", people.OrganisationList.as_view(permission=see), name="organisations"),
    path(
        "organisations/nouvelle/",
        people.OrganisationNew.as_view(permission=write),
        name="organisation_new",
    ),
    path(
        "organisations/<int:pk>/",
        people.OrganisationDetail.as_view(permission=see),
        name="organisation",
    ),
    path(
        "organisations/<int:pk>/modifier/",
        people.OrganisationEdit.as_view(permission=write),
        name="organisation_edit",
    ),
    path(
        "organisations/<int:pk>/nature/",
        people.ClientKind.as_view(permission="crm.set_client_kind"),
        name="client_kind",
    ),
    path(
        "organisations/<int:pk>/forme/",
        people.LegalForm.as_view(permission=write),
        name="legal_form",
    ),
    path(
        "organisations/<int:pk>/cotisation/",
        people.MembershipOf.as_view(permission=write),
        name="membership",
    ),
    path("contacts/", people.ContactList.as_view(permission="crm.view_contact"), name="contacts"),
    path(
        "contacts/nouveau/",
        people.ContactNew.as_view(permission="crm.change_contact"),
        name="contact_new",
    ),
    path(
        "contacts/<int:pk>/",
        people.ContactDetail.as_view(permission="crm.view_contact"),
        name="contact",
    ),
    path(
        "contacts/<int:pk>/modifier/",
        people.ContactEdit.as_view(permission="crm.change_contact"),
        name="contact_edit",
    ),
    # our own office
    path("parcours/", office.PathList.as_view(permission=kit), name="paths"),
    path("parcours/<int:pk>/", office.PathEdit.as_view(permission=kit), name="path_edit"),
    path(
        "structure/",
        office.OurStructure.as_view(permission="essaim.manage_tables"),
        name="structure",
    ),
    path("emetteur/", office.Issuer.as_view(permission="crm.view_issuer"), name="issuer"),
    path(
        "emetteur/nouveau/",
        office.IssuerNew.as_view(permission="crm.manage_issuer"),
        name="issuer_new",
    ),
    path("emetteur/logo/", logo.LogoPage.as_view(permission="crm.manage_issuer"), name="logo"),
    path(
        "emetteur/logo/<slug:sha256>/",
        logo.LogoFile.as_view(permission="crm.view_issuer"),
        name="logo_file",
    ),
]
