"""Factories write records in the name of the scene-setter."""

from typing import Any

from factory.django import DjangoModelFactory

from tests.support import arranging


class RecordFactory(DjangoModelFactory):
    """Base of the factories of records."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        with arranging():
            return super()._create(model_class, *args, **kwargs)
