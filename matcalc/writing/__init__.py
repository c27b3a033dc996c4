"""Writers: what an expression looks like in LaTeX, in plain text and on a terminal."""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from matcalc.loading import on_demand

if TYPE_CHECKING:
    from matcalc.writing import latex, sympy, text, unicode

__getattr__ = on_demand(__name__)


def writer(style: str) -> Callable[..., str]:
    """The writer of expressions in a style, "text", "latex" or "unicode": the function of the module that is called so.

    >>> writer("text").__module__
    'matcalc.writing.text'
    """
    found: Callable[..., str] = getattr(import_module(f"{__name__}.{style}"), style)
    return found
