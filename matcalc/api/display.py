"""How answers show themselves: as Unicode in a terminal, as LaTeX in a notebook."""

from __future__ import annotations

from typing import Any


class Displayed:
    """Anything that has `latex()` and `unicode()`."""

    __slots__ = ()

    def latex(self) -> str:
        raise NotImplementedError

    def unicode(self) -> str:
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.unicode()

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def _latex(self, printer: Any, **_: Any) -> str:
        """LaTeX for SymPy's `latex`."""
        return self.latex()

    def _sympystr(self, printer: Any, **_: Any) -> str:
        return self.unicode()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": self.unicode(), "text/latex": self._repr_latex_()}
