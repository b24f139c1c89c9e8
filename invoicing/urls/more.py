"""The index of the room's pages."""

from django.urls import path

from invoicing.views import more

urlpatterns = [
    path("plus/", more.More.as_view(permission="invoicing.view_invoice"), name="more"),
]
