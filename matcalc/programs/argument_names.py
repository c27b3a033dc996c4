"""The names in a program: an argument keeps its own name, everything of ours gives way to it.

Nothing else of an expression's text reaches the source: a name is made an identifier here or it is not written.
"""

from __future__ import annotations

import builtins
import keyword
import unicodedata
from collections.abc import Callable, Iterable

# What Python does not let be assigned, though it is no keyword.
FORBIDDEN = {"__debug__"}


def identifier(name: str) -> str:
    """`name` as Python would write it, a keyword with an underscore behind.

    >>> identifier("lambda"), identifier("x_1"), identifier("θ̂"), identifier("2nd"), identifier("np")
    ('lambda_', 'x_1', 'θ̂', '_2nd', 'np')
    """
    kept = cleaned(name)
    return kept + "_" if keyword.iskeyword(kept) or kept in FORBIDDEN else kept


def cleaned(name: str) -> str:
    """`name` in NFKC, without what no identifier has."""
    name = unicodedata.normalize("NFKC", name)
    kept = "".join(c if ("_" + c).isidentifier() else "_" for c in name) or "_"
    return kept if kept[0].isidentifier() else "_" + kept


def function_name(name: str) -> str:
    """The name of a program that is to be called `name`: routines beside it use Python's own functions.

    >>> function_name("grad"), function_name("sum")
    ('grad', 'sum_')
    """
    name = identifier(name)
    return name + "_" if hasattr(builtins, name) else name


def function_argument(name: str, order: int) -> str:
    """The argument that stands for an abstract function or its derivative.

    >>> [function_argument("g", k) for k in range(3)]
    ['g', 'g_prime', 'g_prime2']
    """
    return name + ("" if order == 0 else "_prime" if order == 1 else f"_prime{order}")


class Names:
    """The names in use in one program; each new one is free.  `written` makes a name one of the language."""

    def __init__(self, taken: Iterable[str] = (), written: Callable[[str], str] = identifier) -> None:
        self.taken, self.written = set(taken), written
        self.avoided = set(dir(builtins))  # that arguments may have, but nothing of ours
        self._next: dict[str, int] = {}

    def new(self, wanted: str) -> str:
        """`wanted` as an identifier, with underscores behind until it is free."""
        name = self.written(wanted)
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def fresh(self, stem: str, numbered: bool = False) -> str:
        """A name of ours: the stem, and with a number where that is not free, or always.

        >>> names = Names({"E"})
        >>> [names.fresh(stem) for stem in ("r", "r", "E", "max")], names.fresh("M", numbered=True)
        (['r', 'r2', 'E1', 'max1'], 'M1')
        """
        stem = self.written(stem)
        name, k = stem, self._next.get(stem, 1)
        while (numbered and name == stem) or name in self.taken or name in self.avoided:
            name, k = f"{stem}{k}", k + 1
        self._next[stem] = max(k, 2)  # the second one is number 2
        self.taken.add(name)
        return name
