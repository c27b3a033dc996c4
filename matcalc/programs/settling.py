"""Decisions that need all of the code: who else uses an array, or a factorisation, and when.

A factorisation that serves once is the library's own call; what writes over its operand does so where nobody uses that any more.
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
    """The code with these decisions made; what `stays` from call to call is not changed in place.

    What `is_large` is written over an operand that others have used before, too, and so are sums and products of entries.
    """
    order = in_order(codes)
    uses = Counter(a for c in order for a in c.args)
    uses.update(codes)
    done: dict[Code, Code] = {}
    for c in order:
        form, args = c.form, tuple(done[a] for a in c.args)
        if target == "torch":
            args = _of_one_type(arrays, form, args)
        if (
            form in F.ALONE and uses[c.args[0]] == 1 and args[0].form not in (*F.CHOLESKIES, F.CHOLESKY_OF_HERMITIAN)
        ):  # of what must be positive definite
            form, args = F.ALONE[form], (args[0].args[0], *args[1:])
        elif form is F.LOGISTIC and target != "numpy":
            form, args = OPERATORS["sigmoid"], (arrays.negative(args[0]),)
        elif form is F.STEPS and target != "numpy":
            form = OPERATORS["step"]
        done[c] = arrays.remade(c, args, form)
    if target == "torch":
        for c in codes:
            if _may_be_conjugate(done[c]):
                done[c] = arrays.call(F.RESOLVED, done[c], shape=c.shape)
    if target != "numpy":
        return done
    written = _written_over(arrays, [done[c] for c in codes], {done[c] for c in stays if c in done}, is_large)
    return {c: written[d] for c, d in done.items() if d in written}


def _may_be_conjugate(c: Code) -> bool:
    """Whether it is a view of a conjugate, which PyTorch does not compute before it is asked for entries."""
    view = c.form in F.PARTS or isinstance(c.form, F.Form) and c.form.view
    return c.form in (F.CONJ, F.CONJ_OF_NUMBER) or view and _may_be_conjugate(c.args[0])


def _of_one_type(arrays: Arrays, form: F.Form | Op, args: tuple[Code, ...]) -> tuple[Code, ...]:
    """The operands, all complex where one is and PyTorch multiplies or solves with one type only."""
    if not any(a.complex for a in args) or isinstance(form, Op) and form.elementwise or form in F.PROMOTING:
        return args

    def in_complex(a: Code) -> Code:
        if a.complex or not a.shape or a.form is F.SIZE:
            return a
        if a.form in F.FACTORS:
            return arrays.call(a.form, in_complex(a.args[0]), shape=a.shape)
        return arrays.call(F.TO_COMPLEX, a, shape=a.shape, complex=True)

    return tuple(map(in_complex, args))


def _written_over(arrays: Arrays, codes: Sequence[Code], stays: Collection[Code], is_large: Callable[[Code], bool]) -> dict[Code, Code]:
    """The code that writes over operands of which it is the last reader."""
    order = in_order(codes)
    readers: dict[Code, list[Code]] = {c: [] for c in order}
    for c in reversed(order):
        for a in set(c.args):
            readers[a] += [c, *(readers[c] if _shares_memory(c) else ())]
    place, kept, done = {c: i for i, c in enumerate(order)}, set(codes), dict[Code, Code]()
    unused: list[Code] = []  # large arrays that are there and may be needed no more

    def is_free(a: Code, c: Code) -> bool:
        """Whether nobody needs the array, or what it is the transpose of, after c has read it."""
        a, view = (a.args[0], a) if a.form is F.T else (a, a)
        others = [r for r in readers[a] if r is not c and r is not view]
        if not _is_made(a) or {a, view} & kept or others and not is_large(a) or any((r in stays) != (c in stays) for r in (a, *others)):
            return False
        return not any(place[r] > place[c] or r in kept and _shares_memory(r) for r in others)

    for c in order:
        form, over = c.form, None
        args = tuple(done[a] for a in c.args)
        if c.args and is_free(c.args[0], c):
            form = F.NEGATIVE_IN_PLACE if form is F.NEG and is_large(c) else in_place(form) or form
            over = c.args[0] if form is not c.form else None
        if form in F.INTO and is_large(c):
            over = next((a for a in (*c.args, *unused) if a.shape == c.shape and is_free(a, c)), None)
            if over is not None:
                form = F.INTO[form][c.args.index(over) if over in c.args else 2]
                args = args if over in c.args else (*args, done[over])
        base = over.args[0] if over is not None and over.form is F.T else over
        if base in unused:
            unused.remove(base)
        if _is_made(c) and is_large(c):
            unused.append(c)
        done[c] = arrays.remade(c, args, form)
    return done


def by_columns(arrays: Arrays, codes: Sequence[Code], alone: Collection[F.Form]) -> dict[Code, Code]:
    """The code for arrays stored column by column: entries one after the other are in that order.

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
            done[c] = arrays.remade(c, args)
    return done


def overwritten(c: Code) -> Code | None:
    """The operand in whose memory it is."""
    if c.form in F.OVERWRITING:
        return c.args[0]
    return next((c.args[i] for forms in F.INTO.values() for i, form in enumerate(forms) if c.form is form), None)


def _shares_memory(c: Code) -> bool:
    """Whether it may be a view of an operand."""
    return c.ndim > 0 and not _is_new(c) and c.form not in (*F.FACTORS, F.EIGH)


def _is_made(c: Code) -> bool:
    """Whether it is an array of its own, not an argument or a view; of vectors a new one costs nothing."""
    return c.ndim > 1 and _is_new(c)


def _is_new(c: Code) -> bool:
    return c.form in F.FRESH or isinstance(c.form, Op) and (c.form.elementwise and c.form.name not in F.VIEWS or c.form.name in F.NEW)


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


def has_argument(c: Code) -> bool:
    return any(a.form is F.ARGUMENT for a in in_order([c]))
