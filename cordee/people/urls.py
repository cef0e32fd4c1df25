"""The addresses of the room: no name and no health in any of them."""

from django.urls import path

from cordee.people.views import bases, choices, circle, emergency, merging, own, persons, thread

app_name = "people"
PERSON = "personnes/<uuid:pk>"
urlpatterns = [
    path("mon-espace", own.own, name="own"),
    path("personnes/", persons.listing, name="list"),
    path("personnes/recherche", persons.search, name="search"),
    path("personnes/nouvelle", persons.create, name="create"),
    path("personnes/ressemblances", persons.duplicates, name="duplicates"),
    path("personnes/bases-legales", bases.bases, name="bases"),
    path("personnes/urgence", emergency.emergency, name="emergency"),
    path("personnes/urgence/<uuid:pk>", emergency.emergency_record, name="emergency_record"),
    path("personnes/urgence/<uuid:pk>/fin", emergency.end_emergency, name="end_emergency"),
    path("personnes/urgences", emergency.emergencies, name="emergencies"),
    path("personnes/urgences/<uuid:pk>", emergency.emergency_review, name="emergency_review"),
    path("personnes/urgences/<uuid:pk>/prevenir", emergency.tell, name="tell_emergency"),
    path("personnes/doublons", merging.pairs, name="pairs"),
    path("personnes/doublons/<uuid:pk>", merging.compare, name="compare"),
    path("personnes/doublons/<uuid:pk>/reunir", merging.merge, name="merge"),
    path("personnes/doublons/<uuid:pk>/distinguer", merging.tell_apart, name="tell_apart"),
    path("personnes/reunions/<uuid:pk>/annuler", merging.undo, name="undo_merge"),
    path(f"{PERSON}/ressemblances", merging.alike, name="alike"),
    path(f"{PERSON}/ressemblances/<uuid:other>", merging.propose, name="propose"),
    path(f"{PERSON}/identite", persons.edit, name="edit"),
    path(f"{PERSON}/identite/verification", persons.check, name="check"),
    path(f"{PERSON}/deces", persons.death, name="death"),
    path(f"{PERSON}/hospitalisation", persons.admission, name="admission"),
    path(f"{PERSON}/prise-en-charge", circle.enter, name="enter"),
    path(f"{PERSON}/cercle", circle.circle, name="circle"),
    path(f"{PERSON}/cercle/recherche", circle.joinable, name="joinable"),
    path(f"{PERSON}/cercle/<uuid:member>/fin", circle.leave, name="leave"),
    path(f"{PERSON}/proches", circle.add_relative, name="add_relative"),
    path(f"{PERSON}/proches/<uuid:relative>", circle.edit_relative, name="edit_relative"),
    path(f"{PERSON}/proches/<uuid:relative>/fin", circle.end_relative, name="end_relative"),
    path(f"{PERSON}/choix", choices.choices, name="choices"),
    path(f"{PERSON}/choix/information", choices.inform, name="inform"),
    path(f"{PERSON}/choix/partage", choices.share, name="share"),
    path(f"{PERSON}/choix/usages", choices.process, name="process"),
    path(f"{PERSON}/choix/urgence", choices.emergency_choice, name="emergency_choice"),
    path(f"{PERSON}/notes", thread.write_note, name="write_note"),
    path(f"{PERSON}/notes/<uuid:note>", thread.correct_note, name="correct_note"),
    path(f"{PERSON}/fil", thread.thread, name="thread"),
    path(f"{PERSON}/volets/identite", persons.identity_panel, name="identity_panel"),
    path(f"{PERSON}/volets/cercle", circle.circle_panel, name="circle_panel"),
    path(f"{PERSON}/volets/choix", choices.choices_panel, name="choices_panel"),
    path(f"{PERSON}/volets/notes", thread.notes_panel, name="notes_panel"),
    path(f"{PERSON}/volets/fil", thread.thread_panel, name="thread_panel"),
    path(f"{PERSON}/volets/consultations", thread.openings_panel, name="traces_panel"),
]
