"""What can only be decided once all code is there: who else uses an array, or a factorisation.

A factorisation that serves once is the library's own call; what writes over its operand does so where nobody else uses that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence

from matcalc.expr.node import Op
from matcalc.operators import OPERATORS
from matcalc.programs import forms as F
from matcalc.programs.arrays import Arrays
from matcalc.programs.forms import Code, in_place


def settled(
    arrays: Arrays, codes: Sequence[Code], target: str, stays: Collection[Code] = (), is_large: Callable[[Code], bool] = lambda _: False
) -> dict[Code, Code]:
    """What each piece of code becomes by these decisions; what `stays` from call to call is not changed in place.

    Of what `is_large`, sums and products of entries are written over an operand too.
    """
    order = in_order(codes)
    uses = Counter(a for c in order for a in c.args)
    uses.update(codes)
    done: dict[Code, Code] = {}
    for c in order:
        form, args = c.form, tuple(done[a] for a in c.args)
        if form in F.ALONE and uses[c.args[0]] == 1 and args[0].form is not F.CHOLESKY:  # of what must be positive definite
            form, args = F.ALONE[form], (args[0].args[0], *args[1:])
        elif form is F.LOGISTIC and target != "numpy":
            form, args = OPERATORS["sigmoid"], (arrays.negative(args[0]),)
        elif form is F.STEPS and target != "numpy":
            form = OPERATORS["step"]
        elif target == "numpy" and c.args and uses[c.args[0]] == 1 and c.args[0] not in codes and _is_made(c.args[0]):
            if (c.args[0] in stays) == (c in stays):
                form = in_place(form) or form
        if target == "numpy" and c.form in F.INTO and is_large(c):
            for i, a in enumerate(c.args):
                if uses[a] == 1 and a not in codes and a.shape == c.shape and _is_made(a) and (a in stays) == (c in stays):
                    form = F.INTO[c.form][i]
                    break
        same = form is c.form and args == c.args
        done[c] = c if same else arrays.call(form, *args, data=c.data, shape=c.shape, plain=c.plain)
    return done


def by_columns(arrays: Arrays, codes: Sequence[Code], alone: Collection[F.Form]) -> dict[Code, Code]:
    """What each piece of code becomes where arrays are stored column by column: entries one after the other are in that order.

    A factorisation that is one of those `alone` and serves once is the matrix itself.
    """
    order, done = in_order(codes), dict[Code, Code]()
    uses = Counter(a for c in order for a in c.args)
    for c in order:
        args = tuple(done[a] for a in c.args)
        if c.form in F.SOLVING and args[0].form in alone and uses[c.args[0]] == 1:
            args = (args[0].args[0], *args[1:])
        if c.form is F.FLAT and args[0].ndim == 2:
            done[c] = arrays.call(OPERATORS["vec"], arrays.transpose(args[0]), shape=c.shape)
        elif c.form is F.RESHAPE and args[0].ndim in (1, 2):
            turned = arrays.call(OPERATORS["unvec"], arrays.transpose(args[0]), data=c.shape[::-1], shape=c.shape[::-1])
            done[c] = arrays.transpose(turned)
        elif c.form is OPERATORS["sigmoid"]:
            done[c] = arrays.call(F.LOGISTIC, arrays.negative(args[0]), shape=c.shape, plain=c.plain)
        else:
            done[c] = arrays.call(c.form, *args, data=c.data, shape=c.shape, plain=c.plain)
    return done


def _is_made(c: Code) -> bool:
    """Whether it is an array of its own, not an argument or a view; of vectors a new one costs nothing."""
    return c.ndim > 1 and (c.form in F.FRESH or isinstance(c.form, Op) and c.form.elementwise)


def in_order(codes: Sequence[Code]) -> list[Code]:
    """All code below `codes`, operands before what uses them."""
    seen: set[Code] = set()
    out: list[Code] = []
    stack = [(c, False) for c in reversed(codes)]
    while stack:
        c, done = stack.pop()
        if done:
            out.append(c)
        elif c not in seen:
            seen.add(c)
            stack.append((c, True))
            stack.extend((a, False) for a in reversed(c.args) if a not in seen)
    return out
