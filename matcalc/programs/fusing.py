"""What the compiler of JAX is given otherwise: elementwise work stands beside elementwise work, which it makes one loop of.

| code                         | for that compiler                                                        |
|------------------------------|--------------------------------------------------------------------------|
| s (X' v), v elementwise      | X' (s v): no pass of its own over the product                            |
| softplus(x) and sigmoid(± x) | max(x, 0) + log1p(e) and (1 or e)/(1 + e), with one e = exp(-abs(x))     |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from matcalc.expr.node import Op
from matcalc.operators import OPERATORS
from matcalc.programs import forms as F
from matcalc.programs.arrays import Arrays
from matcalc.programs.forms import Code
from matcalc.programs.settling import in_order

ABS, EXP, LOG1P, RELU, SIGMOID = (OPERATORS[name] for name in ("abs", "exp", "log1p", "relu", "sigmoid"))
LOOPS = (*F.INFIX, F.NEG, F.POWER, F.SQRT, F.OUTER)


def fused(arrays: Arrays, codes: Sequence[Code], stays: Collection[Code] = ()) -> dict[Code, Code]:
    """What each piece of code becomes; a product that `stays` from call to call is left as it is."""
    order = in_order(codes)
    uses = Counter(a for c in order for a in c.args)
    uses.update(codes)
    alone = {c for c, n in uses.items() if n == 1 and c not in codes and c not in stays}
    smooth = {c.args[0] for c in order if c.form is F.SOFTPLUS}
    paired = smooth & {x for c in order if c.form is SIGMOID for x in (c.args[0], arrays.negative(c.args[0]))}
    done: dict[Code, Code] = {}
    for c in order:
        made = _moved(arrays, c, alone, done) or _paired(arrays, c, paired, done)
        if made is None:
            args = tuple(done[a] for a in c.args)
            made = c if args == c.args else arrays.call(c.form, *args, data=c.data, shape=c.shape, plain=c.plain)
        done[c] = made
    return done


def _moved(arrays: Arrays, c: Code, alone: set[Code], done: dict[Code, Code]) -> Code | None:
    """A scalar factor of a product, moved to the factor that is computed entry by entry."""
    if c.form is F.NEG:
        s, product = arrays.number(-1), c.args[0]
    elif c.form is F.TIMES and not c.args[0].shape:
        s, product = done[c.args[0]], c.args[1]
    else:
        return None
    if product.form is not F.MATMULS or not product.shape or product not in alone:
        return None
    for i, f in enumerate(product.args):
        if f in alone and (f.form in LOOPS or isinstance(f.form, Op) and f.form.elementwise):
            factors = [done[g] for g in product.args]
            factors[i] = arrays.multiply(s, factors[i])
            return arrays.call(F.MATMULS, *factors, shape=product.shape)
    return None


def _paired(arrays: Arrays, c: Code, paired: set[Code], done: dict[Code, Code]) -> Code | None:
    """Softplus or the logistic function of what both are wanted of; neither overflows."""
    if c.form is not F.SOFTPLUS and c.form is not SIGMOID:
        return None
    turned = c.args[0] not in paired
    key = arrays.negative(c.args[0]) if turned else c.args[0]
    if key not in paired:
        return None
    x = done[key]
    e = arrays.call(EXP, arrays.negative(arrays.call(ABS, x, shape=x.shape)), shape=x.shape)
    if c.form is F.SOFTPLUS:
        return arrays.add(arrays.call(RELU, x, shape=x.shape), arrays.call(LOG1P, e, shape=x.shape))
    top = arrays.call(F.OR_ONE if turned else F.ONE_OR, x, e, shape=x.shape)
    return arrays.divide(top, arrays.add(arrays.number(1), e))
