"""The way of the machine's door: what protects it, and nothing that pages alone want. ADR 0048.

It opens to a token alone (`cordee.fhir.caller`): it has no session, no form, no script and no
toast, and it is asked all day long.
"""

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.urls import resolve
from django.utils.module_loading import import_string

Answer = Callable[[HttpRequest], HttpResponse]
MACHINES = "/fhir"


def is_for_machines(request: HttpRequest) -> bool:
    """Whether a call is one of the machine's door."""
    path = request.path_info
    return path == MACHINES or path.startswith(MACHINES + "/")


class Machines:
    """Middleware, before all others: calls of machines go by `settings.MACHINES_CROSS`, pages go
    on."""

    def __init__(self, get_response: Answer) -> None:
        self.pages = get_response
        self.machines = Way(settings.MACHINES_CROSS)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return (self.machines if is_for_machines(request) else self.pages)(request)


class Way:
    """Some middlewares, then a view: what Django makes of its own list, for another list."""

    def __init__(self, names: list[str]) -> None:
        self.views: list[Callable[..., HttpResponse | None]] = []
        self.errors: list[Callable[..., HttpResponse | None]] = []
        answer = _even_failing(self._answer)
        for name in reversed(names):
            one = import_string(name)(answer)
            if hasattr(one, "process_view"):
                self.views.insert(0, one.process_view)
            if hasattr(one, "process_exception"):
                self.errors.append(one.process_exception)
            answer = _even_failing(one)
        self.first = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.first(request)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        request.resolver_match = match = resolve(request.path_info)
        for ask in self.views:
            refusal = ask(request, match.func, match.args, match.kwargs)
            if refusal is not None:
                return refusal
        try:
            found: HttpResponse = match.func(request, *match.args, **match.kwargs)
        except Exception as error:
            for say in self.errors:
                answer = say(request, error)
                if answer is not None:
                    return answer
            raise
        return found


def _even_failing(one: Answer) -> Answer:
    """Answer whatever happens within, as Django does around each of its middlewares."""
    return cast("Answer", convert_exception_to_response(one))
