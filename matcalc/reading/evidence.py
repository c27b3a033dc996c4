"""Evidence from the place of a name: which names can be no scalars, whatever their letter, and why.

A name that is transposed, a summand of what is transposed or of a norm, what a reduction is applied to, and what has
entries is no scalar: ``(x − μ)'``, ``‖y − θ‖``, ``sum(x^2)``, ``θ[k]``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from matcalc.expr.applying import signature
from matcalc.operators import CONSTANTS, FUNCTIONS
from matcalc.reading.letters import VECTORS, is_greek, kind_by_spelling
from matcalc.reading.tree import COLON, DOT_OVER, OVER, TIMES, Node, Operator, walked

OF_ARRAYS = frozenset(("@", "⊗", "\\otimes"))  # products that numbers have none of
INNER = frozenset(("·", "⋅", "•", "∙", "\\cdot"))  # of two vectors: their inner product
DOTTED = "in an inner product"
SUMS = frozenset(("sum", "mean", "prod", "rowsum", "colsum"))
SUMMANDS = frozenset(("transposed", "in a norm"))
BY_ITSELF = {"transpose": "transposed", "norm": "in a norm", "along": "along an axis"}
DIVIDED = frozenset(("number", "norm", "power", "call", "sum"))
OF_NUMBERS = frozenset(("minus", "power", "product", "sum"))  # scalars where their parts are
TOTALS = frozenset(("over", "norm", "weighted", "log_bars"))
NAMED = frozenset(("name", "indexed", "item", "slice", "member"))
NORMS = frozenset(("norm", "norm1", "norm2", "normnuc", "normspec"))


class Evidence(NamedTuple):
    """Names that are no scalars, each with the reason; matrices of any letter; the nodes within a sum or norm, or a sum; numbers."""

    reasons: dict[str, str]
    matrices: frozenset[str]
    reduced: frozenset[Node]
    summed: frozenset[Node]
    numbers: frozenset[str]


def evidence(nodes: list[Node], own: Iterable[str], by: Collection[str] = ()) -> Evidence:
    """The evidence of the nodes, wholes before parts; `own` are functions of the text that the table does not mean.

    What is differentiated `by` is no number in X_i·θ.

    >>> from matcalc.reading import read
    >>> {s.name: s.reason for s in read("sum(x^2) + norm(y - theta)").symbols.values()}
    {'x': 'in sum( )', 'y': 'in a norm', 'theta': 'in a norm'}
    >>> [(s.name, s.kind, s.reason) for s in read("logdet(sigma)").symbols.values()]
    [('sigma', 'matrix', 'in logdet( )')]
    """
    own = frozenset(own)
    reasons: dict[str, str] = {}
    asked: dict[Node, tuple[str, bool, bool]] = {}  # what is no scalar: why, whether it is the whole, whether its summands are none either
    reduced: set[Node] = set()
    summed: set[Node] = set()
    matrices: set[str] = set()
    numbers: set[str] = set()
    measured = {n.parts[0].value for n in nodes if n.kind == "bars" and n.parts[0].kind == "name"}
    for node in nodes if len(measured) > 1 else ():  # x·y/(|x||y|)
        for a, operator, b in node.neighbours if node.kind == "product" else ():
            if operator.text in INNER and a.kind == b.kind == "name" and {a.value, b.value} <= measured:
                reasons.update(dict.fromkeys((a.value, b.value), DOTTED))
    for a, operator, b in (three for n in nodes if by and n.kind == "product" for three in n.neighbours):
        for row, of in ((a, b), (b, a)):
            if operator.text in INNER and row.kind == "indexed" and row.stem[0].isupper() and of.kind == "name" and of.value in by:
                reasons.update(dict.fromkeys((row.stem, of.value), DOTTED))
    for side in (p for n in nodes if n.kind == "product" for a, o, b in n.neighbours if o.kind == COLON for p in (a, b)):
        tensors = [term.unsigned for term in (side.parts if side.kind == "sum" else (side,))]
        found = [n.stem for n in (t.parts[0] if t.kind == "transpose" else t for t in tensors) if n.stem]
        matrices.update(found)
        reasons.update(dict.fromkeys(found, "in A : B"))
    for a, operator, b in (three for n in nodes if n.kind == "product" for three in n.neighbours):  # w'x_i
        if a.kind == "transpose" and operator.kind == TIMES and a.parts[0].stem and b.kind == "indexed" and b.stem[0].islower():
            reasons.setdefault(b.stem, "right of a matrix")
    for node in reversed(nodes):
        if not node.parts:
            if node in asked and node.stem:
                reasons.setdefault(node.stem, asked[node][0])
            continue
        name = node.value[0] if node.kind == "call" and node.value[0] not in own else ""
        for marked, begins in ((reduced, name in SUMS or name in NORMS or node.kind == "norm"), (summed, name in SUMS)):
            if begins or node in marked:
                marked.update(node.parts)
        if node in asked:
            reason, whole, summands = asked[node]
            if summands and node.kind == "sum" and any(map(_is_inner, node.parts)):
                numbers.update(t.unsigned.value for t in node.parts if t.unsigned.kind == "name")
            for part, still_whole, still_summands in _passed_on(node, whole, summands):
                asked[part] = reason, still_whole, still_summands
        if node.kind in ("item", "slice") and len(node.value) == 2 and node.parts[0].kind == "name":
            matrices.add(node.parts[0].value)
        for part, reason in _begun(node, name):
            asked.setdefault(part, (reason, True, reason in SUMMANDS))
            if name and part.stem and _takes_square(name):
                matrices.add(part.stem)
    return Evidence(reasons, frozenset(matrices), frozenset(reduced), frozenset(summed), frozenset(numbers))


def _begun(node: Node, name: str) -> list[tuple[Node, str]]:
    """The parts of which a node says that they are no scalars."""
    if node.kind in BY_ITSELF:
        return [(node.parts[0], BY_ITSELF[node.kind])]
    if node.kind == "item":
        return [(node.parts[0], "has entries" if len(node.value) == 1 else "has two indices")]
    if node.kind == "product":
        return [(part, "in a product of arrays") for a, o, b in node.neighbours if o.text in OF_ARRAYS for part in (a, b)]
    wanted = takes_arrays(name, len(node.parts)) if name else ()
    if _takes_square(name) and len(node.parts) == 1:  # of tr(ρ log ρ) nothing follows
        wanted = (node.parts[0].kind != "product",)
    if name == "normalpdf" and any(part.kind in ("power", "number") for part in node.parts[2:]):  # N(x | μ, σ²), of numbers
        wanted = ()
    reason = "in a norm" if name in NORMS else f"in {name}( )"
    return [(part, reason) for part, array in zip(node.parts, wanted, strict=False) if array]


def _passed_on(node: Node, whole: bool, summands: bool) -> list[tuple[Node, bool, bool]]:
    """The parts that are no scalars where the node is none: they have its shape."""
    kind, parts = node.kind, node.parts
    if kind == "sum":
        return [(part, False, True) for part in parts] if summands and not any(map(_is_inner, parts)) else []
    if kind in ("minus", "transpose") or kind == "over" and node.value[0] == "sum":
        return [(parts[0], whole, summands)]
    if kind == "product" and (vector := scaled(node)):
        return [(vector, whole, summands)]
    if kind == "product":
        apart = [p for p in parts if p.kind != "number"]
        apart = apart if len(apart) == 1 else [p for p in apart if p.kind != "name" or not is_greek(p.value)]  # σ s_i
        return [(apart[0], whole, summands)] if len(apart) == 1 and all(o.kind in (TIMES, OVER) for o in node.value) else []
    entrywise = kind in ("power", "dot_power", "exponential") or kind == "call" and len(parts) == 1 and by_entries(node.value[0])
    return [(parts[0], True, False)] if whole and entrywise else []


def scaled(product: Node) -> Node | None:
    """The x_i of α_i x_i: what a Greek letter with an index, that is rather a number, stands before."""
    factors = [p for p in product.parts if p.kind != "number"]
    if len(factors) != 2 or any(p.kind != "indexed" for p in factors) or any(o.kind != TIMES for o in product.value):
        return None
    number, vector = factors
    one = len(number.value[1]) == 1 and is_greek(number.stem) and number.stem not in VECTORS
    return vector if one and not is_greek(vector.stem) else None


def _is_inner(node: Node) -> bool:
    """Whether it is the w'x_i of ‖y_i − w'x_i‖: what is added to that is most likely a number."""
    product = node.unsigned
    row, column = product.parts if product.kind == "product" and len(product.parts) == 2 else (node, node)
    return row.kind == "transpose" and all(n.kind == "slice" or n.stem[:1].islower() for n in (row.parts[0], column))


def by_entries(name: str) -> bool:
    function = FUNCTIONS.get(name)
    return function is None or function.overloads[0][0] == "*"


def numbers_by_place(nodes: list[Node], integers: Collection[str] = ()) -> dict[str, str]:
    """The upper-case names that stand where numbers do: in an exponent, a quotient with a number, before what is a scalar.

    Each with the reason, where it surely is one: a number, a column or a norm is divided by it, it stands below a line, or over
    one before H H', which a matrix would leave unsymmetric.  That of ``x'/A`` may be a matrix.

    >>> from matcalc.reading import read
    >>> [s.name for s in read("C*norm(w)^2/(2*M) + sum(A*w)/N", scalar=True).symbols.values() if s.kind == "scalar"]
    ['C', 'M', 'N']
    """
    found: dict[str, str] = {}
    scalars: set[Node] = set()
    nameless: set[Node] = set()
    for node in nodes:
        kind, parts = node.kind, node.parts
        if (kind not in NAMED or isinstance(node.value, str) and node.value in CONSTANTS) and all(p in nameless for p in parts):
            nameless.add(node)
        known = kind in OF_NUMBERS and parts and all(p in scalars or p.kind == "number" for p in parts)
        total = kind == "call" and (function := FUNCTIONS.get(node.value[0])) and function.overloads[0][0].endswith("->()")
        if known or total or kind in TOTALS:
            scalars.add(node)
        if kind in ("power", "dot_power"):
            _named(parts[1], found)
            if is_real(parts[1], integers):
                _named(parts[0], found)
                scalars.add(node)
        for square in walked(parts[0], into=_unmeasured) if kind == "over" else ():  # \sum_i (y_i - A exp(-B x_i))^2
            if square.kind == "power" and square.parts[0].kind == "sum":
                for n in walked(square.parts[0], into=_unmeasured):
                    _named(n, found)
        if kind == "product" and parts[1].kind == "transpose" and parts[1].parts[0].kind == "name" and parts[1].parts[0].value[0].islower():
            _named(parts[0], found)  # N x'P x
        quotient = parts[0] if kind == "product" and parts[0].kind == "product" else node  # \frac PN H H', P/N*H*H'
        if kind == "product" and quotient.value[0].kind == OVER and _mirrored(parts[1 if quotient is not node else 2 :]):
            _named(quotient.parts[0], found, "over a number")
        for k, part in enumerate(parts if kind == "product" else ()):
            sure = k > 0 and _divides(parts[k - 1], node.value[k - 1], part)
            below = k > 0 and node.value[k - 1].kind == OVER
            over = k < len(node.value) and node.value[k].kind in (OVER, DOT_OVER) and parts[k + 1].kind == "number"
            if sure or below or over or any(p in scalars or p in nameless and p.kind == "call" for p in parts if p is not part):
                _named(part, found, "divides" * sure)
    return found


def numbers_of_programs(nodes: list[Node], numpy: bool) -> dict[str, str]:
    """The names that are numbers where arrays fit too, by where alone they stand, each with the reason.

    The n of (1/n) * r @ r + lam/n * w @ w in NumPy, the p of abs(x).^p.
    """
    counts, found, reasons = Counter(n.value for n in nodes if n.kind == "name"), Counter[str](), dict[str, str]()

    def count(part: Node, reason: str) -> None:
        names = [n.value for n in walked(part) if n.kind == "name"]
        found.update(names)
        reasons.update(dict.fromkeys(names, reason))

    for node in nodes:
        if node.kind == "dot_power" and node.parts[0].kind != "number":
            count(node.parts[1], "an exponent")
        for o, below in zip(node.value, node.parts[1:], strict=True) if node.kind == "product" and numpy else ():
            if o.kind in (OVER, DOT_OVER) and below.kind == "name" and below.value in ("m", "n"):
                count(below, "divides")
        first = node.parts[0] if node.kind == "product" and node.parts[0].kind == "product" else node
        for k, (a, o, below) in enumerate(first.neighbours if node.kind == "product" and numpy else ()):  # 0.5*lam/k before arrays
            if a.kind != "number" and not (a.kind == "name" and kind_by_spelling(a.value) == "scalar"):
                break
            if o.kind in (OVER, DOT_OVER) and below.value not in ("m", "n") and (first is not node or k + 2 < len(node.parts)):
                count(below, "divides")
    return {name: reason for name, reason in reasons.items() if found[name] == counts[name]}


def _unmeasured(node: Node) -> tuple[Node, ...]:
    return node.parts if node.kind not in BY_ITSELF else ()


def is_real(exponent: Node, integers: Collection[str] = ()) -> bool:
    """Whether an exponent is no whole number and no root: α, 1 − α, 0.3."""
    leaves = [n for n in walked(exponent) if not n.parts]
    return any(n.kind == "name" and n.value not in integers or n.kind == "number" and 2 * n.value % 1 for n in leaves)


def _divides(before: Node, operator: Operator, part: Node) -> bool:
    column = before.kind == "name" and not before.value[0].isupper()
    total = before.kind == "norm" or before.kind == "call" and before.value[0] in SUMS
    factors = [f.parts[0] if f.kind == "power" else f for f in (part.parts if part.kind == "product" else (part,))]
    below = operator.text[:1] not in ("/", "")  # the line of a \frac
    fits = operator.kind == OVER and (below or column or before.kind in DIVIDED) or operator.kind == DOT_OVER and total
    return fits and all(n.kind in ("number", "name") for n in factors)


def _mirrored(factors: Sequence[Node]) -> bool:
    """Whether factors are H H', or H Q H'."""
    half = len(factors) // 2
    pairs = zip(factors[:half], reversed(factors), strict=False)
    ends = [{n.kind: (n.parts[0] if n.kind == "transpose" else n).stem for n in pair} for pair in pairs]
    return half > 0 and all(e.keys() == {"name", "transpose"} and e["name"] == e["transpose"] for e in ends)


def _named(part: Node, found: dict[str, str], sure: str = "") -> None:
    """Puts in the upper-case names that a number is made of: N, N/2, N − 1; `sure` is why it surely is one."""
    for node in walked(
        part, into=lambda n: n.parts if n.kind in ("minus", "sum", "product") else n.parts[: bool(sure)] if n.kind == "power" else ()
    ):
        if node.kind == "name" and node.value[0].isupper():
            found[node.value] = found.get(node.value) or sure


@lru_cache(maxsize=None)
def takes_arrays(name: str, count: int) -> tuple[bool, ...]:
    """Which of `count` arguments of a function of the language are vectors or matrices of any shape.

    >>> takes_arrays("inner", 2), takes_arrays("tr", 1), takes_arrays("exp", 1)
    ((True, True), (False,), (False,))
    """
    function = FUNCTIONS.get(name)
    taken = (False,) * count
    for text, _ in function.overloads if function is not None else ():
        inputs = signature(text)[0] if text[0] != "*" else ()
        if len(inputs) == count:
            taken = tuple(array or rows != columns for array, (rows, columns) in zip(taken, inputs, strict=True))
    return taken


def _takes_square(name: str) -> bool:
    """Whether a function is one of a square matrix: tr, det, inv."""
    function = FUNCTIONS.get(name)
    return function is not None and all(text.startswith("(n,n)->") for text, _ in function.overloads)
