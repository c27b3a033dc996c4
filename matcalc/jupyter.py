r"""The extension for IPython and Jupyter: ``%load_ext matcalc``, then ``%grad EXPR by X`` and ``%%matcalc``.

    %grad ‖g(X W) − Y‖² by W where X: (m, n)
    %hessian x'A x by x

    %%matcalc
    S: (n, n) spd; y: (n)
    grad logdet(S) + y'inv(S)y by S
    simplify tr(A*B) + tr(B*A)
    equal x'A x and tr(A*x*x')

An expression may also be the name of a Python variable that holds one, of matcalc's or of SymPy's.  Braces and dollar signs are
not expanded: they are notation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand
from IPython.display import display

from matcalc import api
from matcalc.errors import MatcalcError

DERIVATIVES = ("grad", "jacobian", "hessian", "differential")
_COMMAND = re.compile(rf"({'|'.join((*DERIVATIVES, 'simplify', 'equal', 'check'))})\s+(.*)")
_DECLARATION = re.compile(r"\\?[^\W\d]\w*(\s*,\s*\\?[^\W\d]\w*)*\s*(:(?!=)|∈|\\?\bin\b|\b(?:is|are)\b)")


def load_ipython_extension(shell: Any) -> None:
    """Registers the magics; IPython calls it on ``%load_ext matcalc``."""
    shell.register_magics(Commands)


@magics_class
class Commands(Magics):
    """The magics.  A mistake in the input is a message with its place, no traceback."""

    @no_var_expand
    @line_magic
    def grad(self, line: str) -> Any:
        """The gradient: %grad EXPR by X[,Y…] [where DECLARATIONS]"""
        return self._answer("grad", line, "")

    @no_var_expand
    @line_magic
    def jacobian(self, line: str) -> Any:
        """The Jacobian: %jacobian EXPR by X [where DECLARATIONS]"""
        return self._answer("jacobian", line, "")

    @no_var_expand
    @line_magic
    def hessian(self, line: str) -> Any:
        """The Hessian: %hessian EXPR by X [where DECLARATIONS]"""
        return self._answer("hessian", line, "")

    @no_var_expand
    @line_magic
    def differential(self, line: str) -> Any:
        """The differential: %differential EXPR by X [where DECLARATIONS]"""
        return self._answer("differential", line, "")

    @no_var_expand
    @cell_magic
    def matcalc(self, line: str, cell: str) -> Any:
        """A cell of declarations, commands (grad, …, simplify, equal … and …) and expressions, one a line; `… by X, Y` asks."""
        where, results = "", []
        for text in _lines(f"{line}\n{cell}"):
            if _DECLARATION.match(text) and not _COMMAND.match(text):
                where = "; ".join(filter(None, (where, text)))
                continue
            command = _COMMAND.match(text)
            results.append(self._answer(command[1], command[2], where) if command else self._answer("parse", text, where))
        for result in results[:-1]:
            display(result)  # type: ignore[no-untyped-call]
        return results[-1] if results else None

    def _answer(self, command: str, text: str, where: str) -> Any:
        expr, by, declared = _parts(text)
        where = "; ".join(filter(None, (where, declared)))
        try:
            if command in DERIVATIVES:
                return getattr(api, command)(self._given(expr), self._given(by), where=where)
            if command in ("equal", "check"):
                first, _, second = expr.rpartition(" and ")
                if not first:
                    raise UsageError(f"{command}: which two? write `{command} A + B and B + A`")
                if command == "equal" and by:
                    raise UsageError(f"equal takes no variable: what is `by {by}` for?")
                if command == "equal":
                    return api.equal(first, second, where=where)
                return api.check(first, by, second, where=where)
            if by and command == "parse":  # a formula with a variable asks for its derivative
                return api.derivative(self._given(expr), self._given(by), where=where)
            if by:
                raise UsageError(f"{command} takes no variable: what is `by {by}` for?")
            return getattr(api, command)(self._given(expr), where=where)
        except MatcalcError as error:
            raise UsageError(str(error)) from None

    def _given(self, text: str | None) -> Any:
        """The Python variable of that name where it holds an expression, else the text."""
        value = self.shell.user_ns.get(text) if text and text.isidentifier() and self.shell is not None else None
        return value if value is not None and (hasattr(value, "_sympy_") or hasattr(value, "free_symbols")) else text


def _lines(cell: str) -> Iterator[str]:
    for text in cell.splitlines():
        text = text.split("  #")[0].strip()
        if text and not text.startswith("#"):
            yield text


def _parts(text: str) -> tuple[str, str | None, str]:
    """The expression, what it is differentiated by, and declarations.

    >>> _parts("norm(A*x)^2 by x where A: (m, n)")
    ('norm(A*x)^2', 'x', 'A: (m, n)')
    """
    text, _, where = text.partition(" where ")
    expr, _, by = text.rpartition(" by ")
    return (expr.strip(), by.strip(), where.strip()) if expr else (text.strip(), None, where.strip())
