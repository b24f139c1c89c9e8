"""Addresses of what a consultant does with one hand: a day just noted, the month."""

from django.urls import path

from missions.views import month, phone

LOG = "missions.log_day"

urlpatterns = [
    path("mon-mois/", month.MyMonth.as_view(permission=LOG), name="my_month"),
    path("<int:pk>/note/", phone.DayNoted.as_view(permission=LOG), name="day_noted"),
    path("<int:pk>/annuler/", phone.DayUndo.as_view(permission=LOG), name="day_undo"),
]
