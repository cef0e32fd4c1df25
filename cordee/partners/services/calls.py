"""The journal of calls: what machines asked, never about whom."""

from datetime import datetime
from uuid import UUID

from cordee.kernel.http import tracing
from cordee.partners.models import Call
from cordee.partners.rules.calls import named


def keep_call(
    client_id: UUID, asked: tuple[str, str], *, status: int, milliseconds: int, at: datetime
) -> None:
    """Write one line, before the answer leaves. `asked`: the method, and the path."""
    interaction, kind = named(*asked)
    with tracing():
        Call.objects.create(
            client_id=client_id,
            at=at,
            interaction=interaction,
            resource_type=kind,
            status=status,
            milliseconds=milliseconds,
        )
