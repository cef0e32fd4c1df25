"""The worklist and its gestures."""

from django.urls import path

from cordee.pathways import views

app_name = "pathways"
urlpatterns = [
    path("a-faire", views.worklist, name="worklist"),
    path("mes-actions", views.mine, name="mine"),
    path("a-faire/charge", views.caseload, name="caseload"),
    path("a-faire/charge/<slug:who>", views.followed, name="followed"),
    path("a-faire/dose", views.dose, name="dose"),
    path("personnes/<uuid:pk>/dose", views.dose_of_person, name="dose_of_person"),
    path("a-faire/remises/<uuid:pk>", views.handed_over, name="handed_over"),
    path("taches/<uuid:pk>/ouvrir", views.open_task, name="open"),
    path("taches/personne/<uuid:pk>/", views.person_panel, name="person_panel"),
    path("recherches/pour-la-demande/<uuid:pk>/", views.search_of, name="search_of"),
    path("taches/<uuid:pk>", views.show, name="task"),
    path("taches/<uuid:pk>/fait", views.settle, name="settle"),
    path("taches/<uuid:pk>/reprendre", views.reopen, name="reopen"),
    path("taches/<uuid:pk>/reporter", views.snooze, name="snooze"),
    path("taches/<uuid:pk>/ramener", views.wake, name="wake"),
    path("taches/<uuid:pk>/confier", views.hand_over, name="hand_over"),
    path("taches/<uuid:pk>/ligne-confiee", views.give_line, name="give_line"),
    path("taches/<uuid:pk>/rendre/<slug:before>", views.give_back, name="give_back"),
]
