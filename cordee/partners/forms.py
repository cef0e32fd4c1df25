"""What administration types about partners. Forms check; services decide."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cordee.access.models import Account
from cordee.directory.kinds import MembershipRole
from cordee.directory.models import Organization
from cordee.partners import parts
from cordee.partners.models import Client
from cordee.partners.policy import MAY_OPEN
from cordee.partners.rules.addresses import fault_of_return
from cordee.partners.rules.keys import Unfit, read_keys
from cordee.partners.rules.scopes import (
    LAUNCH,
    LONGEST,
    MOST_PARTS,
    Unread,
    read,
    refuse_misread,
)
from cordee.partners.selectors.holders import OF_A_SYSTEM
from cordee.partners.services import Registered

ONE_SET = "Donnez les clés, ou l’adresse qui les montre\u00a0: l’une ou l’autre."
ROLES = [(one.value, one.label) for one in MembershipRole if one.value in OF_A_SYSTEM]


def _structures() -> Any:
    found = Organization.objects.filter(closed_on=None, territory__isnull=False)
    return found.order_by("name", "pk")


def _contact(email: str) -> Account | None:
    if not email:
        return None
    found = Account.objects.filter(email__iexact=email, is_active=True).first()
    if found is None:
        raise ValidationError("Aucun compte ouvert n’a cette adresse\u00a0: invitez-le d’abord.")
    return found


class KeysFields(forms.Form):
    """Public keys, whole or by the address that shows them."""

    jwks = forms.CharField(
        label="Clés publiques (JWKS)",
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        required=False,
        help_text='L’objet JSON {"keys": […]} que donne l’éditeur\u00a0: RS384 ou ES384.',
    )
    jwks_url = forms.URLField(
        label="Ou l’adresse qui les montre",
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text="L’éditeur change alors ses clés sans vous\u00a0: c’est le plus sûr.",
    )

    def clean_jwks(self) -> dict[str, Any]:
        """Public keys of the right kinds."""
        text = self.cleaned_data["jwks"].strip()
        try:
            return read_keys(text) if text else {}
        except Unfit as error:
            raise ValidationError(f"Ces clés ne peuvent pas être prises\u00a0: {error}.") from error

    def clean_jwks_url(self) -> str:
        """Encrypted, but on this machine."""
        return encrypted(str(self.cleaned_data["jwks_url"]))


class KeysForm(KeysFields):
    """Other keys for a partner that is known."""

    def __init__(self, client: Client, data: Any = None) -> None:
        super().__init__(data, initial={"jwks_url": client.jwks_url})

    def clean(self) -> dict[str, Any]:
        """One set, or the other."""
        given = super().clean() or {}
        if bool(given.get("jwks")) == bool(given.get("jwks_url")) and not self.errors:
            raise ValidationError(
                "Donnez les clés, ou l’adresse qui les montre\u00a0: l’une ou l’autre."
            )
        return given

    @property
    def keys(self) -> dict[str, Any]:
        """What was given."""
        return {name: self.cleaned_data[name] for name in ("jwks", "jwks_url")}


class OfferForm(forms.Form):
    """Where an application opens from the page of a person, and for which roles."""

    url = forms.URLField(
        label="Adresse de lancement",
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text="Celle que l’éditeur appelle «\u00a0launch URL\u00a0».",
    )
    roles = forms.MultipleChoiceField(
        label="Proposée à",
        choices=[(one.value, one.label.capitalize()) for one in sorted(MAY_OPEN)],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    intent = forms.CharField(
        label="Intention",
        max_length=60,
        required=False,
        help_text="Le mot que l’éditeur attend pour ouvrir tel écran (intent de SMART).",
    )

    def __init__(self, client: Client, data: Any = None) -> None:
        held = {"url": client.launch_url, "roles": client.launch_roles}
        super().__init__(data, initial=held | {"intent": client.launch_intent})
        self.client = client

    def clean_url(self) -> str:
        """Encrypted, but on this machine; of an application that may be told about whom."""
        url = encrypted(str(self.cleaned_data["url"]))
        if url and LAUNCH not in self.client.most.others:
            raise ValidationError(
                "Sans la portée «\u00a0launch\u00a0», elle ne saurait pas de qui il s’agit. "
                "Enregistrez-la de nouveau avec cette portée."
            )
        return url

    def clean(self) -> dict[str, Any]:
        """An address is for some role."""
        given = super().clean() or {}
        if given.get("url") and not given.get("roles"):
            self.add_error("roles", "Choisissez au moins un rôle.")
        return given


def encrypted(url: str) -> str:
    """An address that nobody listens to on the way. Raises ValidationError."""
    if url and not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise ValidationError("Une adresse en https:// est attendue.")
    return url


class ContactForm(forms.Form):
    """Who answers for a partner."""

    contact = forms.EmailField(
        max_length=254,
        label="Adresse de son compte",
        required=False,
        help_text="Il voit les appels et les erreurs de ce partenaire, et rien d’autre.",
    )

    def clean_contact(self) -> Account | None:
        """An account that is open."""
        return _contact(self.cleaned_data["contact"])


class ClientForm(KeysFields):
    """A partner: what it is, what it may at most, how it proves itself."""

    name = forms.CharField(label="Nom", max_length=120)
    publisher = forms.CharField(label="Éditeur", max_length=150)
    kind = forms.ChoiceField(
        label="Nature", choices=Client.Kind.choices, widget=forms.RadioSelect, initial="system"
    )
    scopes = forms.CharField(
        label="Portées, au plus",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="Celles de SMART\u00a02, comme «\u00a0system/Patient.rs "
        "system/Observation.rs?category=survey\u00a0».",
    )
    organization = forms.ModelChoiceField(
        _structures(),
        label="Structure pour laquelle il agit",
        required=False,
        empty_label="—",
        help_text="Un système en a une. Une application a celle de qui l’autorise.",
    )
    role = forms.ChoiceField(
        label="Rôle sous lequel il agit",
        choices=[("", "—"), *ROLES],
        required=False,
        help_text="Un système en a un. Une application a celui de qui l’autorise.",
    )
    redirect_uris = forms.CharField(
        label="Adresses de retour, une par ligne",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        required=False,
        help_text="Pour une application seulement. Comparées au signe près.",
    )
    per_minute = forms.IntegerField(
        label="Appels par minute", min_value=1, max_value=60_000, initial=600
    )
    contact = forms.EmailField(max_length=254, label="Compte du contact technique", required=False)

    field_order = (
        *("name", "publisher", "kind", "scopes", "organization", "role"),
        *("redirect_uris", "jwks", "jwks_url", "per_minute", "contact"),
    )

    def clean_scopes(self) -> str:
        """Scopes that are understood, in their own order."""
        try:
            found = read(self.cleaned_data["scopes"])
            refuse_misread(found, parts.fault)
        except Unread as error:
            raise ValidationError(
                "Une portée n’est pas comprise\u00a0: celles de SMART\u00a02 sont attendues, "
                "avec les lettres c r u d s dans cet ordre, et après «\u00a0?\u00a0» des codes, "
                "des dates ou des références que la recherche de ce type connaît."
            ) from error
        if found.are_too_many:
            raise ValidationError(
                f"Les portées sont trop nombreuses\u00a0: {LONGEST} signes au plus, et "
                f"{MOST_PARTS} au plus qui disent une part."
            )
        return str(found)

    def clean_redirect_uris(self) -> tuple[str, ...]:
        """Exact addresses."""
        given = tuple(dict.fromkeys(self.cleaned_data["redirect_uris"].split()))
        faults = [fault for fault in map(fault_of_return, given) if fault]
        if faults:
            raise ValidationError(f"Adresse de retour refusée\u00a0: {faults[0]}.")
        return given

    def clean_contact(self) -> Account | None:
        """An account that is open."""
        return _contact(self.cleaned_data["contact"])

    def clean(self) -> dict[str, Any]:
        """A system has a role, an application addresses; all but those of a device have keys."""
        given = super().clean() or {}
        if self.errors:
            return given
        is_system = given["kind"] == Client.Kind.SYSTEM
        for name in ("organization", "role") if is_system else ("redirect_uris",):
            if not given.get(name):
                self.add_error(name, "À remplir pour cette nature de partenaire.")
        if is_system and given.get("redirect_uris"):
            self.add_error("redirect_uris", "Un système n’en a pas.")
        self._check_keys(given)
        self._check_scopes(given["scopes"], is_system)
        return given

    def _check_keys(self, given: dict[str, Any]) -> None:
        held = bool(given.get("jwks")) + bool(given.get("jwks_url"))
        wanted = 0 if given["kind"] == Client.Kind.DEVICE else 1
        if held != wanted:
            self.add_error(
                "jwks",
                ONE_SET if wanted else "Une application sur un appareil n’a pas de clé à garder.",
            )

    def _check_scopes(self, text: str, is_system: bool) -> None:
        found = read(text)
        contexts = {one.context for one in found.resources}
        fits = contexts == {"system"} if is_system else bool(contexts) and "system" not in contexts
        if not fits or (is_system and found.others):
            self.add_error(
                "scopes", "Un système a des portées system/, une application user/ ou patient/."
            )

    @property
    def said(self) -> Registered:
        """What was typed, as the service takes it."""
        given = dict(self.cleaned_data)
        if given["kind"] != Client.Kind.SYSTEM:
            given |= {"organization": None, "role": ""}
        return Registered(**given)


class GiveUpForm(forms.Form):
    """Why a partner will not be told something."""

    why = forms.CharField(max_length=200)


class SuspendForm(forms.Form):
    """Why the door is shut to a partner; its technical contact reads it."""

    why = forms.CharField(max_length=200, required=False)
