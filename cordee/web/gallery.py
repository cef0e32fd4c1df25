"""The page where every component is seen at once; in demonstration mode only."""

from datetime import datetime, timedelta

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from cordee.kernel.http import page

CARES = [("dressing", "Pansement"), ("injection", "Injection"), ("wash", "Toilette")]
DELAYS = [("tonight", "Ce soir"), ("day", "Sous 24 h"), ("days", "Sous 72 h")]


class Sample(forms.Form):
    """One question of each kind."""

    caller = forms.CharField(label="Qui appelle", help_text="Le nom du service suffit.")
    care = forms.ChoiceField(label="Soin demandé", choices=CARES)
    begins_on = forms.DateField(label="À partir du", widget=forms.DateInput(attrs={"type": "date"}))
    delay = forms.ChoiceField(label="Délai", choices=DELAYS, widget=forms.RadioSelect)
    also = forms.MultipleChoiceField(
        label="Autres soins",
        choices=CARES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    words = forms.CharField(
        label="En quelques mots", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    told = forms.BooleanField(
        label="La personne est informée du partage",
        help_text="Par oral, avec la notice du 3 mars 2026.",
        required=False,
    )
    paper = forms.FileField(label="Ordonnance", required=False)


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Every component, with made-up words."""
    if not settings.CORDEE.is_demonstration:
        raise Http404
    form = Sample({"care": "dressing", "delay": "day"})
    form.is_valid()
    return page(request, "gallery.jinja", {"form": form, "moments": moments_around(request.now)})


def moments_around(now: datetime) -> dict[str, datetime]:
    """Moments to say in every way."""
    return {
        "late": now - timedelta(minutes=25),
        "soon": now + timedelta(minutes=40),
        "ago": now - timedelta(minutes=12),
        "morning": now - timedelta(hours=3, minutes=7),
        "yesterday": now - timedelta(days=1, hours=2),
    }
