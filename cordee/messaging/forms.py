"""What a human types about messages: a filter, an answer on the test phone, other words."""

from django import forms

from cordee.messaging.models import Channel, Message
from cordee.messaging.wordings import Template


class OutboxFilter(forms.Form):
    """Which messages to show."""

    state = forms.ChoiceField(label="État", required=False, choices=Message.State)
    channel = forms.ChoiceField(label="Canal", required=False, choices=Channel)

    def wanted(self) -> dict[str, str]:
        """Give what was asked for and exists; the rest is ignored."""
        self.is_valid()
        return {key: value for key, value in self.cleaned_data.items() if value}


class AnswerForm(forms.Form):
    """A text written on the test phone."""

    text = forms.CharField(
        label="Votre réponse",
        max_length=1000,
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "Message"}),
    )


class TemplateForm(forms.Form):
    """The words of a message."""

    subject = forms.CharField(label="Objet", max_length=120, required=False)
    body = forms.CharField(
        label="Texte",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def for_words(self, words: Template) -> "TemplateForm":
        """Offer the fields that a message knows; a text has no subject."""
        known = ", ".join(f"{{{name}}}" for name in words.fields)
        self.fields["body"].help_text = f"Champs permis\u00a0: {known}."
        if words.channel == Channel.SMS:
            del self.fields["subject"]
        return self


class CallMobileForm(forms.Form):
    """The phone to be texted at while on call."""

    mobile = forms.CharField(
        label="Votre mobile d’astreinte",
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )


class CodeForm(forms.Form):
    """The six digits of a text."""

    code = forms.CharField(
        label="Code reçu par texto",
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
