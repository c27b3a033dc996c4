"""How a question is written: trees as plain text of the language, in one of its spellings, with the declarations."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

from question_maker import Question
from trees import SCALAR, Dim, Shape, Tree

SUM, PRODUCT, POWER, POSTFIX, ATOM = range(1, 6)
OTHER_NAMES = {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh", "log": "ln",
    "sigmoid": "logistic", "tr": "trace", "norm": "norm2", "silu": "swish", "sign": "sgn", "step": "heaviside", "lgamma": "gammaln",
}  # fmt: skip
SIGNS = {"*": ("*", "·", "⋅"), ".*": (".*", "⊙", "∘"), "./": ("./", "⊘"), "/": ("/",)}
RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


class Writer:
    """Writes trees; with an `rng`, in spellings that it chooses."""

    def __init__(self, rng: random.Random | None = None) -> None:
        self.rng = rng

    def one_of(self, first: str, *others: str) -> str:
        return first if self.rng is None or self.rng.random() < 0.7 else self.rng.choice((first, *others))

    def text(self, tree: Tree, least: int = SUM) -> str:
        text, level = self.written(tree)
        return text if level >= least else f"({text})"

    def written(self, e: Tree) -> tuple[str, int]:
        a = e.args
        match e.op:
            case "variable":
                return e.data[0], ATOM
            case "number":
                return self.number(e.data[0])
            case "size":
                return dim(e.data[0]), ATOM if isinstance(e.data[0], str) else PRODUCT
            case "pi":
                return self.one_of("pi", "π"), ATOM
            case "eye":
                return f"eye({dim(e.shape[0])})", ATOM
            case "ones" | "zeros":
                return f"{e.op}({dim(e.shape[0])}{'' if e.shape[1] == 1 else ', ' + dim(e.shape[1])})", ATOM
            case "commutation":
                return f"commutation({dim(e.data[0])}, {dim(e.data[1])})", ATOM
            case "+" | "-":
                return f"{self.text(a[0])} {e.op} {self.text(a[1], PRODUCT)}", SUM
            case "neg":
                return f"-{self.text(a[0], PRODUCT)}", SUM
            case "*" | ".*" | "/" | "./":
                return f"{self.text(a[0], PRODUCT)}{self.one_of(*SIGNS[e.op])}{self.text(a[1], POWER)}", PRODUCT
            case "kron":
                if self.one_of("kron", "⊗") == "⊗":
                    return f"{self.text(a[0], PRODUCT)} ⊗ {self.text(a[1], POWER)}", PRODUCT
                return f"kron({self.text(a[0])}, {self.text(a[1])})", ATOM
            case "^" | "matrix^" | ".^":
                return self.power(e)
            case "^^" | ".^^":
                return f"{self.text(a[0], POSTFIX)}{e.op[:-1]}{self.text(a[1], POSTFIX)}", POWER
            case "'":
                return self.text(a[0], POSTFIX) + self.one_of("'", "ᵀ", "^T", ".T"), POSTFIX
            case "inv":
                if self.one_of("inv", "^-1") == "^-1":
                    return self.text(a[0], POSTFIX) + self.one_of("^-1", "⁻¹", "^{-1}"), POWER
                return f"inv({self.text(a[0])})", ATOM
            case "item":
                inside = [":" if i is None else str(i) for i in e.data]
                return f"{self.text(a[0], POSTFIX)}[{inside[0] if a[0].shape[1] == 1 else ','.join(inside)}]", POSTFIX
            case "diagonal":
                return f"diag({self.text(a[0])})", ATOM
            case "unvec":
                return f"unvec({self.text(a[0])}, {dim(e.shape[0])}, {dim(e.shape[1])})", ATOM
            case "inner" if self.one_of("", "⟨") == "⟨":
                return f"⟨{self.text(a[0])}, {self.text(a[1])}⟩", ATOM
            case "norm" | "norm1" | "normnuc" if self.one_of("", "‖") == "‖":
                return f"‖{self.text(a[0])}‖{ {'norm': '', 'norm1': '_1', 'normnuc': '_*'}[e.op] }", ATOM
        name = self.one_of(e.op, OTHER_NAMES.get(e.op, e.op))
        return f"{name}({', '.join(map(self.text, a))})", ATOM

    def number(self, value: Fraction) -> tuple[str, int]:
        if value.denominator == 1:
            return str(value), ATOM if value >= 0 else SUM
        text = f"{value.numerator}/{value.denominator}"
        if value > 0 and self.one_of(text, ".") == ".":
            return str(float(value)), ATOM
        return text, PRODUCT if value > 0 else SUM

    def power(self, e: Tree) -> tuple[str, int]:
        p, base = Fraction(e.data[0]), self.text(e.args[0], POSTFIX)
        if p.denominator == 1 and e.op != ".^" and self.one_of("^", "²") == "²":
            return base + str(p).translate(RAISED), POWER
        sign = ".^" if e.op == ".^" else "^"
        return f"{base}{sign}{p if p.denominator == 1 else f'({p})'}", POWER


def dim(d: Dim) -> str:
    return "*".join(map(str, d)) if isinstance(d, tuple) else str(d)


def shape_text(shape: Shape) -> str:
    if shape == SCALAR:
        return "scalar"
    return f"({dim(shape[0])})" if shape[1] == 1 else f"({dim(shape[0])}, {dim(shape[1])})"


def where(q: Question) -> str:
    """The declarations of a question."""
    out = [" ".join((f"{v}: {shape_text(s)}", *p)) for v, (s, p) in q.declared.items()]
    nodes = q.tree.nodes()
    known = {d for s, _ in q.declared.values() for x in s for d in _names(x)}
    used = {d for e in nodes for x in (*e.shape, *(e.data if e.op in ("size", "commutation") else ())) for d in _names(x)}
    out += [f"length_{d}: ({d})" for d in sorted(used - known)]  # that a size is one, where no letter has it
    if any(e.op in ("g", "g'", "g''") for e in nodes):
        out.append("g: elementwise")
    for e in nodes:
        if e.op in ("f", "grad(f)"):
            out.append(f"f: {_tuple(e.args[0].shape)} -> ()")
            break
    for e in nodes:
        if e.op == "F":
            out.append(f"F: {_tuple(e.args[0].shape)} -> {_tuple(e.shape)}")
            break
    return "; ".join(out)


def _names(d: Any) -> set[str]:
    return {d} if isinstance(d, str) else {x for x in d if isinstance(x, str)} if isinstance(d, tuple) else set()


def _tuple(shape: Shape) -> str:
    return f"({dim(shape[0])})" if shape[1] == 1 else f"({dim(shape[0])}, {dim(shape[1])})"


def by(q: Question) -> str:
    """The variables of differentiation."""
    if q.index is None:
        return ", ".join(q.wrt)
    inside: list[Any] = [":" if i is None else i for i in q.index]
    vector = q.declared[q.wrt[0]][0][1] == 1
    return f"{q.wrt[0]}[{inside[0] if vector else f'{inside[0]},{inside[1]}'}]"


def asked(q: Question, spelled: bool = True) -> tuple[str, str, str]:
    """Expression, variables and declarations."""
    return Writer(random.Random(q.seed) if spelled else None).text(q.tree), by(q), where(q)
