"""`matcalc curvature`: the verdict or its certificate on standard output, counterexamples and notes on standard error."""

from __future__ import annotations

import json
import sys
from typing import Any

from matcalc.errors import UnsupportedError


def answered(c: Any, options: Any) -> int:
    """Says what `matcalc.curvature` has answered.  Raises UnsupportedError for a notation that it has not."""
    if options.to not in ("latex", "text", "unicode", "json"):
        raise UnsupportedError(f"curvature writes latex, text, unicode or json, not {options.to}")
    print(f"read as: {c.read_as}", file=sys.stderr)
    for note in (*c.notes, *c.counterexamples):
        print(f"note: {note}", file=sys.stderr)
    shown = c if not options.steps or c.certificate is None else c.certificate
    print(_json(c, options.expr) if options.to == "json" else getattr(shown, options.to)())
    return 0


def _json(c: Any, expr: str) -> str:
    proof = c.certificate
    certificate = proof and {
        "method": proof.method, "text": proof.text(), "latex": proof.latex(),
        "steps": [{name: getattr(s, name) for name in ("rule", "text", "latex", "unicode")} for s in proof.steps()],
    }  # fmt: skip
    points = [{name: getattr(e, name) for name in ("shows", "data", "x", "y", "middle", "mean")} for e in c.counterexamples]
    fields = {
        "expr": expr, "verdict": c.verdict, "strict": c.strict, "certificate": certificate, "counterexamples": points,
        "conditions": list(c.conditions), "read_as": c.read_as, "notes": list(c.notes),
    }  # fmt: skip
    return json.dumps(fields, ensure_ascii=False)
