"""The one family of errors that a person may read."""

from cordee.kernel.typography import typo

# What a library raises, of something that it was not made to read, when it does not say so itself.
UNREADABLE = (AttributeError, LookupError, TypeError, ValueError, ArithmeticError, RecursionError)


class DomainError(Exception):
    """A gesture that cannot be done, said for a person.

    `code` is stable ("broker.answered"); `message` is French and says what happened,
    what is safe and what to do next; its spaces and apostrophes are put right here.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = typo(message)

    def __str__(self) -> str:
        return f"{self.message} ({self.code})"


class Forbidden(Exception):
    """Visible, but not allowed. Doors answer 403; the refusal is traced."""

    def __init__(self, verb: str) -> None:
        super().__init__(verb)
        self.verb = verb
        self.traced = False


class Unruled(Exception):
    """A table without a scope, or a verb without a rule: what nobody ruled on is shut."""
