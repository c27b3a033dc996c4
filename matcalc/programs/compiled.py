"""A compiled program: a function that can be pickled, as what it was made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Compiled:
    """A function with its source in ``source``; in another process it is compiled again.

    >>> import pickle
    >>> from matcalc import compile
    >>> twice = pickle.loads(pickle.dumps(compile("2*x", where="x: scalar")))
    >>> float(twice(x=3.0))
    6.0
    """

    source: str

    def __new__(cls, function: Callable[..., Any], *_: Any) -> Compiled:
        """Each has a class of its own, in which a call is one of the function."""
        return super().__new__(type(cls.__name__, (cls,), {"__call__": staticmethod(function)}))

    def __init__(self, function: Callable[..., Any], again: Callable[..., Any], *made_of: Any) -> None:
        self.__dict__.update(function.__dict__)
        self.__name__, self.__doc__, self.__wrapped__ = function.__name__, function.__doc__, function
        self._made = again, made_of

    def __call__(self, *args: Any, **values: Any) -> Any:
        return self.__wrapped__(*args, **values)

    def __repr__(self) -> str:
        return f"<program {self.__name__}>"

    def __reduce__(self) -> Any:
        return self._made
