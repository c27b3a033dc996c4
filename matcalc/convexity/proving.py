"""Whether a function is convex or concave, proved: by its second differential where it is smooth, else by composition."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import product as cartesian

from matcalc.calculus import differential
from matcalc.convexity.composing import AFFINE, CONCAVE, UNKNOWN, WORDS, Composer, Step
from matcalc.convexity.quadratic_forms import Form, NotQuadratic
from matcalc.convexity.ratios import exponent, is_zero
from matcalc.convexity.signs import NONNEGATIVE, NONZERO, Signs
from matcalc.convexity.spectra import OF_A_MATRIX, Affine
from matcalc.convexity.squares import NO, STRICT, STRONG, Part, Prover
from matcalc.errors import MatcalcError
from matcalc.expr import Expr, add, apply, known, name_of, postorder, properties_of, substitute, transform, untransposed, variables
from matcalc.expr import heads as H
from matcalc.expr.heads import ONE, number, variable
from matcalc.expr.products import factors, matpower, power, product, scaled, split
from matcalc.expr.properties import PROPERTIES, linear
from matcalc.limits import MOST_DERIVATIVES, MOST_LEVELS, MOST_PARTS
from matcalc.operators import call
from matcalc.operators.elementwise_functions import elementwise
from matcalc.operators.matrices import NORM, TR
from matcalc.simplification import rewritten, simplify
from matcalc.simplification.expanding import multiplied_out, spread

SIGN = {"convex": 1, "concave": -1}
BITS = {word: bits for bits, word in WORDS.items()}
EVEN = (2, 4, 6)  # powers of a norm that are smooth


@dataclass(frozen=True)
class Proof:
    """A verdict with its reasons: parts that add up to the second differential (its negative, where concave), or steps of composition."""

    verdict: str
    strict: str | None
    method: str  # "hessian" or "composition"
    second: Expr | None  # the second differential
    differentials: dict[Expr, Expr]  # of each variable
    parts: tuple[Part, ...] = ()
    steps: tuple[Step, ...] = ()


class Proving:
    """The proofs of one question: a function and the variables it is a function of."""

    def __init__(
        self,
        f: Expr,
        by: Sequence[Expr],
        given: dict[Expr, frozenset[str]] | None = None,
        *,
        quick: bool = False,
        but: Collection[str] = (),
        inner: bool = False,
    ) -> None:
        """`quick` leaves out what takes long; `but` are verdicts that are refuted; `inner` is a function of parts of another."""
        self.quick, self.inner = quick, inner
        self.signs_of = [(sign, verdict) for verdict, sign in SIGN.items() if verdict not in but]
        self.f = transform(rewritten(f), partial(_plainer, frozenset(by)))
        self.by = list(by)
        taken = {name_of(v) for v in variables(f)}
        self.d = {v: variable(_free("d" + name_of(v), taken), v.shape, linear(properties_of(v))) for v in by}
        self.nodes = postorder(self.f)
        self.remarks: list[str] = []
        self.affine = Affine(set(by))
        self.signs = Signs({**self._domain(), **(given or {})}, MOST_DERIVATIVES if quick else 0)
        still = {v: frozenset({"injective"}) for v in variables(self.f) if v.is_vector and v not in self.by}
        self.anywhere = Signs(still)  # where a vector of the data has to be nonzero it is so everywhere, or nowhere
        self.composer = Composer(self.affine, self.signs, self._by_hessian, self._perspective, self._of_number)
        self.hessians: dict[Expr, Proof | None] = {}

    def proof(self) -> Proof | None:
        """The verdict, where there is a proof of one: as it stands, else with like kinks put together, once."""
        found = self._as_it_stands()
        other = None if found is not None or self.quick else with_one_kink(self.f)
        refuted = SIGN.keys() - {verdict for _, verdict in self.signs_of}
        return found if other is None else Proving(other, self.by, but=refuted)._as_it_stands()

    def _as_it_stands(self) -> Proof | None:
        whole = self.hessian(self.f)
        if whole is not None or self.quick and self.is_smooth(self.f) and not any(n.op.name in OF_A_MATRIX for n in self.nodes):
            return whole
        together = self._together()
        if together is None:
            return None
        verdict, strict, parts, steps = together
        attached = self.terms(self.f, verdict)
        return Proof(verdict, strict, "composition", attached[0] if attached else None, self.d, attached[1] if attached else parts, steps)

    def terms(self, f: Expr, verdict: str) -> tuple[Expr, tuple[Part, ...]] | None:
        """The parts of the second differential, where a norm alone keeps the function from having one everywhere."""
        if verdict not in SIGN or any(n.op.smooth and n.op.name != "norm" for n in self.nodes if self.affine.moves(n)):
            return None
        found = self._parts(f, SIGN[verdict])
        return found[:2] if found else None

    # --- by the Hessian --------------------------------------------------------------------------------------------------------

    def _by_hessian(self, e: Expr) -> int:
        found = self.hessian(e)
        return UNKNOWN if found is None else BITS[found.verdict]

    def _perspective(self, e: Expr) -> int:
        """Of what is homogeneous of degree 1: that of its restriction to t = 1, where t is a positive variable."""
        mine = [v for v in self.by if v in variables(e)]
        t = next((v for v in mine if v.is_scalar and self.signs.positive(v)), None)
        if self.quick or t is None or len(mine) == 1:
            return UNKNOWN
        if not _is_homogeneous(e, mine, Fraction(1)):
            return UNKNOWN
        rest = [v for v in mine if v is not t]
        inner = Proving(substitute(e, {t: ONE}), rest, {v: names for v, names in self.signs.given.items() if v in rest}, inner=True)
        proof = inner.proof()
        return UNKNOWN if proof is None else BITS[proof.verdict]

    def _of_number(self, g: Expr, t: Expr) -> int:
        proof = None if self.quick else Proving(g, [t], inner=True).proof()
        return UNKNOWN if proof is None else BITS[proof.verdict]

    def rooted(self, e: Expr) -> Proof | None:
        """A positive power of what is nonnegative: convex where its second differential is so away from its zeros, which are its minima."""
        k = exponent(e)
        if not isinstance(k, Fraction) or k < 0:
            return None
        base = e.args[0]
        if not Signs().nonnegative(base) or not self.is_smooth(base) or not self._convex_domain(base):
            return None
        found = self._parts(e, 1)
        return Proof("convex", None, "composition", found[0], self.d, found[1]) if found and found[1] else None

    def hessian(self, f: Expr) -> Proof | None:
        """The verdict on a smooth function by its second differential."""
        if f not in self.hessians:
            self.hessians[f] = None
            self.hessians[f] = self._hessian(f)
        return self.hessians[f]

    def _hessian(self, f: Expr) -> Proof | None:
        if not self.is_smooth(f):
            return self.rooted(f)
        for sign, verdict in self.signs_of if f is self.f else [(sign, verdict) for verdict, sign in SIGN.items()]:
            found = self._parts(f, sign)
            if found is None:
                continue
            second, parts, level = found
            if not parts:
                return Proof("affine", None, "hessian", second, self.d)
            if not self._convex_domain(f):
                self.remarks.append(f"its Hessian is {'psd' if sign == 1 else 'nsd'}, but its domain was not seen to be convex")
                return None
            return Proof(verdict, {NO: None, STRICT: "strictly", STRONG: "strongly"}[level], "hessian", second, self.d, parts)
        return self._through(f)

    def _through(self, f: Expr) -> Proof | None:
        """As a function of the affine parts that it is made of: convex in these as variables of their own, it is so in what they are of."""
        if self.inner:
            return None
        nodes = postorder(f)
        degree = self.affine.degree
        outermost = dict.fromkeys(a for n in nodes if degree(n) == 2 for a in n.args if degree(a) == 1)
        parts = [untransposed(split(a)[1]) if split(a)[1] is not ONE and not a.is_scalar else untransposed(a) for a in outermost]
        parts = [a for a in dict.fromkeys(parts) if a not in self.by]
        if not parts or len(parts) > (1 if self.quick else MOST_PARTS):
            return None
        of, back = dict[Expr, Expr](), dict[Expr, Expr]()
        for k, a in enumerate(parts, 1):
            properties = self.signs.known(a) & PROPERTIES.keys()
            plain = properties & {"symmetric", "psd", "spd", "diagonal", "positive", "nonnegative"}
            of[a] = variable(f"part·{k}", a.shape, set(plain))
            back[of[a]] = a
        inside = substitute(f, of)
        left = [v for v in self.by if v in variables(inside)]
        inner = Proving(inside, [*of.values(), *left], quick=self.quick, inner=True)
        proof = inner.hessian(inner.f)
        if proof is None or proof.verdict == "affine":
            return None
        moved = [differential(a, self.d) for a in parts]
        by = {**back, **{inner.d[z]: d for z, d in zip(of.values(), moved, strict=True)}, **{inner.d[v]: self.d[v] for v in left}}

        found = tuple(
            replace(p, terms=tuple(t.mapped(lambda e: substitute(e, by)) for t in p.terms), of=frozenset(), level=NO) for p in proof.parts
        )
        strict = proof.strict if len(left) == len(self.by) else None
        return Proof(proof.verdict, strict, "hessian", self._second(f), self.d, found)

    def _parts(self, f: Expr, sign: int) -> tuple[Expr, tuple[Part, ...], int] | None:
        try:
            second = self._second(f)
        except MatcalcError:
            return None
        for apart in (False, True):
            try:
                terms = Form(second, self.d.values(), apart=apart).terms
            except (NotQuadratic, MatcalcError):
                continue
            prover = Prover(self.signs, {d: v for v, d in self.d.items()})
            found = prover([replace(t, c=scaled(sign, t.c)) for t in terms])
            if found is not None:
                return second, tuple(found), self._level(found)
        return None

    def _second(self, f: Expr) -> Expr:
        return differential(differential(f, self.d), self.d)

    def _level(self, parts: Sequence[Part]) -> int:
        """Definite in all differentials together where some part is in each."""
        levels = [max((p.level for p in parts if d in p.of), default=NO) for d in self.d.values()]
        return min(levels)

    def strict_where(self, proof: Proof) -> list[str]:
        """A condition that makes it strictly convex: full rank of the factor of a definite square."""
        if proof.strict or len(self.by) != 1:
            return []
        (d,) = self.d.values()
        for part in proof.parts:
            for t in part.terms[:1]:
                chain = factors(t.p) if t.p.op is H.PRODUCT and t.p.data == (1, 0) else ()
                fixed = chain[0].shape[0] != 1 and not any(map(self.affine.moves, chain[:-1])) if len(chain) > 1 else False
                if len(part.terms) == 1 and fixed and chain[-1] is d and d.is_vector:
                    prover = Prover(self.signs, {t.p: self.by[0]})
                    if prover.definite(t)[1]:
                        return [f"strictly where {product(chain[:-1])!r} has full column rank"]
        return []

    # --- by composition ----------------------------------------------------------------------------------------------------------

    def _together(self) -> tuple[str, str | None, tuple[Part, ...], tuple[Step, ...]] | None:
        """The smooth terms of a sum by their Hessian, the others by composition."""
        f = self.f
        terms = self._terms(f)
        smooth = [t for t in terms if self.is_smooth(t)]
        rough = [t for t in terms if t not in smooth]
        first = self.hessian(add(smooth)) if smooth and rough else None
        both = BITS[first.verdict] & self.composer(add(rough)) if first is not None else UNKNOWN
        if first is not None and both:
            steps = (Step(add(smooth), self.composer(add(smooth)), "by its Hessian"), *self.composer.steps(add(rough)))
            return WORDS[both], first.strict, first.parts, steps
        found = self.composer(f)
        return (WORDS[found], self._strictness(terms or [f], found), (), tuple(self.composer.steps(f))) if found else None

    def _terms(self, f: Expr) -> list[Expr]:
        """The terms of a sum, also of one with numbers before it."""
        moving = [a for a in f.args if self.affine.moves(a)] if f.op is H.PRODUCT else [f]
        if len(moving) != 1 or moving[0].op is not H.SUM:
            return []
        outside = product([number(f.data[0]), *(a for a in f.args if a is not moving[0])]) if moving[0] is not f else ONE
        return [product([outside, scaled(c, t)]) for c, t in zip(moving[0].data, moving[0].args, strict=True)]

    def _strictness(self, terms: Sequence[Expr], curvature: int) -> str | None:
        """That of the strictest term, by its Hessian or as the trace of a function, where all have the curvature."""
        if curvature == AFFINE or not all(self.composer(t) & curvature for t in terms):
            return None
        proofs = [p for t in terms if (p := self.hessian(t)) is not None and BITS[p.verdict] == curvature]
        found = {p.strict for p in proofs}
        if "strongly" in found:
            return "strongly"
        alone = len(self.by) == 1 and any(self.composer.is_strict(t, self.by[0], curvature) for t in terms)
        return "strictly" if "strictly" in found or alone else None

    # --- where it is defined and smooth ------------------------------------------------------------------------------------------

    def _domain(self) -> dict[Expr, frozenset[str]]:
        """The conditions on parts for the function to have a value; on those that move, inside its domain."""
        out: dict[Expr, frozenset[str]] = {}
        for n in self.nodes:
            above = n.op.domain in ("positive", "greater than 1") and n.op.elementwise and len(n.args) == 1
            moves, inverted = self.affine.moves(n), n.op.name == "logdet" or n.op is H.MATPOWER and n.data < 0
            if above or moves and isinstance(exponent(n), Fraction):
                out[n.args[0]] = frozenset({"positive"})
            elif moves and inverted and "psd" in known(n.args[0]) and self.affine(n.args[0]):
                out[n.args[0]] = frozenset({"spd"})  # where that is invertible is where it is spd: a convex set
        return out

    def is_smooth(self, f: Expr) -> bool:
        """Whether it has a second differential wherever it is defined, but for the ends of its domain."""
        nodes = postorder(f)
        squared = {n.args[0] for n in nodes if exponent(n) in EVEN and n.args[0].op is NORM}
        squared -= {a for n in nodes for a in n.args if exponent(n) not in EVEN}
        for n in filter(self.affine.moves, nodes):
            away = n in squared or n.op.smooth == "nonzero" and Signs()(n.args[0]) & NONZERO
            if n.op.abstract or n.op.binds or n.op.name in ("sign", "step") or n.op.smooth and not away:
                return False
            if n.op in (H.POWER, H.HPOWER) and self.affine.moves(n.args[0]):
                a, k = n.args[0], exponent(n)
                if k is None and not self.signs.positive(a) or isinstance(k, Fraction) and not self._is_above(a):
                    return False
        return True

    def _is_above(self, a: Expr) -> bool:
        """Whether it is positive wherever it is, or on a convex set."""
        return self.anywhere.positive(a) or bool(self.composer(a) & CONCAVE)

    def _convex_domain(self, f: Expr) -> bool:
        """Whether the set where it is defined is convex, as far as that is seen."""
        return all(self._is_convex_where(n) for n in postorder(f) if n.args and self.affine.moves(n))

    def _is_convex_where(self, n: Expr) -> bool:
        """Whether the set where a function has values of its argument is convex."""
        a, domain = n.args[0], n.op.domain
        if n.op in (H.POWER, H.HPOWER) and self.affine.moves(a):
            k = exponent(n)
            if isinstance(k, int) and k > 0:
                return True
            s = Signs()(a) if isinstance(k, int) else NONNEGATIVE
            concave = (s & NONNEGATIVE or a in self.signs.given) and self.composer(a) & CONCAVE
            return bool(concave or self.anywhere.positive(a) or s & 3 and s & NONZERO)
        if n.op is H.MATPOWER:
            return n.data > 0 or "invertible" in self.signs.known(a)
        if n.op.name == "logdet":
            return "spd" in self.signs.known(a)
        if domain in ("positive", "greater than −1"):
            return self._is_above(a) or domain != "positive" and Signs().nonnegative(a)
        if domain.startswith("in (−1") or domain == "greater than 1":
            return self.composer(a) == AFFINE
        return not domain or n.op.name in ("det", "prod")


def _plainer(by: frozenset[Expr], e: Expr) -> Expr:
    """u in place of |u| and of relu(u), where it is not negative; c^k u^k in place of (c u)^k with a positive c of the data."""
    if e.op is H.POWER and e.args[0].op is H.PRODUCT and len(e.args[0].args) == e.args[0].data[1]:
        inside, k = e.args
        out = [a for a in (number(inside.data[0]), *inside.args) if by.isdisjoint(variables(a)) and "positive" in known(a)]
        left = product([a for a in (number(inside.data[0]), *inside.args) if a not in out])
        return product([*(power(a, k) for a in out), power(left, k)]) if out and left is not ONE else e
    if e.op.name == "logdet" and e.args[0].op is H.SUM and not by.isdisjoint(variables(e)):
        return _logdet_parted(by, e)
    if e.op.name in ("abs", "relu") and "nonnegative" in known(e.args[0]):
        return e.args[0]
    return _trace_parted(Affine(set(by)), e)


def _trace_parted(affine: Affine, e: Expr) -> Expr:
    """tr F + tr G for tr(F + G), and of products with such a sum, where that is not affine."""
    if e.op is not TR:  # tr I is the size n
        return e
    chain = factors(e.args[0])
    for i, f in enumerate(chain):
        if f.op is H.SUM and not affine(f):
            terms = [apply(TR, (product([*chain[:i], t, *chain[i + 1 :]]),)) for t in f.args]
            return product([split(e.args[0])[0], add([scaled(c, _trace_parted(affine, t)) for c, t in zip(f.data, terms, strict=True)])])
    return e


def _logdet_parted(by: frozenset[Expr], e: Expr) -> Expr:
    """log det F + log det (F⁻¹ M G⁻¹) + log det G for log det M, where terms of M start with F or end in G and the middle is affine."""
    (m,), affine = e.args, Affine(set(by))
    if affine(m) and "spd" in known(m):
        return e
    chains = [factors(split(t)[1]) for t in m.args if split(t)[1].op is not H.IDENTITY]
    first, last = ([ONE, *dict.fromkeys(k[i] for k in chains if "spd" in known(k[i]))] for i in (0, -1))
    for f, g in cartesian(first, last):
        over, under = (ONE if part is ONE else matpower(part, -1) for part in (f, g))
        inside = simplify(product([over, m, under]))
        if affine(inside) and "spd" in known(inside):
            return simplify(add([apply(e.op, (part,)) for part in (f, inside, g) if part is not ONE]))
    for made in _between_halves(m):
        if affine(made) and "spd" in known(made):
            return apply(e.op, (made,))
    return e


def _between_halves(m: Expr) -> Iterator[Expr]:
    """c I + √A N √A for c I + A N, and for c I + N A, with a psd A: their determinants are the same."""
    terms = [scaled(c, t) for c, t in zip(m.data, m.args, strict=True)]
    units = [t for t in terms if split(t)[1].op is H.IDENTITY]
    parts = [(split(t)[0], factors(split(t)[1])) for t in terms if t not in units]
    for at in (0, -1):
        ends = {chain[at] for _, chain in parts}
        if units and len(ends) == 1 and "psd" in known(a := ends.pop()) and all(len(chain) > 1 for _, chain in parts):
            half = call("sqrtm", a)
            yield simplify(add([*units, *(product([c, half, *(k[1:] if at == 0 else k[:-1]), half]) for c, k in parts)]))


def with_one_kink(f: Expr) -> Expr | None:
    """`f` with relu(−u) as relu(u) − u and |u| as 2 relu(u) − u, where relu(u) occurs as well, so that like terms meet; None elsewhere."""
    inside = dict.fromkeys(n.args[0] for n in postorder(f) if n.op.name == "relu")
    put_in: dict[Expr, Expr] = {}
    for u in inside:
        minus, size = scaled(-1, u), elementwise("abs", u)
        if minus in inside and elementwise("relu", u) not in put_in:
            put_in[elementwise("relu", minus)] = add([elementwise("relu", u), minus])
        if size in postorder(f):
            put_in[size] = add([scaled(2, elementwise("relu", u)), minus])
    if not put_in:
        return None
    made = substitute(f, put_in)
    for _ in range(MOST_LEVELS):
        made = (multiplied_out(made) if made.op is H.SUM else spread(made)) or made
    return simplify(made)


def _is_homogeneous(e: Expr, by: Sequence[Expr], k: Fraction) -> bool:
    """Whether f(s x) is s^k f(x) for positive s."""
    to = exponent(e)
    if to:
        return _is_homogeneous(e.args[0], by, k / Fraction(to))
    s = variable("s·", (1, 1), {"positive"})
    return is_zero(add([substitute(e, {v: product([s, v]) for v in by}), product([number(-1), power(s, number(k)), e])]))


def _free(name: str, taken: Collection[str]) -> str:
    return name + "·" * (name in taken)
