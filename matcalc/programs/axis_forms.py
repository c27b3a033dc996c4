"""Forms for arrays of any number of axes: views, sums over axes, products of stacks, and entries at places."""

from __future__ import annotations

from functools import cache

from matcalc.programs import forms as F
from matcalc.programs.forms import Form

# fmt: off
SUM_LAST = Form("sum_rows", "{0} @ np.ones({0}.shape[-1], {0}.dtype)", jax="{0}.sum(axis=-1)", torch="{0}.sum(-1)")
INVERSES = Form("inverses", "np.linalg.inv({0})")
DETS     = Form("dets",     "np.linalg.det({0})")
LOGDETS  = Form("logdets",  "np.linalg.slogdet({0})[1]", real=True)
FLATTENED = Form("flattened", "{0}.reshape(*{0}.shape[:-2], -1)")
UNFLATTENED = Form("unflattened", "{0}.reshape(*{0}.shape[:-1], {1}, {2})")
LABELS   = Form("labels",   "_places({0}, {1})")            # labels from 1 as places from 0
EQUAL    = Form("equal",    "np.equal({0}, {1}).astype({like}.dtype)", jax="jnp.equal({0}, {1}).astype({like}.dtype)",
                torch="torch.eq({0}, {1}).to({like})")
RANGE    = Form("range",    "np.arange({0})",               torch="torch.arange({0}, device={like}.device)")
ALONG    = Form("along",    "_along({0}, {1})")             # the entries of the first axis at places that depend on the others
ADDED_AT = Form("added_at", "_added_at({0}, {1}, {2})")
# fmt: on


@cache
def permuted(order: tuple[int, ...]) -> Form:
    """Axes in another order: a view."""
    moved = [i for i, k in enumerate(order) if i != k]
    if len(moved) == 2:
        names = ["-1", "-2"] if moved == [len(order) - 2, len(order) - 1] else [str(i) for i in moved]
        return Form("swapped", f"{{0}}.swapaxes({', '.join(names)})", view=True)
    text = ", ".join(map(str, order))
    return Form("permuted", f"{{0}}.transpose({text})", torch=f"{{0}}.permute({text})", view=True)


@cache
def inserted(new: tuple[bool, ...]) -> Form:
    """New axes of length 1, where it says so: a view."""
    known = {(False, True): F.COLUMN, (False, False, True): F.DEEP, (False, True, False): F.MIDDLE}
    if new in known:
        return known[new]
    return Form("inserted", f"{{0}}[{', '.join('None' if is_new else ':' for is_new in new)}]", view=True)


@cache
def summed(places: tuple[int, ...]) -> Form:
    text = str(places[0]) if len(places) == 1 else str(places)
    return Form("sum_columns", f"{{0}}.sum(axis={text})", torch=f"{{0}}.sum({text})")


@cache
def largest(place: int) -> Form:
    return Form("largest", f"{{0}}.max(axis={place})", torch=f"{{0}}.amax({place})")


@cache
def einsum(spec: str) -> Form:
    return Form("einsum", f'np.einsum("{spec}", {{*}})')


@cache
def tensordot(left: tuple[int, ...], right: tuple[int, ...]) -> Form:
    return Form("tensordot", f"np.tensordot({{0}}, {{1}}, ({list(left)}, {list(right)}))")


@cache
def sliced(place: int, begin: str, end: str) -> Form:
    """A stretch of an axis: a view; where it begins and ends, counted from the end if negative, if no operand says so."""
    return Form("sliced", f"{{0}}[{':, ' * place}{begin}:{end}]", view=True)


@cache
def taken(place: int) -> Form:
    return Form("taken", f"{{0}}[{':, ' * place}{{1}}]")


@cache
def padded(place: int, ndim: int) -> Form:
    """Zeros before and after, along an axis."""
    pairs = ", ".join("({1}, {2})" if k == place else "(0, 0)" for k in range(ndim))
    last_first = "0, 0, " * (ndim - 1 - place) + "{1}, {2}"
    return Form("padded", f"np.pad({{0}}, ({pairs}{',' * (ndim == 1)}))", torch=f"torch.nn.functional.pad({{0}}, ({last_first}))")


@cache
def merged(some: int, few: int) -> Form:
    """The last axes, some, as a few of the sizes that follow."""
    sizes = ", ".join(f"{{{k + 1}}}" for k in range(few))
    return Form("merged", f"{{0}}.reshape(*{{0}}.shape[:-{some}], {sizes})")
