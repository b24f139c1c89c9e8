"""Addresses of what hangs on a file, of plans and of de minimis aids."""

from django.urls import path

from grants.views import aids, budget, call_import, catalogue, files, plan, summary

_SEE, _CHANGE = "grants.view_application", "grants.change_application"
_READ, _WRITE = "grants.view_programme", "grants.change_programme"
_IMPORT = "grants.import_calls"
_FILE = "dossiers/<int:application_pk>/"

urlpatterns = [
    path("dossiers/<int:pk>/fiche/", summary.Summary.as_view(permission=_SEE), name="summary"),
    path("dossiers/<int:pk>/budget/", budget.BudgetEdit.as_view(permission=_CHANGE), name="budget"),
    path(
        "dossiers/<int:pk>/budget/copie/",
        budget.BudgetCopy.as_view(permission=_CHANGE),
        name="budget_copy",
    ),
    path(f"{_FILE}piece/", files.PieceAdd.as_view(permission=_CHANGE), name="piece_add"),
    path(f"{_FILE}pieces/", files.PiecesTake.as_view(permission=_CHANGE), name="pieces_take"),
    path(
        "pieces/<int:pk>/etape/<str:edge>/",
        files.PieceMove.as_view(permission=_SEE),
        name="piece_move",
    ),
    path(
        "cofinanceurs/<int:pk>/modifier/",
        files.CoFunderEdit.as_view(permission=_CHANGE),
        name="co_funder_edit",
    ),
    path(
        "cofinanceurs/<int:pk>/reponse/",
        files.CoFunderStanding.as_view(permission=_CHANGE),
        name="co_funder_standing",
    ),
    path(f"{_FILE}episode/", files.EpisodeOpen.as_view(permission=_CHANGE), name="episode_open"),
    path(
        "episodes/<int:pk>/modifier/",
        files.EpisodeEdit.as_view(permission=_CHANGE),
        name="episode_edit",
    ),
    path(
        "avenants/<int:pk>/suite/",
        files.AmendmentSettle.as_view(permission=_CHANGE),
        name="amendment_settle",
    ),
    path(
        "dispositifs/<int:programme_pk>/piece/",
        files.PieceKindAdd.as_view(permission=_WRITE),
        name="piece_kind_add",
    ),
    path(
        "pieces-demandees/<int:pk>/modifier/",
        files.PieceKindEdit.as_view(permission=_WRITE),
        name="piece_kind_edit",
    ),
    path(
        "pieces-demandees/<int:pk>/ranger/",
        files.PieceKindArchive.as_view(permission=_WRITE),
        name="piece_kind_archive",
    ),
    path("de-minimis/<int:pk>/", aids.DeMinimis.as_view(permission=_SEE), name="de_minimis"),
    path(
        "de-minimis/<int:organisation_pk>/aide/",
        aids.OtherAidAdd.as_view(permission=_CHANGE),
        name="other_aid_add",
    ),
    path(
        "aides/<int:pk>/modifier/",
        aids.OtherAidEdit.as_view(permission=_CHANGE),
        name="other_aid_edit",
    ),
    path(
        "aides/<int:pk>/retirer/",
        aids.OtherAidRemove.as_view(permission=_CHANGE),
        name="other_aid_remove",
    ),
    path("plan/<int:pk>/", plan.PlanPage.as_view(permission=_SEE), name="plan"),
    path("plan/<int:pk>/csv/", plan.PlanCsv.as_view(permission=_SEE), name="plan_csv"),
    path("plan/<int:pk>/pdf/", plan.PlanPdf.as_view(permission=_SEE), name="plan_pdf"),
    path("plan/<int:coop_pk>/besoin/", plan.NeedAdd.as_view(permission=_CHANGE), name="need_add"),
    path(
        "plan/<int:coop_pk>/ressource/",
        plan.ResourceAdd.as_view(permission=_CHANGE),
        name="resource_add",
    ),
    path("besoins/<int:pk>/modifier/", plan.NeedEdit.as_view(permission=_CHANGE), name="need_edit"),
    path(
        "besoins/<int:pk>/retirer/", plan.NeedRemove.as_view(permission=_CHANGE), name="need_remove"
    ),
    path(
        "ressources/<int:pk>/modifier/",
        plan.ResourceEdit.as_view(permission=_CHANGE),
        name="resource_edit",
    ),
    path(
        "ressources/<int:pk>/retirer/",
        plan.ResourceRemove.as_view(permission=_CHANGE),
        name="resource_remove",
    ),
    path("appels/", catalogue.CallList.as_view(permission=_READ), name="calls"),
    path(
        "appels/<int:pk>/archiver/",
        catalogue.CallArchive.as_view(permission=_WRITE),
        name="call_archive",
    ),
    path(
        "dispositifs/<int:pk>/archiver/",
        catalogue.ProgrammeArchive.as_view(permission=_WRITE),
        name="programme_archive",
    ),
    path(
        "dispositifs/<int:pk>/verifie/",
        catalogue.Checked.as_view(permission=_WRITE),
        name="checked",
    ),
    path(
        "dispositifs/verifications/", catalogue.Recheck.as_view(permission=_WRITE), name="recheck"
    ),
    path(
        "appels/import/",
        call_import.CallImportNew.as_view(permission=_IMPORT),
        name="call_import_new",
    ),
    path(
        "appels/import/modele.<str:kind>",
        call_import.CallModel.as_view(permission=_IMPORT),
        name="call_model",
    ),
    path(
        "appels/import/<int:pk>/",
        call_import.CallImportPage.as_view(permission=_IMPORT),
        name="call_import",
    ),
]
