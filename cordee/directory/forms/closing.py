"""What people type to rename and to close poles, territories and sectors."""

from typing import Any

from django import forms


class NameForm(forms.Form):
    """Another name."""

    name = forms.CharField(label="Nom")

    def __init__(self, data: Any = None, *, name: str, length: int) -> None:
        super().__init__(data, initial={"name": name})
        self.fields["name"] = forms.CharField(label="Nom", max_length=length)


class CloseForm(forms.Form):
    """What takes over what hangs from what is closed."""

    heir: Any = forms.ModelChoiceField(
        None, label="Qui reprend", required=False, empty_label="Aucun"
    )

    def __init__(self, heirs: Any, data: Any = None) -> None:
        super().__init__(data)
        field: Any = self.fields["heir"]
        field.queryset = heirs
