"""Traces of OpenTelemetry, where the house was told to send them; otherwise nothing is loaded.

A span bears the name of a door or of a job, a status and a duration: never an address, an
identifier, an argument or the words of an error.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.conf import settings

Attributes = Mapping[str, str | int]
Mark = Callable[[str, Attributes], None]


@contextmanager
def span(name: str, attributes: Attributes) -> Iterator[Mark]:
    """Time what is done inside; the mark given renames the span and adds attributes."""
    if not settings.CORDEE.otel_endpoint:
        yield lambda name, attributes: None
        return
    with _tracer(os.getpid()).start_as_current_span(
        name, attributes=dict(attributes), record_exception=False, set_status_on_exception=False
    ) as current:

        def mark(renamed: str, added: Attributes) -> None:
            current.update_name(renamed)
            current.set_attributes(dict(added))

        try:
            yield mark
        except BaseException as error:
            current.set_attribute("error.type", type(error).__name__)
            raise


@cache
def _tracer(process: int) -> Any:
    """Give the tracer of this process: a fork must not share its sending thread."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource({"service.name": "cordee"}))
    endpoint = f"{settings.CORDEE.otel_endpoint}/v1/traces"
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    return provider.get_tracer("cordee")
