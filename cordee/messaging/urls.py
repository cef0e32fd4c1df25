"""The outbox, the words, the test phone, the carrier's calls."""

from django.urls import path

from cordee.messaging.views import carrier, desk, on_call, phone, proof

app_name = "messaging"
urlpatterns = [
    path("messages/", desk.outbox, name="list"),
    path("messages/recus/", desk.received, name="received"),
    path("messages/recus/<uuid:pk>", desk.inbound, name="inbound"),
    path("messages/modeles/", desk.templates, name="templates"),
    path("messages/modeles/<str:code>/<slug:channel>", desk.write_template, name="template"),
    path(
        "messages/modeles/<str:code>/<slug:channel>/origine",
        desk.reset_template,
        name="reset_template",
    ),
    path("messages/mobile/<uuid:pk>", proof.code, name="mobile_code"),
    path("messages/mobile/<uuid:pk>/envoi", proof.send, name="send_mobile_code"),
    path("messages/mobile/<uuid:pk>/verification", proof.check, name="check_mobile_code"),
    path("astreinte/mobile", on_call.mobile, name="call_mobile"),
    path("astreinte/mobile/code", on_call.check, name="check_call_mobile"),
    path("astreinte/mobile/renoncer", on_call.give_up, name="give_up_asked_mobile"),
    path("astreinte/mobile/retrait", on_call.take_away, name="take_call_mobile_away"),
    path("telephone/operateur", carrier.call, name="carrier"),
    path("messages/<uuid:pk>", desk.message, name="message"),
    path("messages/<uuid:pk>/renvoyer", desk.resend, name="resend"),
    path("telephone", phone.phone, name="phone"),
    path("telephone/courriels", phone.letters, name="letters"),
    path("telephone/courriels/<uuid:pk>", phone.letters, name="letter"),
    path("telephone/<uuid:pk>", phone.phone, name="phone_of"),
    path("telephone/<uuid:pk>/repondre", phone.answer, name="answer"),
]
