"""The doors of the broker: the board of the team, the answer by link, what one sees of oneself."""

from django.urls import path

from cordee.broker.views import answer, board, mine, settings

app_name = "broker"
urlpatterns = [
    path("recherches/", board.board, name="board"),
    path("recherches/equite/", board.fairness, name="fairness"),
    path("recherches/reglages/", settings.settings, name="settings"),
    path("recherches/reglages/<str:urgency>/", settings.change, name="change_settings"),
    path("recherches/reglages/<str:urgency>/rejeu/", settings.replay, name="replay"),
    path("recherches/mes-sollicitations/", mine.mine, name="mine"),
    path("recherches/mes-sollicitations/classement/", mine.objection, name="objection"),
    path("recherches/mes-sollicitations/<uuid:pk>/", mine.reply, name="reply"),
    path("recherches/mes-sollicitations/<uuid:pk>/place/", mine.won, name="won"),
    path("recherches/mes-sollicitations/<uuid:pk>/visite/", mine.visit, name="own_visit"),
    path("recherches/mes-sollicitations/<uuid:pk>/desistement/", mine.give_up, name="give_up"),
    path("recherches/personne/<uuid:pk>/", board.person_panel, name="person_panel"),
    path("recherches/<uuid:pk>/", board.search, name="search"),
    path("recherches/<uuid:pk>/relancer/", board.relaunch, name="relaunch"),
    path("recherches/<uuid:pk>/elargir/", board.widen, name="widen"),
    path("recherches/<uuid:pk>/arreter/", board.stop, name="stop"),
    path("recherches/<uuid:pk>/appel/", board.call, name="call"),
    path("recherches/<uuid:pk>/ne-plus-venir/", board.called_off, name="called_off"),
    path("recherches/invitation/<uuid:pk>/visite/", board.first_visit, name="first_visit"),
    path("recherches/invitation/<uuid:pk>/retenir/", board.take_offer, name="take_offer"),
    path("recherches/invitation/<uuid:pk>/lien/", board.send_link, name="send_link"),
    path("recherches/invitation/<uuid:pk>/desistement/", board.withdrawal, name="withdrawal"),
    path("recherches/invitation/<uuid:pk>/ecarter/", board.dismiss, name="dismiss"),
    path("r/<str:secret>/", answer.answer, name="answer"),
    path("r/<str:secret>/code/", answer.send_code, name="send_code"),
    path("r/<str:secret>/identite/", answer.check_code, name="check_code"),
    path("r/<str:secret>/oui/", answer.say_yes, name="say_yes"),
    path("r/<str:secret>/non/", answer.say_no, name="say_no"),
    path("r/<str:secret>/plus-tard/", answer.say_later, name="say_later"),
    path("r/<str:secret>/visite/", answer.first_visit, name="answer_first_visit"),
    path("r/<str:secret>/desistement/", answer.withdraw, name="answer_withdraw"),
]
