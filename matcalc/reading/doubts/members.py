"""Doubts about what has an index: w_j beside W, a sum in which nothing has it, e_i."""

from __future__ import annotations

import re
from collections.abc import Iterator

from matcalc.errors import MatcalcError
from matcalc.reading.doubts.asking import factors, stem_of, terms_of
from matcalc.reading.letters import is_greek
from matcalc.reading.places import At, Label, places_of
from matcalc.reading.shapes import SCALAR, Shapes
from matcalc.reading.tree import Node, failing, walked


def constant(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """The λ_i of Σ_i (y_i x_i'β − λ_i), by β: a rate that most likely depends on it."""
    (body,) = node.parts
    for rate in terms_of(body) if body.kind == "sum" else ():
        if rate.kind != "indexed" or not is_greek(rate.value[0]) or rate.value[0] in shapes.declared or rate.value[0] in shapes.given.by:
            continue
        by = next((n.value for n in walked(body) if n.kind == "name" and n.value in shapes.given.by), "")
        if by:
            shown = shapes.text[rate.start : rate.end]
            hint = f'define it: where="{rate.value[0]}_i = …", or declare {rate.value[0]}: (n) where it does not'
            yield failing(f"does `{shown}` depend on {by}?", rate, hint)


def row(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """w_j beside W, by W: a row of it, or another array."""
    stem, places = node.value
    whole, apart = _capital(stem), not {stem, stem.upper()} & shapes.declared.keys() and stem not in shapes.given.by
    if len(places) == 2 and whole in shapes.inferred and stem != whole and not {stem, whole} & shapes.declared.keys():
        if {stem, whole} & shapes.given.by and all(isinstance(p, At) for p in places):
            shown = shapes.text[node.start : node.end]
            hint = f"write {shown.replace(stem, whole, 1)} if it is; or declare {stem}: (m, n) apart from it"
            yield failing(f"is `{shown}` an entry of {whole}?", node, hint)
    single = len(places) == 1 == len(stem) and isinstance(places[0], (At, Label))
    if single and apart and stem != whole in shapes.given.by and whole in shapes.inferred:
        yield _a_part(node, whole, shapes)


def outer(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """Σ_i x_i x_i^T, a number only of rows x_i: of columns it is a matrix."""
    for a, _, b in node.neighbours:
        turned = b.parts[0] if b.kind == "transpose" else node
        if a.kind == turned.kind == "indexed" and a.value == turned.value and a.shape[0] == 1 != a.shape[1] and a.stem in shapes.inferred:
            shown = shapes.text[a.start : b.end]
            hint = f"of columns it is a matrix: take tr or log det; the number is norm({a.stem}_i)^2; rows are declared {a.stem}_i: (1, d)"
            yield failing(f"is `{shown}` a number?", (a.start, b.end), hint)


def residuals(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """Σ_k e_k'Q e_k and Σ_i ‖e_i + J x_i‖², where e_i would be a column of the identity, and is most likely a residual."""

    def is_unit(part: Node) -> bool:
        if part.kind != "item" or part.parts[0].word != "I" or part.shape == SCALAR:
            return False
        return shapes.text[part.parts[0].start] != "I" and any(place == At(node.value[1]) for place in places_of(part))

    products = [n for n in walked(*node.parts, into=factors) if n.kind == "product"]
    forms = [p for n in products for p in n.parts if is_unit(p) and any(q.kind == "transpose" and is_unit(q.parts[0]) for q in n.parts)]
    terms = [p for n in walked(*node.parts) if n.kind == "sum" for p in terms_of(n) if is_unit(p)]
    for unit in (*forms, *terms)[:1]:
        shown, letter = shapes.text[unit.start : unit.end], node.value[1].partition("·")[0]
        hint = f"declare {shown}: (m), {letter} = 1..n where they are residuals, or write I_{{:,{letter}}}"
        yield failing(f"are {shown} the columns of the identity, or others?", unit, hint)


def _capital(stem: str) -> str:
    """The W of w, the Phi of phi; nothing of a word."""
    return stem.upper() if len(stem) == 1 else stem.capitalize() if stem and is_greek(stem) else ""


def regularized(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """‖W‖² beside w_j, and ‖w_j‖ beside W, by w: a row of W, or of another array."""
    (part,) = node.parts
    for stem in shapes.given.by & shapes.inferred.keys() - shapes.declared.keys():
        whole = _capital(stem)
        alone = part.kind == "name" and part.stem == whole or part.kind == "indexed" and part.stem == stem
        if alone and stem != whole in shapes.inferred and 1 not in shapes.inferred[stem][1] and whole not in shapes.declared:
            yield _a_part(part, whole, shapes)


def _a_part(node: Node, whole: str, shapes: Shapes) -> MatcalcError:
    """Whether w_j is a part of W; `node` is the one or the other."""
    stem = node.stem.lower()
    found = re.search(rf"(?<![a-z]){stem}\W*_\W*([a-z])(?![\w(])", shapes.text)
    letter = found[1] if found else "j"
    shown = shapes.text[node.start : node.end] if node.kind == "indexed" else f"{stem}_{letter}"
    hint = f"write {shown.replace(stem, whole, 1)} for a row of it, {whole}_{{:,{letter}}} for a column; "
    hint += f"or declare {stem}_{letter}: (d), {letter} = 1..n apart from it"
    return failing(f"is {shown} a part of {whole}?", node, hint)


def of_one_number(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """sum(x_i) below a sum over i, which would be x_i itself."""
    within = node.parts[0] if node.value[0] in ("sum", "mean") and node.parts else node
    if within is not node and within.shape == SCALAR:
        entry = next((n for n in walked(within) if stem_of(n) in shapes.inferred), None)
        if entry:
            shown, stem = shapes.text[entry.start : entry.end], stem_of(entry)
            hint = f"write {node.value[0]}({stem}) for that of all; or declare {stem}_i: (d), i = 1..n"
            yield failing(f"`{shown}` is one number here: the {node.value[0]} over which index?", node, hint)
