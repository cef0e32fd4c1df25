"""The human door."""

from django.urls import path

from cordee.web import views

app_name = "web"
urlpatterns = [
    path("", views.home, name="home"),
    path("compte/roles", views.hats, name="hats"),
    path("compte/roles/changer", views.change_hat, name="change_hat"),
]
