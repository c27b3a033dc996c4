"""The Python of the page: a question as JSON in, an answer as JSON out.  Nothing here knows of a browser.

>>> import json
>>> said = json.loads(ask('{"do": "answer", "f": "norm(A*x - b)^2", "by": "x"}'))
>>> said["answers"][0]["text"], [(s["name"], s["shape"]) for s in said["symbols"]]
("2*A'*(A*x - b)", [('A', 'm, n'), ('x', 'n'), ('b', 'm')])
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import matcalc as mc
from matcalc.api.answer import Derivatives, label
from matcalc.api.members import vectors
from matcalc.api.question import Question, question
from matcalc.api.redeclaring import described, redeclared
from matcalc.expr.properties import PROPERTIES, minimal
from matcalc.reading.declarations import declared
from matcalc.reading.names import one_name
from matcalc.writing.latex import latex
from matcalc.writing.unicode import unicode

Json = dict[str, Any]

# What can be asked of a formula: the value of the radio, and what answers it.
KINDS: dict[str, tuple[Callable[..., Any], str]] = {
    "gradient": (mc.grad, "grad"),
    "jacobian": (mc.jacobian, "jacobian"),
    "hessian": (mc.hessian, "hessian"),
}
TARGETS = ("numpy", "jax", "torch", "sympy")
UNTOLD = ("size", "index")  # symbols that have no row in the table


def ask(text: str) -> str:
    """The answer to a question; an error of the engine is an answer too, anything else is a defect and said as such."""
    asked = json.loads(text)
    try:
        said = DO[asked["do"]](asked)
    except mc.MatcalcError as error:
        said = {"error": _error(error, asked), **_read_anyway(asked)}
    except Exception as error:
        said = {"defect": f"{type(error).__name__}: {error}"}
    return json.dumps(said, ensure_ascii=False)


# --- what can be done ----------------------------------------------------------------------------------------------


def answer(asked: Json) -> Json:
    """How the question was read, and the derivatives."""
    found = _derived(*_key(asked))
    notes = dict.fromkeys(note for d in found for note in (*d.notes, *d.assumptions))
    return {
        **_read(question_of(asked, scalar=asked.get("d") != "jacobian")),
        "answers": [
            {
                "by": _by(d), "equation": d.equation(), "latex": d.latex(), "text": d.text(), "unicode": d.unicode(),
                "left": d.left("unicode"), "shape": _shape(d.shape) or "scalar", "layout": d.layout, "order": d.order,
            }
            for d in found
        ],
        "notes": list(notes),
    }  # fmt: skip


def differential(asked: Json) -> Json:
    """The differentials."""
    return {"differentials": [{"by": _by(d), "latex": d.differential.latex()} for d in _derived(*_key(asked))]}


def programs(asked: Json) -> Json:
    """The programs, or why there is none."""
    return {"programs": [{"by": _by(d), **{target: _program(d, target) for target in TARGETS}} for d in _derived(*_key(asked))]}


def steps(asked: Json) -> Json:
    """The derivations."""
    return {
        "derivations": [
            {"by": _by(d), "steps": [{"rule": s.rule, "latex": s.aligned, "source": s.source} for s in d.steps()]}
            for d in _derived(*_key(asked))
        ]
    }


def check(asked: Json) -> Json:
    """The verdict on a claim; it begins with "right" alone, or with another word."""
    f, by, d, where = _key(asked)
    v = mc.check(f, by or None, asked["claim"], where=where, order=KINDS[d][1])
    said = v.verdict
    if v.ok:
        said = ", ".join(filter(None, ("right", said.removeprefix("right").strip())))
    elif v.counterexample is not None:
        said = f"{said}; {v.counterexample!r}"
    return {"ok": v.ok, "verdict": said, "notes": list(v.notes)}


def declare(asked: Json) -> Json:
    """The declarations after an edit of one row of the table of symbols."""
    said = described(asked["name"], asked.get("kind", ""), asked.get("shape", ""), asked.get("properties", ()))
    return {"where": redeclared(asked.get("where", ""), asked["name"], said)}


DO: dict[str, Callable[[Json], Json]] = {f.__name__: f for f in (answer, differential, programs, steps, check, declare)}


# --- how it was read -------------------------------------------------------------------------------------------------


def _key(asked: Json) -> tuple[str, str, str, str]:
    d = asked.get("d") or "gradient"
    return asked.get("f", ""), asked.get("by", "").strip(), d if d in KINDS else "gradient", asked.get("where", "")


@lru_cache(maxsize=64)
def _derived(f: str, by: str, d: str, where: str) -> tuple[Any, ...]:
    found = KINDS[d][0](f, by or None, where=where)
    return tuple(found) if isinstance(found, Derivatives) else (found,)


def question_of(asked: Json, *, scalar: bool) -> Question:
    f, by, _, where = _key(asked)
    return question(f, by or None, where, scalar=scalar)


def _read(asked: Question) -> Json:
    """The formula as it was understood, and a row for each of its names."""
    members = vectors(asked.where)
    said = {one_name(name) for name in declared(asked.where).symbols}
    rows = []
    for s in asked.symbols.values():
        if s.kind in UNTOLD:
            continue
        told = one_name(s.name) in said
        shape = "" if s.shape is None or s.kind == "scalar" else _shape(s.shape)
        rows.append({
            "name": s.name, "kind": s.kind, "declared": told, "sized": told and not s.inferred, "reason": s.reason,
            "shape": shape if s.takes is None else f"({_shape(s.takes)}) -> ({_shape(s.shape)})",
            "properties": [p for p in PROPERTIES if p in minimal(s.properties)],
        })  # fmt: skip
    return {
        "read": {"latex": latex(asked.expr, asked.symbols, members), "unicode": unicode(asked.expr, members)},
        "scalar": asked.expr.is_scalar,
        "symbols": rows,
    }


def _read_anyway(asked: Json) -> Json:
    """How the formula was read where there is no answer; a Jacobian is offered where only the gradient makes no sense."""
    if asked["do"] != "answer":
        return {}
    try:
        found = _read(question_of(asked, scalar=False))
    except mc.MatcalcError:
        return {}
    except Exception:  # the first error is the one to tell
        return {}
    return {**found, "offer": "jacobian"} if not found["scalar"] and _key(asked)[2] == "gradient" else found


def _by(d: Any) -> Json:
    return {style: label(d, style) for style in ("text", "latex", "unicode")}


def _shape(shape: Any) -> str:
    rows, columns = shape
    return "" if shape == (1, 1) else f"{rows}" if columns == 1 else f"{rows}, {columns}"


def _program(d: Any, target: str) -> Json:
    try:
        return {"source": d.code(target).rstrip("\n") + "\n"}
    except mc.MatcalcError as error:
        return {"refused": str(error)}


# --- errors ----------------------------------------------------------------------------------------------------------

BOXES = ("f", "by", "where", "claim")


def _error(error: mc.MatcalcError, asked: Json) -> Json:
    """The error, the box it is in, and the place there in the units of a browser's text."""
    box, start, end = _place(error, asked)
    text = asked.get(box) or ""
    if error.start < 0 and text:
        error = error.at(text, start, end)
    return {
        "kind": type(error).__name__, "message": error.message, "excerpt": error.excerpt, "hint": error.hint,
        "box": box, "start": _units(text, start), "end": _units(text, end),
    }  # fmt: skip


def _place(error: mc.MatcalcError, asked: Mapping[str, Any]) -> tuple[str, int, int]:
    boxes = (*(("claim",) if asked["do"] == "check" else ()), "f", "where", "by")
    texts = {box: asked.get(box) or "" for box in boxes}
    if error.start >= 0 and error.line:
        end = max(error.end, error.start + 1)
        for fits in (str.__eq__, lambda text, line: len(text) == len(line)):
            for box in boxes:
                if texts[box] and fits(texts[box], error.line):
                    return box, error.start, end
        for box in ("by", "claim", "f", "where"):
            at = texts.get(box, "").find(error.line)
            if at >= 0:
                return box, at + error.start, at + end
    return boxes[0], 0, len(texts[boxes[0]])


def _units(text: str, at: int) -> int:
    """A place in a text, counted as a browser counts: in halves of surrogate pairs."""
    return len(text[:at].encode("utf-16-le", "surrogatepass")) // 2
