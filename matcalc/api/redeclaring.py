"""The text of declarations with one name declared anew: what a table of symbols needs that is edited."""

from __future__ import annotations

from collections.abc import Collection

from matcalc.api.members import declaration
from matcalc.errors import MatcalcError
from matcalc.expr.properties import PROPERTIES
from matcalc.reading.declaring import declared, entries
from matcalc.reading.letters import one_name, plain
from matcalc.reading.tidying import tidied


def redeclared(where: str, name: str, said: str) -> str:
    """`where` with `said` in the place of what it says of `name`, at its end where it says nothing; without it, where `said` is empty.

    What stands beside it in one entry is declared as before; so is what cannot be read.

    >>> redeclared("A: (m, n); x, y: (n); c: scalar", "x", "x: (n) positive")
    'A: (m, n); x: (n) positive; y: (n); c: scalar'
    >>> redeclared("A: (m, n)", "λ", "λ: matrix"), redeclared("A: (m, n); c: scalar", "A", "")
    ('A: (m, n); λ: matrix', 'c: scalar')
    """
    out: list[str] = []
    waiting = said
    for start, end in entries(tidied(plain(where))):
        entry = where[start:end].strip()
        others = _beside(entry, name)
        if others is None:
            out.append(entry)
        else:
            out += [waiting, *others]
            waiting = ""
    return "; ".join(filter(None, (*out, waiting)))


def described(name: str, kind: str = "", shape: str = "", properties: Collection[str] = ()) -> str:
    """A declaration of `name`; a shape says the kind, and a kind without a shape leaves the sizes to be inferred.

    Properties that a kind cannot have are left out.

    >>> described("A", "matrix", "(m, n)"), described("λ", "matrix"), described("x", "vector", "n", ["positive", "spd"])
    ('A: (m, n)', 'λ: matrix', 'x: (n) positive')
    """
    shape = shape.strip()
    if "->" in shape or "→" in shape:
        return f"{name}: {shape}"
    inside = shape[1:-1] if shape.startswith("(") and shape.endswith(")") else shape
    if inside.strip():
        kind = "vector" if len([n for n in inside.split(",") if n.strip()]) == 1 else "matrix"
    allowed = {"matrix": ("square", "tall", "matrix", "any"), "vector": ("vector", "any"), "scalar": ("any",)}.get(kind, ())
    kept = [p for p in PROPERTIES if p in properties and PROPERTIES[p].shape in allowed]
    what = f"({', '.join(n.strip() for n in inside.split(',') if n.strip())})" if inside.strip() else kind
    return f"{name}: {' '.join([what, *kept])}"


def _beside(entry: str, name: str) -> list[str] | None:
    """The declarations of the other names in an entry that declares `name`; None where it does not."""
    try:
        found = declared(entry)
    except MatcalcError:
        return None
    here = [n for n in found.symbols if one_name(n) == one_name(name)]
    if not here:
        return None
    return [
        declaration(s) if s.shape is not None or not s.kind else f"{n}: {' '.join((s.kind, *sorted(s.properties)))}"
        for n, s in found.symbols.items()
        if n not in here
    ]
