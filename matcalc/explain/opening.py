"""The first line of a derivation: the expression and its parts as their author wrote them."""

from __future__ import annotations

from collections.abc import Mapping

from matcalc.expr import Expr, Manner, postorder, substitute, transpose, variables
from matcalc.expr.node import node


def as_written(e: Expr, meaning: Mapping[Expr, Expr], meant: dict[Expr, Expr], manner: Manner) -> list[Expr]:
    """`e`, over names for parts, as it stands in the text; where the text has other parts, the text, and then `e` in the author's order.

    `meaning` has what the names stand for, `meant` what each expression of the text is, as it stands there.
    """
    whole = substitute(e, meaning)
    ordered = manner.in_order(e)[e]
    text = next((t for t, what in reversed(meant.items()) if what is whole), None)
    if text is None:
        return [ordered]
    letters = {what: name for name, what in meaning.items() if what is not whole}
    letters |= {transpose(what): transpose(name) for what, name in letters.items() if transpose(what) not in letters}
    done: dict[Expr, Expr] = {}
    for n in postorder(text):
        letter = letters.get(meant.get(n, n)) if n is not text else None
        done[n] = letter or (node(n.op, tuple(done[a] for a in n.args), n.data, n.shape) if n.args else n)
    made = done[text]
    return [made] if meaning.keys() & variables(made) == meaning.keys() & variables(e) else [text, ordered]
