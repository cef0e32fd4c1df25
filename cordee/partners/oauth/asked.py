"""A request of Django, as the library reads it: what is asked for twice is not asked at all."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Payload, OAuth2Request
from django.http import HttpRequest

from cordee.partners.launching import Launch

_SECURE = "https://localhost/"
"""The proxy in front encrypts, or the start of the house is refused: the library need not ask."""


class Payload(OAuth2Payload):
    """The parameters, from the address and from the form."""

    def __init__(self, request: HttpRequest) -> None:
        self._said: defaultdict[str, list[str]] = defaultdict(list)
        for source in (request.GET, request.POST):
            for name, values in source.lists():
                self._said[name].extend(str(one) for one in values)

    @property
    def data(self) -> dict[str, str]:
        return {name: values[-1] for name, values in self._said.items()}

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        return self._said


class Asked(OAuth2Request):
    """What is asked, when, and what was decided meanwhile."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(str(request.method), _SECURE, headers=request.headers)
        self.payload = Payload(request)
        self.django = request
        self.now: datetime = request.now  # type: ignore[attr-defined]
        self.launch: Launch | None = None  # beside whom it was opened, and by whom
        self.decided: Any = None  # what the person in front of the screen chose

    @property
    def args(self) -> dict[str, str]:
        return self.django.GET.dict()

    @property
    def form(self) -> dict[str, str]:
        return self.django.POST.dict()
