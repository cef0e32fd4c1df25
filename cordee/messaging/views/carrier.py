"""What an HTTP carrier posts to us: texts from phones and receipts, with its token."""

import hmac
import json

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from cordee.access.actor import Actor, Origin, Purpose, Role
from cordee.messaging import services
from cordee.messaging.gateways import Event, Receipt, TextReceived, Unreadable
from cordee.messaging.gateways.choice import http_account
from cordee.messaging.gateways.http import read_call
from cordee.messaging.lost import NEVER_KEPT, UnreadableError, passes_next, what, why
from cordee.messaging.models import Channel, DeliveryReceipt
from cordee.messaging.services import Heard

CARRIER = Actor(role=Role.PARTNER, name="opérateur", purpose=Purpose.TECHNICAL, origin=Origin.TEXT)


@csrf_exempt
@require_POST
def call(request: HttpRequest) -> HttpResponse:
    """Take what the carrier says. 404 without a carrier or its token, 400 when it is nonsense,
    503 when it passes the next time.
    """
    environment = settings.CORDEE
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    expected = environment.sms_http_token
    right = hmac.compare_digest(token.encode(), expected.encode())
    if environment.sms_gateway != "http" or not expected or not right:
        raise Http404
    event = read_call(_said(request), http_account(environment)) or Unreadable()
    return HttpResponse(status=_status(event, request))


def _status(event: Event, request: HttpRequest) -> int:
    try:
        _take(event, request)
    except NEVER_KEPT as error:
        if passes_next(error):
            return 503
        said = {"channel": Channel.SMS, "what": what(event), "why": why(error)}
        services.note_unkept(actor=CARRIER, now=request.now, **said)
        return 400
    return 204


def _said(request: HttpRequest) -> object:
    if request.content_type != "application/json":
        return request.POST.dict()
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        return None


def _take(event: Event, request: HttpRequest) -> None:
    if isinstance(event, TextReceived):
        heard = Heard(event.sender, event.text, event.carrier_key)
        services.receive_text(actor=CARRIER, heard=heard, now=request.now)
    elif isinstance(event, Receipt):
        receipt = DeliveryReceipt(
            carrier_id=event.carrier_id, fate=event.fate.value, reason=event.reason
        )
        services.record_receipt(
            actor=CARRIER, channel=Channel.SMS, receipt=receipt, now=request.now
        )
    else:
        raise UnreadableError
