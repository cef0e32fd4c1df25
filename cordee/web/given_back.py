"""A form that comes back filled, when its session or its proof was of before: nothing of it is
done, nothing that was written is lost, and whoever wrote it presses again."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

PROOF = "csrfmiddlewaretoken"
SECRET = "password"  # noqa: S105 - what the name of such a field holds


@dataclass(frozen=True, slots=True)
class Filled:
    """What a form holds: each value by its field, and the files to choose again."""

    values: list[tuple[str, str]]
    files: list[tuple[str, list[str]]]

    @property
    def is_bare(self) -> bool:
        """Whether it was a button and nothing else."""
        return not (self.values or self.files)

    @property
    def words(self) -> list[str]:
        """What was written, for who wrote it to know it again: what has a space is no code."""
        return [value for _, value in self.values if " " in value.strip()]


def came_from_here(request: HttpRequest) -> bool:
    """Tell whether a page of ours sent it: browsers say so, in a header that no page can forge.
    What another site wrote is never given back, for somebody would press for it."""
    return request.META.get("HTTP_SEC_FETCH_SITE") == "same-origin"


def filled(request: HttpRequest) -> Filled | None:
    """Give what a form of ours holds; nothing of a form of elsewhere, nor of one with a secret."""
    if not came_from_here(request) or _signs_in(request):
        return None
    values = [(name, one) for name, some in request.POST.lists() for one in some if name != PROOF]
    files = [(name, [str(one.name) for one in some]) for name, some in request.FILES.lists()]
    has_a_secret = any(SECRET in name for name, _ in values)
    return None if has_a_secret else Filled(values, files)


def _signs_in(request: HttpRequest) -> bool:
    """Whether the sign-in library reads it: passwords and codes, none of which a page may hold."""
    match = request.resolver_match
    return match is not None and not match.func.__module__.startswith("cordee.")


def given_back(
    request: HttpRequest, form: Filled, message: str, *, status: int, sign_in: str = ""
) -> HttpResponse:
    """Answer with the page that holds the form, and a proof of now. `sign_in`: where to, first."""
    context: dict[str, Any] = {"form": form, "message": message, "sign_in": sign_in}
    return render(request, "web/given_back.jinja", context, status=status)
