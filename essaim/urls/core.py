"""Addresses of the ground itself, then those of each room."""

from allauth.account import views as account
from django.urls import include, path, re_path

from essaim.views import (
    TodayPage,
    demo_sign_in,
    feed,
    handing,
    import_batch,
    imports,
    my_account,
    reasons,
    tables,
)
from essaim.views import account as account_pages
from essaim.views import people as persons
from essaim.views import search as searching

urlpatterns = [
    path("recherche/", searching.SearchPage.as_view(permission="essaim.search"), name="search"),
    path(
        "recherche/palette/",
        searching.Palette.as_view(permission="essaim.search"),
        name="search_palette",
    ),
    path("", TodayPage.as_view(permission="essaim.view_today"), name="today"),
    path("demonstration/", demo_sign_in, name="demo_sign_in"),
    path("compte/connexion/", account.login, name="account_login"),
    path("compte/deconnexion/", account.logout, name="account_logout"),
    path("compte/inactif/", account.account_inactive, name="account_inactive"),
    path("compte/mot-de-passe/", account.password_change, name="account_change_password"),
    path("compte/mot-de-passe/choisir/", account.password_set, name="account_set_password"),
    path("compte/mot-de-passe/oublie/", account.password_reset, name="account_reset_password"),
    path(
        "compte/mot-de-passe/oublie/envoye/",
        account.password_reset_done,
        name="account_reset_password_done",
    ),
    re_path(
        r"^compte/mot-de-passe/nouveau/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "compte/mot-de-passe/nouveau/fait/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("compte/confirmer/", account.reauthenticate, name="account_reauthenticate"),
    path(
        "compte/securite/recovery-codes/generate/",
        my_account.recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path("compte/securite/", include("allauth.mfa.urls")),
    path("compte/sessions/", include("allauth.usersessions.urls")),
    path(
        "reglages/", persons.SettingsPage.as_view(permission="essaim.view_today"), name="settings"
    ),
    path(
        "reglages/personnes/",
        persons.PeopleList.as_view(permission="essaim.manage_users"),
        name="users",
    ),
    path(
        "reglages/personnes/inviter/",
        persons.PersonInvite.as_view(permission="essaim.manage_users"),
        name="user_invite",
    ),
    path(
        "reglages/personnes/<int:pk>/",
        persons.PersonEdit.as_view(permission="essaim.manage_users"),
        name="user_edit",
    ),
    path(
        "reglages/personnes/<int:pk>/fermer/",
        persons.PersonDeactivate.as_view(permission="essaim.manage_users"),
        name="user_deactivate",
    ),
    path(
        "reglages/transmettre/",
        handing.Leaving.as_view(permission="essaim.hand_over"),
        name="leaving",
    ),
    path(
        "reglages/transmettre/<int:pk>/",
        handing.HandOver.as_view(permission="essaim.hand_over"),
        name="hand_over",
    ),
    path(
        "reglages/personnes/<int:pk>/rouvrir/",
        persons.PersonReactivate.as_view(permission="essaim.manage_users"),
        name="user_reactivate",
    ),
    path(
        "reglages/personnes/<int:pk>/second-facteur/",
        account_pages.SecondFactorReset.as_view(permission="essaim.manage_users"),
        name="user_second_factor",
    ),
    path(
        "reglages/tables/",
        tables.FigureList.as_view(permission="essaim.manage_tables"),
        name="legal_figures",
    ),
    path(
        "reglages/tables/ajouter/",
        tables.FigureNew.as_view(permission="essaim.manage_tables"),
        name="legal_figure_new",
    ),
    path(
        "reglages/attention/",
        reasons.ReasonSettings.as_view(permission="essaim.manage_reasons"),
        name="reasons",
    ),
    path(
        "reglages/mon-agenda/",
        feed.FeedPage.as_view(permission="essaim.own_feed"),
        name="my_feed",
    ),
    path(
        "reglages/mon-agenda/revoquer/",
        feed.FeedRevoke.as_view(permission="essaim.own_feed"),
        name="my_feed_revoke",
    ),
    path("agenda/<str:token>.ics", feed.Feed.as_view(), name="feed"),
    path(
        "reglages/reprise/",
        imports.ImportHome.as_view(permission="essaim.import_data"),
        name="imports",
    ),
    path(
        "reglages/reprise/<slug:kind>/",
        imports.ImportUpload.as_view(permission="essaim.import_data"),
        name="import_new",
    ),
    path(
        "reglages/reprise/<slug:kind>/modele.<slug:suffix>",
        imports.ImportModel.as_view(permission="essaim.import_data"),
        name="import_model",
    ),
    path(
        "reglages/reprise/fichier/<int:pk>/",
        import_batch.ImportPage.as_view(permission="essaim.import_data"),
        name="import_batch",
    ),
    path(
        "reglages/reprise/fichier/<int:pk>/colonnes/",
        imports.ImportColumns.as_view(permission="essaim.import_data"),
        name="import_columns",
    ),
    path(
        "reglages/reprise/fichier/<int:pk>/doutes/",
        import_batch.ImportChoices.as_view(permission="essaim.import_data"),
        name="import_choices",
    ),
    path(
        "reglages/reprise/fichier/<int:pk>/fautes.csv",
        import_batch.ImportFaults.as_view(permission="essaim.import_data"),
        name="import_faults",
    ),
    path(
        "reglages/reprise/fichier/<int:pk>/move/<str:edge>/",
        import_batch.ImportMove.as_view(permission="essaim.import_data"),
        name="import_move",
    ),
    path("coops/", include("crm.urls")),
    path("journees/", include("missions.urls")),
    path("financements/", include("grants.urls")),
    path("facturation/", include("invoicing.urls")),
]
