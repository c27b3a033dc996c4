"""The Python of the page: a question as JSON in, an answer as JSON out.  Nothing here knows of a browser.

>>> import json
>>> said = json.loads(ask('{"do": "answer", "f": "norm(A*x - b)^2", "by": "x"}'))
>>> said["answers"][0]["text"], [(s["name"], s["shape"]) for s in said["symbols"]]
("2*A'*(A*x - b)", [('A', 'm, n'), ('x', 'n'), ('b', 'm')])
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any

import matcalc as mc
from matcalc.api.members import declaration
from matcalc.api.methods import Derivatives
from matcalc.api.presenting import label
from matcalc.api.question import Question, question
from matcalc.expr.properties import PROPERTIES, minimal
from matcalc.operators import FUNCTIONS
from matcalc.operators.elementwise_functions import ALIASES
from matcalc.programs.targets import WRITTEN
from matcalc.reading.declaring import declared, entries
from matcalc.reading.letters import one_name, plain
from matcalc.reading.tidying import tidied
from matcalc.solving.wording import equation
from matcalc.writing.breaking import page
from matcalc.writing.latex import latex
from matcalc.writing.unicode import unicode

Json = dict[str, Any]

TARGETS = (*WRITTEN, "sympy")
STYLES = ("text", "latex", "unicode")
SHAPES = {  # of the properties that each can have
    "matrix": ("square", "tall", "matrix", "any"),
    "vector": ("vector", "any"),
    "scalar": ("any",),
}
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
    """How the question was read, and what answers it."""
    kind, found = _found(asked)
    return {
        **_read(question_of(asked, scalar=_key(asked)[2] != "jacobian")),
        "answers": kind.answers(found),
        "notes": list(dict.fromkeys(kind.notes(found))),
    }


def differential(asked: Json) -> Json:
    """The differentials."""
    kind, found = _found(asked)
    return {"differentials": kind.differentials(found)}


def programs(asked: Json) -> Json:
    """The programs, or why there is none."""
    kind, found = _found(asked)
    return {"programs": [{"by": by, **{t: _program(d, t) for t in TARGETS}} for by, d in kind.programs(found)]}


def steps(asked: Json) -> Json:
    """The derivations."""
    kind, found = _found(asked)
    return {"derivations": kind.derivations(found)}


def check(asked: Json) -> Json:
    """The verdict on a claim; it begins with "right" alone, or with another word."""
    kind, _ = _found(asked)
    v = kind.check(*_key(asked), asked["claim"])
    said = v.verdict
    if v.ok:
        sense = said.removeprefix("right").removeprefix("equal").partition(":")[0].strip()
        said = f"right, {sense}" if sense else "right"
    elif v.counterexample is not None and repr(v.counterexample) not in said:
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


def _found(asked: Json) -> tuple[Kind, Any]:
    f, by, d, where = _key(asked)
    return KINDS[d], _answered(f, by, d, where)


@lru_cache(maxsize=64)
def _answered(f: str, by: str, d: str, where: str) -> Any:
    return KINDS[d].ask(f, by or None, where)


def question_of(asked: Json, *, scalar: bool) -> Question:
    f, by, _, where = _key(asked)
    return question(f, by or None, where, scalar=scalar)


def _read(asked: Question) -> Json:
    """The formula as it was understood, and a row for each of its names."""
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
        "read": {"latex": latex(asked.expr, asked.symbols, asked.manner), "unicode": unicode(asked.expr, asked.symbols, asked.manner)},
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


def _shape(shape: Any) -> str:
    rows, columns = shape
    return "" if shape == (1, 1) else f"{rows}" if columns == 1 else f"{rows}, {columns}"


def _program(d: Any, target: str) -> Json:
    try:
        return {"source": d.code(target).rstrip("\n") + "\n"}
    except mc.MatcalcError as error:
        return {"refused": str(error)}


# --- declarations that are edited -------------------------------------------------------------------------------------


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
    allowed = SHAPES.get(kind, ())
    kept = [p for p in PROPERTIES if p in properties and PROPERTIES[p].shape in allowed]
    what = f"({', '.join(n.strip() for n in inside.split(',') if n.strip())})" if inside.strip() else kind
    return f"{name}: {' '.join([what, *kept])}"


def _beside(entry: str, name: str) -> list[str] | None:
    """The declarations of the other names in an entry that declares `name`; None where it does not."""
    try:
        found = declared(entry)
    except mc.MatcalcError:
        return None
    here = [n for n in found.symbols if one_name(n) == one_name(name)]
    if not here:
        return None
    return [
        declaration(s) if s.shape is not None or not s.kind else f"{n}: {' '.join((s.kind, *sorted(s.properties)))}"
        for n, s in found.symbols.items()
        if n not in here
    ]


# --- what can be asked of a formula: a row for each radio, at the end ----------------------------------------------


class Kind:
    """A question of one kind: how it is asked, and what there is to show of what comes back; a derivative, if not said otherwise."""

    def __init__(self, order: str) -> None:
        self.order = order

    def ask(self, f: str, by: str | None, where: str) -> Any:
        found = getattr(mc, self.order)(f, by, where=where)
        return tuple(found) if isinstance(found, Derivatives) else (found,)

    def answers(self, found: Any) -> list[Json]:
        return [
            {
                "by": _by(d), "name": f"Derivative by {_by(d)['text']}", "equation": d.equation(), "latex": d.latex(), "text": d.text(),
                "unicode": d.unicode(), "left": d.left("unicode"), "shape": _shape(d.shape) or "scalar", "programs": True,
                "layout": "" if d.order == "grad" else d.layout,
            }
            for d in found
        ]  # fmt: skip

    def notes(self, found: Any) -> Iterable[str]:
        return [note for d in found for note in (*d.notes, *d.assumptions)]

    def differentials(self, found: Any) -> list[Json]:
        return [{"by": _by(d), "latex": d.differential.latex()} for d in found]

    def programs(self, found: Any) -> list[tuple[Json, Any]]:
        return [(_by(d), d) for d in found]

    def derivations(self, found: Any) -> list[Json]:
        return [{"by": _by(d), "steps": [_step(s, s.aligned) for s in d.steps()]} for d in found]

    def check(self, f: str, by: str, d: str, where: str, claim: str) -> Any:
        return mc.check(f, by or None, claim, where=where, order=self.order)


class Solved(Kind):
    """The stationary point."""

    def ask(self, f: str, by: str | None, where: str) -> Any:
        return mc.solve(f, by, where)

    def answers(self, s: Any) -> list[Json]:
        made = []
        for part in self._parts(s):
            (x,) = part.wanted
            by = _named(x)
            equation = f"{by['latex']} = {part.latex()}" if part.form == "closed" else part.latex()
            made.append({
                "by": by, "name": f"Solution by {by['text']}", "equation": equation, "latex": part.latex(), "text": part.text(),
                "unicode": part.unicode(), "left": by["unicode"], "shape": _shape(x.shape) or "scalar", "programs": True, "layout": "",
            })  # fmt: skip
        return made

    def notes(self, s: Any) -> Iterable[str]:
        held = [c if c.startswith(("minimum", "maximum")) else f"where {c}" for c in s.conditions]
        return [self._kind(s), f"it solves {equation(s.problem, 'unicode')}", *held, *s.notes]

    def _kind(self, s: Any) -> str:
        """The kind; where no number was looked at, a stationary point of what is convex is the minimum."""
        if s.kind == "stationary" and not s.problem.constraints:
            asked = s.problem.asked
            with suppress(mc.MatcalcError):
                verdict = mc.curvature(asked.expr, [v for v, _ in asked.targets], asked.where).verdict
                found = {"convex": "minimum, global", "concave": "maximum, global"}.get(verdict)
                if found:
                    return found
        return f"{s.kind}, global" if s.is_global else str(s.kind)

    def differentials(self, s: Any) -> list[Json]:
        return []

    def programs(self, s: Any) -> list[tuple[Json, Any]]:
        return [(_named(part.wanted[0]), part) for part in self._parts(s)]

    def derivations(self, s: Any) -> list[Json]:
        return [{"by": _named(s.wanted[0]), "steps": [_step(t, t.latex) for t in s.steps()]}]

    def check(self, f: str, by: str, d: str, where: str, claim: str) -> Any:
        s = _answered(f, by, d, where)
        if s.expr is None:
            raise mc.UnsupportedError("a claim is compared with one formula", hint="name one variable, of a problem with a closed form")
        return mc.equal(claim, s.text(), where="; ".join(filter(None, map(declaration, s.symbols.values()))))

    def _parts(self, s: Any) -> list[Any]:
        return [s] if len(s.wanted) == 1 else list(s)


class Curved(Kind):
    """Whether it is convex or concave, and why."""

    def ask(self, f: str, by: str | None, where: str) -> Any:
        return mc.curvature(f, by, where=where)

    def answers(self, c: Any) -> list[Json]:
        by = self._by(c)
        return [{
            "by": by, "name": f"Curvature by {by['text']}", "equation": c.latex(), "latex": c.latex(), "text": c.text(),
            "unicode": c.unicode(), "left": "curvature", "shape": "", "layout": "", "programs": False,
        }]  # fmt: skip

    def notes(self, c: Any) -> Iterable[str]:
        return [*c.notes, *map(repr, c.counterexamples)]

    def differentials(self, c: Any) -> list[Json]:
        return []

    def programs(self, c: Any) -> list[tuple[Json, Any]]:
        return []

    def derivations(self, c: Any) -> list[Json]:
        return [] if c.certificate is None else [{"by": self._by(c), "steps": [_step(s, s.latex) for s in c.certificate.steps()]}]

    def check(self, f: str, by: str, d: str, where: str, claim: str) -> Any:
        raise mc.UnsupportedError("a claim is about a derivative or a solution", hint="choose Gradient, Jacobian, Hessian or Solve")

    def _by(self, c: Any) -> Json:
        names = [_named(v) for v, _ in c.asked.targets]
        return {style: ", ".join(n[style] for n in names) for style in STYLES}


KINDS: dict[str, Kind] = {
    "gradient": Kind("grad"),
    "jacobian": Kind("jacobian"),
    "hessian": Kind("hessian"),
    "solve": Solved("solve"),
    "curvature": Curved("curvature"),
}


def _by(d: Any) -> Json:
    return {style: label(d, style) for style in STYLES}


def _named(x: Any) -> Json:
    return {style: getattr(x, style)() for style in STYLES}


def _step(s: Any, latex: str) -> Json:
    return {"rule": s.rule, "latex": page(latex), "source": getattr(s, "source", "")}


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
        "box": box, "start": _units(text, start), "end": _units(text, end), "name": _operator(error.message, text),
    }  # fmt: skip


def _operator(message: str, text: str) -> str:
    """The function that an error is about: one that the message names, and that is called in the text; its row in the reference."""
    called = set(re.findall(r"([A-Za-z]\w*)\s*\(", text))
    return next((ALIASES.get(name, name) for name in re.findall(r"[A-Za-z]\w*", message) if name in called and name in FUNCTIONS), "")


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
