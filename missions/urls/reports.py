"""Addresses of attendance sheets and of what people's work costs."""

from django.urls import path

from missions.views import reports

SEE, LOG = "missions.view_day", "missions.log_day"
COST = "missions.change_cost_rate"

urlpatterns = [
    path(
        "missions/<int:pk>/emargement/",
        reports.AttendanceBlank.as_view(permission="missions.view_mission"),
        name="attendance_blank",
    ),
    path(
        "<int:pk>/emargement/",
        reports.AttendancePdf.as_view(permission=SEE),
        name="attendance_pdf",
    ),
    path(
        "<int:pk>/presences/",
        reports.AttendanceRecord.as_view(permission=LOG),
        name="attendance_record",
    ),
    path(
        "presences/<int:pk>/feuille/",
        reports.AttendanceFile.as_view(permission=SEE),
        name="attendance_file",
    ),
    path(
        "couts/",
        reports.CostRateList.as_view(permission="missions.view_cost_rate"),
        name="cost_rates",
    ),
    path("couts/nouveau/", reports.CostRateNew.as_view(permission=COST), name="cost_rate_new"),
    path(
        "couts/<int:pk>/modifier/",
        reports.CostRateEdit.as_view(permission=COST),
        name="cost_rate_edit",
    ),
]
