"""A derivative as a document of names and texts: what `--to json` prints, and what assistants are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matcalc.api.presenting import label
from matcalc.expr import Shape

if TYPE_CHECKING:
    from matcalc.api.methods import Derivative
    from matcalc.checking import Check
    from matcalc.explain import Steps


def document(d: Derivative, expr: str, check: Check | None = None, steps: Steps | None = None) -> dict[str, Any]:
    """All that can be said of a derivative of `expr` in text and numbers; with its check and its derivation where they are given.

    >>> from matcalc import grad
    >>> made = document(grad("x'*A*x", "x"), "x'*A*x")
    >>> made["wrt"], made["text"], made["shape"], made["symbols"]["A"]["shape"]
    ('x', "(A + A')*x", ['n', 1], ['n', 'n'])
    """
    fields: dict[str, Any] = {
        "expr": expr,
        "wrt": label(d, "text"),
        "order": d.order,
        "shape": listed(d.shape),
        "latex": d.latex(),
        "text": d.text(),
        "unicode": d.unicode(),
        "numpy": d.code("numpy"),
        "differential": {"latex": d.differential.latex(), "text": d.differential.text()},
        "symbols": {
            s.name: {"shape": listed(s.shape), "kind": s.kind, "properties": sorted(s.properties), "inferred": s.inferred}
            for s in d.symbols.values()
        },
        "read_as": d.read_as,
        "notes": list(d.notes),
        "assumptions": list(d.assumptions),
    }
    if steps is not None:
        fields["steps"] = [{name: getattr(s, name) for name in ("rule", "source", "latex", "text", "unicode")} for s in steps]
    if check is not None:
        fields["checked"] = {"ok": check.ok, "max_error": check.max_error, "points": check.points, "method": check.method}
    return fields


def listed(shape: Shape | None) -> list[int | str] | None:
    """A shape as numbers and names."""
    return None if shape is None else [n if isinstance(n, int) else repr(n) for n in shape]
