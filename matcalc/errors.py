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
    """The text is no expression of the language.

    >>> import matcalc as mc
    >>> mc.parse("A*(x")
    Traceback (most recent call last):
    matcalc.errors.ParseError: missing `)` for the `(` at column 3
        A*(x
            ^
    """


class ShapeError(MatcalcError):
    """The shapes do not fit; `span` is the part of the line that they are of.

    >>> import matcalc as mc
    >>> mc.grad("A*x", "x", "A: (m, n)")
    Traceback (most recent call last):
    matcalc.errors.ShapeError: a gradient is of a scalar; this is (m, 1)
      its derivative is the jacobian; or take sum(…)
      read as: A x · A (m, n) · x (n) inferred
    """

    span: tuple[int, int] = (0, 0)


class UnknownNameError(MatcalcError):
    """A name that is neither declared nor known.

    >>> import matcalc as mc
    >>> mc.parse("logdt(A)")
    Traceback (most recent call last):
    matcalc.errors.UnknownNameError: no function is called `logdt`
        logdt(A)
        ^^^^^
      did you mean `logdet`? An abstract function is declared: logdt: elementwise
    """


class UnknownFunctionError(UnknownNameError, AttributeError):
    """No function of the language has this name: mc.name is an attribute too."""


class NotDifferentiableError(MatcalcError):
    """The expression has no derivative there.

    >>> import matcalc as mc
    >>> mc.minimize("z.^2", "z", "z: scalar complex")
    Traceback (most recent call last):
    matcalc.errors.NotDifferentiableError: what is minimized is a real function, and f is not seen to be real
      take real(…), abs(…)^2 or norm(…)^2 of it
    """


class UnsupportedError(MatcalcError):
    """Understood, but outside of what matcalc can do.

    >>> import matcalc as mc
    >>> mc.elementwise("exp")
    Traceback (most recent call last):
    matcalc.errors.UnsupportedError: exp is a function of the language
      mc.exp is it; an abstract function needs another name
    """


class TableError(MatcalcError):
    """A row or a line of our own tables is wrong; the message names it."""


class LimitError(MatcalcError):
    """Too long, too deep or too large, by the bounds in `limits`.

    >>> import matcalc as mc
    >>> mc.parse("1e5000")
    Traceback (most recent call last):
    matcalc.errors.LimitError: a number of more than 300 digits
        1e5000
        ^^^^^^
    """


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
