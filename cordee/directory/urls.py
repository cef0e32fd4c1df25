"""The addresses of the directory."""

from django.urls import path

from cordee.directory.views import closing, coverage, desk, moments, practice, search, setup

app_name = "directory"

urlpatterns = [
    path("", search.listing, name="list"),
    path("structures", search.structures, name="structures"),
    path("couverture", coverage.coverage, name="coverage"),
    path("communes", search.communes, name="communes"),
    path("moments", moments.moments, name="moments"),
    path("moments/<uuid:pk>/retrait", moments.withdraw, name="withdraw_moments"),
    path("liens-a-confirmer", search.to_confirm, name="to_confirm"),
    path("professionnels/<uuid:pk>", search.practitioner, name="practitioner"),
    # what one declares
    path("mon-exercice", practice.mine, name="my_practice"),
    path("professionnels/<uuid:pk>/exercice", practice.begin, name="begin_practice"),
    path("exercices/<uuid:pk>", practice.practice, name="practice"),
    path("exercices/<uuid:pk>/zone", practice.zone, name="zone"),
    path("exercices/<uuid:pk>/zone/autour", practice.widen, name="widen"),
    path("exercices/<uuid:pk>/soins", practice.kinds, name="kinds"),
    path("exercices/<uuid:pk>/semaine", practice.week, name="week"),
    path("exercices/<uuid:pk>/preferences", practice.preferences, name="preferences"),
    path("exercices/<uuid:pk>/mobile", practice.mobile, name="mobile"),
    path("exercices/<uuid:pk>/absences", practice.absent, name="absent"),
    path("absences/<uuid:pk>/fin", practice.back_to_work, name="back_to_work"),
    path("exercices/<uuid:pk>/arret", practice.stop, name="stop"),
    path("exercices/<uuid:pk>/reprise", practice.resume, name="resume"),
    path("exercices/<uuid:pk>/lien", practice.confirm_tie, name="confirm_tie"),
    path("exercices/<uuid:pk>/lien/suspension", practice.suspend_tie, name="suspend_tie"),
    # the desk
    path("permanence", desk.mine, name="roster"),
    path("permanences/<uuid:pk>", desk.roster, name="organization_roster"),
    path("permanences/<uuid:pk>/poles", desk.create_pole, name="create_pole"),
    path("permanences/<uuid:pk>/remplacements", desk.cover, name="cover"),
    path(
        "permanences/<uuid:organization>/remplacements/<uuid:pk>/fin",
        desk.end_cover,
        name="end_cover",
    ),
    path("poles/<uuid:pk>", closing.pole, name="pole"),
    path("poles/<uuid:pk>/fermeture", closing.close_pole, name="close_pole"),
    path("poles/<uuid:pk>/tours", desk.plan, name="plan_shift"),
    path("poles/<uuid:pk>/releve", desk.hand_over, name="hand_over"),
    path("tours/<uuid:pk>/retrait", desk.cancel, name="cancel_shift"),
    path("releves/<uuid:pk>/lecture", desk.read_handover, name="read_handover"),
    # setting up
    path("structures/<uuid:pk>", setup.organization, name="organization"),
    path("structures/<uuid:pk>/contacts", setup.add_contact, name="add_contact"),
    path("contacts/<uuid:pk>/retrait", setup.remove_contact, name="remove_contact"),
    path("structures/<uuid:pk>/modifier", setup.change_organization, name="change_organization"),
    path("structures/<uuid:pk>/secteurs", setup.organization_sectors, name="organization_sectors"),
    path("reglages/structures", setup.organizations, name="organizations"),
    path("reglages/structures/nouvelle", setup.create_organization, name="create_organization"),
    path("reglages/permanences", setup.rosters, name="rosters"),
    path("reglages/secteurs", setup.sectors, name="sectors"),
    path("reglages/secteurs/<uuid:pk>", setup.sector, name="sector"),
    path("reglages/secteurs/<uuid:pk>/coordination", setup.hand_sector, name="hand_sector"),
    path("reglages/secteurs/<uuid:pk>/nom", closing.rename_sector, name="rename_sector"),
    path("reglages/secteurs/<uuid:pk>/fermeture", closing.close_sector, name="close_sector"),
    path("reglages/territoires", setup.territories, name="territories"),
    path("reglages/territoires/nouveau", setup.create_territory, name="create_territory"),
    path("reglages/territoires/<uuid:pk>", setup.territory, name="territory"),
    path("reglages/territoires/<uuid:pk>/nom", closing.rename_territory, name="rename_territory"),
    path(
        "reglages/territoires/<uuid:pk>/fermeture",
        closing.close_territory,
        name="close_territory",
    ),
]
