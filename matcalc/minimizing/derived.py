"""The derivatives of a problem: gradients, the Hessian by pairs of variables, and its product with a direction."""

from __future__ import annotations

from functools import cached_property

from matcalc.api.of_complex import differential_complex, is_complex, jacobian_by, steepest_by
from matcalc.calculus import differential, gradient, jacobian
from matcalc.errors import MatcalcError
from matcalc.expr import ONE, ZERO, Expr, hadamard, ones, postorder, substitute, transpose, variable, variables
from matcalc.minimizing.constraints import moved
from matcalc.minimizing.statement import Statement
from matcalc.operators import call
from matcalc.simplification import rewritten, simplify


class Derived:
    """The derivatives of a statement, each worked out when it is first asked for."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement

    @cached_property
    def is_complex(self) -> bool:
        """Whether something that occurs may be no real number."""
        return is_complex(self.statement.objective)

    @cached_property
    def gradients(self) -> tuple[Expr, ...]:
        s = self.statement
        if self.is_complex:
            return tuple(steepest_by(s.objective, v) for v in s.variables)
        return tuple(simplify(g) for g in gradient(rewritten(s.objective), list(s.variables)))

    @cached_property
    def directions(self) -> tuple[Expr, ...]:
        """A variable for the direction of each variable."""
        return tuple(variable(f"d·{v.data[0]}", v.shape) for v in self.statement.variables)

    @cached_property
    def products(self) -> tuple[Expr, ...]:
        """The Hessian times the directions, one for each variable."""
        moves = dict(zip(self.statement.variables, self.directions, strict=True))
        return tuple(moved(g, moves) for g in self.gradients)

    @cached_property
    def is_smooth(self) -> bool:
        """Whether the objective is twice differentiable, but at single points as a norm is."""
        try:
            moved = self.products
        except MatcalcError:
            return False
        s = self.statement
        moving = {n for n in postorder(s.objective) if set(variables(n)) & set(s.variables)}
        return bool(moved) and not any(n in moving and n.op.smooth and n.op.name != "norm" for n in postorder(s.objective))

    @cached_property
    def is_quadratic(self) -> bool:
        """Whether the Hessian is free of the variables."""
        return not any(set(variables(p)) & set(self.statement.variables) for p in self.products)

    @cached_property
    def is_entropic(self) -> bool:
        """Whether the Hessian is diag(c / x) for one array x of positive entries, with c free of it."""
        s = self.statement
        if len(s.variables) != 1 or not s.affine or s.curved or self.is_complex or not self.is_smooth:
            return False
        (x,), (d,), (moved,) = s.variables, self.directions, self.products
        if x.is_scalar or "nonnegative" not in s.properties[0] or s.properties[0] - {"positive", "nonnegative"}:
            return False
        whole = simplify(hadamard([moved, x]))
        c = simplify(substitute(whole, {d: ones(d.shape)}))
        return x not in variables(c) and x in variables(moved) and simplify(whole - hadamard([c, d])).op is ZERO

    @cached_property
    def blocks(self) -> dict[tuple[int, int], Expr]:
        """∂vec(G_i)/∂vec(X_j)' for i ≤ j."""
        vs = self.statement.variables
        return {(i, j): second(self.gradients[i], vs[j]) for i in range(len(vs)) for j in range(i, len(vs))}

    @cached_property
    def constraint_blocks(self) -> tuple[tuple[Expr, ...], ...]:
        """∂vec(R)/∂vec(X_j)' of each residual R by each variable."""
        s = self.statement
        return tuple(tuple(second(c.residual, v) for v in s.variables) for c in s.constraints)

    @cached_property
    def abstract(self) -> frozenset[str]:
        """The names of abstract functions in objective and gradients."""
        return frozenset(n.op.abstract[0] for n in postorder(self.statement.objective) if n.op.abstract)


def second(g: Expr, v: Expr) -> Expr:
    """∂vec(g)/∂vec(v)': a matrix with a row for each entry of g and a column for each of v."""
    if is_complex(g):
        return _second_of_complex(g, v)
    g = rewritten(g)
    if v.is_scalar:
        moved = simplify(differential(g, {v: ONE}))
        return moved if moved.shape[1] == 1 else call("vec", moved)
    if g.is_scalar:
        row = simplify(gradient(g, [v])[0])
        return transpose(row if row.shape[1] == 1 else call("vec", row))
    return simplify(jacobian(g, v))


def _second_of_complex(g: Expr, v: Expr) -> Expr:
    """The same by a real variable, where something else is complex."""
    if v.is_scalar:
        moved = differential_complex(g, v, ONE)
        return moved if moved.shape[1] == 1 else call("vec", moved)
    if g.is_scalar:
        row = steepest_by(g, v)
        return transpose(row if row.shape[1] == 1 else call("vec", row))
    return jacobian_by(g, v)[0]
