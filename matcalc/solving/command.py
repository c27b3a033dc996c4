"""`matcalc solve`: the stationary point on standard output, its kind, conditions and notes on standard error."""

from __future__ import annotations

import sys
from typing import Any

from matcalc.api.document import listed
from matcalc.explain.lines import written
from matcalc.expr import Expr
from matcalc.solving.answer import Solution
from matcalc.solving.asking import solve


def answered(options: Any, expr: str) -> int:
    """Answers the command; exit status 1 where a check that was asked for failed."""
    wrt = None if options.wrt is None else ",".join(options.wrt)
    s = solve(expr, wrt, "; ".join(options.where), options.subject_to or None, options.want)
    check = s.check() if options.check else None
    if options.to == "json":
        print(_json(s, expr, check, options.steps))
    else:
        print(f"read as: {s.read_as}", file=sys.stderr)
        print(s.steps().text() if options.steps and options.to == "text" else _styled(s, options.to, options.steps))
        told = [s.kind + (", global" if s.is_global else "")]
        told += [f"where {c}" if not c.startswith(("minimum", "maximum")) else c for c in s.conditions]
        for note in (*told, *s.notes):
            print(f"note: {note}", file=sys.stderr)
    if check is not None:
        print(f"check: {'ok' if check.ok else 'failed'} at {check.points} points, largest error {check.max_error:.1e}", file=sys.stderr)
    return 0 if check is None or check.ok else 1


def _styled(s: Solution, style: str, steps: bool) -> str:
    if style in ("latex", "unicode", "text"):
        made: str = getattr(s.steps() if steps else s, style)()
        return made
    return str(s.sympy()) if style == "sympy" else s.code(style).rstrip("\n")


def _json(s: Solution, expr: str, check: Any, steps: bool) -> str:
    import json

    def text(e: Expr | None) -> str | None:
        return None if e is None else written(e, "text")

    fields: dict[str, Any] = {
        "expr": expr,
        "wrt": [v.data[0] for v in s.problem.declared],
        "form": s.form,
        "kind": s.kind,
        "is_global": s.is_global,
        "equation": s.equation,
        "conditions": list(s.conditions),
        "latex": s.latex(),
        "text": s.text(),
        "unicode": s.unicode(),
        "numpy": s.code("numpy"),
        "value": text(s.value),
        "multipliers": None if s.multipliers is None else [text(m) for m in s.multipliers],
        "symbols": {n.name: {"shape": listed(n.shape), "kind": n.kind, "properties": sorted(n.properties)} for n in s.symbols.values()},
        "read_as": s.read_as,
        "notes": list(s.notes),
    }
    if steps:
        fields["steps"] = [{"rule": t.rule, "text": t.text, "latex": t.latex, "unicode": t.unicode} for t in s.steps()]
    if check is not None:
        fields["checked"] = {"ok": check.ok, "max_error": check.max_error, "points": check.points}
    return json.dumps(fields, ensure_ascii=False)
