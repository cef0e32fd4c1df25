"""Live pages, over ASGI: `/direct` tells a page that something moved; and partners who listen to
their subscriptions at the machine's door.

One LISTEN connection per process, fan-out in memory. Each reader is judged again before each
event; the page then asks for its fragment under its own rights, of which the lines of the list
that it shows (`?liste=`) come with the event. A new page says up to where it was read (`?depuis=`):
what came since is told first.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import FrameType

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from asgiref.sync import sync_to_async  # noqa: E402
from starlette.applications import Starlette  # noqa: E402
from starlette.requests import Request  # noqa: E402
from starlette.responses import PlainTextResponse, Response, StreamingResponse  # noqa: E402
from starlette.routing import Route  # noqa: E402

from cordee.fhir.frame import across  # noqa: E402
from cordee.fhir.subscriptions import stream  # noqa: E402
from cordee.kernel.apps import refuse_unless_ready  # noqa: E402
from cordee.web.live import Hub, NotSignedIn, Reader  # noqa: E402

HEADERS = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
hub = Hub()


async def direct(request: Request) -> Response:
    """Open a stream for the session of the cookie. 401 without one."""
    after = request.headers.get("last-event-id") or request.query_params.get("depuis", "")
    shows = request.query_params.get("liste", "")
    try:
        reader = await Reader.open(request.cookies, after, shows)
    except NotSignedIn:
        return PlainTextResponse("Reconnectez-vous.", status_code=401, headers=HEADERS)
    return StreamingResponse(hub.stream(reader), media_type="text/event-stream", headers=HEADERS)


async def told(request: Request) -> Response:
    """Open the stream of a subscription for the bearer of a token. A refusal is said in FHIR.

    The pages of other origins that were allowed read either, as they do what the door answers."""
    open_to = HEADERS | {"Vary": "Accept, Authorization, Origin"}
    open_to |= across(request.headers.get("origin", ""))
    heard = stream.Asking(
        pk=request.path_params["pk"],
        authorization=request.headers.get("authorization", ""),
        network=request.client.host if request.client else "",
        after=request.headers.get("last-event-id", ""),
    )
    try:
        listener = await stream.Listener.open(heard)
    except stream.Refusal as refusal:
        body, status, headers = stream.refused(refusal)
        return Response(body, status, open_to | headers, media_type=stream.FHIR_JSON)
    return StreamingResponse(listener.words(), media_type="text/event-stream", headers=open_to)


async def health(request: Request) -> Response:
    """Say whether this process hears the thread."""
    return PlainTextResponse("ok" if hub.listening else "sourd", 200 if hub.listening else 503)


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Listen while the process lives; end the streams first, so that a stop is quick."""
    await sync_to_async(refuse_unless_ready)()
    loop, before = asyncio.get_running_loop(), signal.getsignal(signal.SIGTERM)

    def stop(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(hub.close)
        stream.close()
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGTERM, stop)
    listening = asyncio.create_task(hub.listen())
    yield
    hub.close()
    stream.close()
    listening.cancel()


application = Starlette(
    routes=[
        Route("/direct", direct),
        Route("/direct/sante", health),
        Route("/fhir/Subscription/{pk}/$events", told, methods=["GET"]),
    ],
    lifespan=lifespan,
)
