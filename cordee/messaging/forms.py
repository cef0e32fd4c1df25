"""What a human types about messages: a filter, an answer on the test phone, other words."""

from django import forms

from cordee.messaging.models import Channel, Message


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
        help_text="Champs permis\u00a0: {service}, {secteur}, {debut}, {code}, {lien}.",
    )

    def for_channel(self, channel: Channel) -> "TemplateForm":
        """A text has no subject."""
        if channel == Channel.SMS:
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
