"""Addresses of the kit: the office's, a coop's, and what a coop is told."""

from django.urls import path

from crm.views import kit

manage, view = "crm.manage_kit", "crm.view_coop"

urlpatterns = [
    path("kit/", kit.KitList.as_view(permission=manage), name="kit"),
    path("kit/nouveau/", kit.KitNew.as_view(permission=manage), name="kit_new"),
    path("kit/<int:pk>/", kit.KitEdit.as_view(permission=manage), name="kit_edit"),
    path("kit/<int:pk>/modele/", kit.KitFileNew.as_view(permission=manage), name="kit_file_new"),
    path("kit/modeles/<int:pk>/", kit.KitFileGet.as_view(permission=view), name="kit_file"),
    path(
        "kit/modeles/<int:pk>/retirer/",
        kit.KitFileWithdraw.as_view(permission=manage),
        name="kit_file_withdraw",
    ),
    path(
        "<int:coop_pk>/kit/<int:item_pk>/",
        kit.KitItem.as_view(permission="crm.tick_kit"),
        name="kit_item",
    ),
    path("<int:coop_pk>/attendu/", kit.ExpectedPage.as_view(permission=view), name="expected"),
    path(
        "<int:coop_pk>/attendu/pdf/",
        kit.ExpectedPdf.as_view(permission=view),
        name="expected_pdf",
    ),
]
