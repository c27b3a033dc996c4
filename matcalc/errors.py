"""The one family of exceptions, and how an error shows its place in the input."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class MatcalcError(Exception):
    """Anything matcalc refuses, with the reason.

    `line` is the source, `start` and `end` the offending columns (0-based); with them the message
    shows the place with a caret.

    >>> print(ParseError("unexpected *", line="X * * Y", start=4, end=5))
    unexpected *
        X * * Y
            ^
    """

    def __init__(self, message: str, *, line: str = "", start: int = -1, end: int = -1, hint: str = "") -> None:
        self.message, self.line, self.start, self.end, self.hint = message, line, start, end, hint
        super().__init__(message)

    def at(self, line: str, start: int, end: int) -> MatcalcError:
        """The same error, with its place, if it had none yet."""
        if self.start < 0:
            self.line, self.start, self.end = line, start, end
        return self

    @property
    def excerpt(self) -> str:
        """The line with carets under the place, nothing where there is no place."""
        return _excerpt(self.line, self.start, max(self.end, self.start + 1)) if self.start >= 0 and self.line else ""

    def __str__(self) -> str:
        text = "\n".join(filter(None, (self.message, self.excerpt)))
        return text + (f"\n  {self.hint}" if self.hint else "")

    def _render_traceback_(self) -> list[str]:
        """Shows a notebook the message alone, as the mistake is in the input and not in the lines between."""
        return [f"{type(self).__name__}: {self}"]


class ParseError(MatcalcError):
    """The text is no expression of the language."""


class ShapeError(MatcalcError):
    """The shapes do not fit; `span` is the part of the line that they are of."""

    span: tuple[int, int] = (0, 0)


class UnknownNameError(MatcalcError):
    """A name that is neither declared nor known."""


class UnknownFunctionError(UnknownNameError, AttributeError):
    """No function of the language has this name: mc.name is an attribute too."""


class NotDifferentiableError(MatcalcError):
    """The expression has no derivative there."""


class UnsupportedError(MatcalcError):
    """Understood, but outside of what matcalc can do."""


class TableError(MatcalcError):
    """A row or a line of our own tables is wrong; the message names it."""


class LimitError(MatcalcError):
    """Too long, too deep or too large."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A suggestion, or nothing.

    >>> did_you_mean("logdt", ["logdet", "tr"])
    'did you mean `logdet`?'
    """
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.7)
    return f"did you mean `{near[0]}`?" if near else ""


def _excerpt(line: str, start: int, end: int, width: int = 76) -> str:
    end = min(end, len(line) + 1)
    left = max(0, min(start - width // 2, len(line) - width))
    part = line[left : left + width].replace("\n", " ").replace("\t", " ")
    lead, trail = ("…" if left else ""), ("…" if left + width < len(line) else "")
    marks = "^" * max(1, min(end - start, width - (start - left)))
    return f"    {lead}{part}{trail}\n    {' ' * (start - left + len(lead))}{marks}"
