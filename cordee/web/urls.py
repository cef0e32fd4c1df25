"""The human door."""

from django.urls import path

from cordee.web import gallery, views

app_name = "web"
urlpatterns = [
    path("", views.home, name="home"),
    path("apparence", gallery.show, name="gallery"),
    path("aller", views.palette, name="palette"),
    path("compte/roles", views.hats, name="hats"),
    path("compte/roles/changer", views.change_hat, name="change_hat"),
]
