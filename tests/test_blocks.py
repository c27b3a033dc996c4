"""Block matrices: what is read, the grid and its constructor, derivatives that go to the parts, programs, and random blocks against assembled matrices."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

import numpy as np
import pytest

import matcalc as mc
from matcalc.expr import GRID, postorder
from matcalc.expr.grids import grid
from matcalc.limits import MOST_BLOCKS
from tables import rows

WHERE = "A: (n, n); B: (n, q); C: (q, n); D: (q, q); S: (n, n) spd; T: (q, q) spd; x: (n); y: (q); z: (n+q); M: (n+q, n+q); c: scalar; b: (m); E: (m, n); F: (m, q); W: (m, n+1)"

# What is written ; the same, assembled in another way.
SAME = """
[A, B]*[x; y]                              ; A*x + B*y
[A, B; C, D]*[x; y]                        ; [A*x + B*y; C*x + D*y]
[A, B; C, D]'                              ; [A', C'; B', D']
[A; C]'                                    ; [A', C']
[x; y] + [x; 2*y]                          ; [2*x; 3*y]
[x; y] - [x; y]                            ; zeros(n+q)
[x; y].*[x; y]                             ; [x.^2; y.^2]
tanh([x; y])                               ; [tanh(x); tanh(y)]
norm([x; y])^2                             ; norm(x)^2 + norm(y)^2
norm1([x; y])                              ; norm1(x) + norm1(y)
sum([A, B; C, D])                          ; sum(A) + sum(B) + sum(C) + sum(D)
tr([A, B; C, D])                           ; tr(A) + tr(D)
diag([A, B; C, D])                         ; [diag(A); diag(D)]
rowsum([A, B])                             ; rowsum(A) + rowsum(B)
[A, B; C, D][1:n, :]                       ; [A, B]
[A, B; C, D][1:n, n+1:n+q]                 ; B
[x; y][n+1:n+q]                            ; y
[[A, B]; [C, D]]                           ; [A, B; C, D]
[[x; y]; c]                                ; [x; y; c]
[A]                                        ; A
[I, 0; 0, eye(q)] + 0*M                    ; eye(n+q)
[A, 0; 0, D]*[x; y]                        ; [A*x; D*y]
inv(blkdiag(S, T))                         ; blkdiag(inv(S), inv(T))
det([A, B; 0, D])                          ; det(A)*det(D)
logdet(blkdiag(S, T))                      ; logdet(S) + logdet(T)
hstack(A, B)                               ; [A, B]
vstack(x, y)                               ; [x; y]
blkdiag(A, D)                              ; [A, 0; 0, D]
x[1:n]                                     ; x
M[1:n, :]*z                                ; (M*z)[1:n]
[x; 0*c]                                   ; [x; 0]
inv([S, B; B', T])[1:n, 1:n]               ; inv(S - B*inv(T)*B')
inv([A, B; C, D])[1:n, n+1:n+q]            ; -inv(A)*B*inv(D - C*inv(A)*B)
"""


@pytest.mark.parametrize(("one", "other"), rows(SAME))
def test_what_goes_into_the_blocks(one: str, other: str) -> None:
    assert mc.parse(one, where=WHERE) is mc.parse(other, where=WHERE)


READ = [
    (r"\begin{bmatrix} A & B \\ C & D \end{bmatrix}", "[A, B; C, D]"),
    (r"\begin{pmatrix} x \\ y \\ \end{pmatrix}^\top M \begin{pmatrix} x \\ y \end{pmatrix}", "[x; y]'*M*[x; y]"),
    (r"\left\| \begin{matrix} A & B \end{matrix} \begin{bmatrix} x \\ y \end{bmatrix} \right\|^2", "norm(A*x + B*y)^2"),
    (r"\left[\begin{array}{cc} A & 0 \\ 0 & D \end{array}\right]", "blkdiag(A, D)"),
    (r"\log\det \begin{bmatrix} S & B \\ B^\top & T \end{bmatrix}", "logdet([S, B; B', T])"),
    (r"x_{1:p}", "x[1:p]"),
]


@pytest.mark.parametrize(("latex", "plain"), READ)
def test_latex(latex: str, plain: str) -> None:
    assert mc.parse(latex, where=WHERE) is mc.parse(plain, where=WHERE)


def test_zeros_and_identities_have_the_size_that_fits() -> None:
    made = mc.parse("norm([A; sqrt(c)*I]*x - [b; 0])^2", where="A: (m, n); b: (m); x: (n); c: scalar positive")
    assert mc.equal(made, "norm(A*x - b)^2 + c*norm(x)^2", "A: (m, n); b: (m); x: (n); c: scalar positive")
    assert mc.parse("[x; 0]", where="x: (n)").shape == mc.parse("[x; 1]", where="x: (n)").shape
    assert mc.parse("[A, B'; B, 0]", where="A: (n, n); B: (q, n)") is mc.parse("[A, B'; B, zeros(q,q)]", where="A: (n, n); B: (q, n)")
    assert mc.parse("norm([A; B]*x - [b; c])^2").is_scalar  # of what is not declared the heights follow
    for stacked in ("norm([A; sqrt(c)*I]*x - [b; 0])^2", "norm([A*x; sqrt(c)*x] - [b; 0])^2"):  # and zeros are as high as their neighbour's
        assert mc.grad(stacked, "x", where="c: scalar positive").text() == "2*(A'*(A*x - b) + c*x)"


# f ; by ; answer (no longer than that)
DERIVATIVES = """
logdet([S, B; B', T])                     ; S ; inv(S - B*inv(T)*B')
logdet([S, B; B', T])                     ; B ; -2*inv(S)*B*inv(T - B'*inv(S)*B)
norm([A; sqrt(2)*I]*x - [x; 0])^2         ; A ; 2*(A*x - x)*x'
norm([A, x; 0, 1]*[x; 1] - [x; 1])^2      ; A ; 2*(A*x)*x'
[x; y]'*inv([S, B; B', T])*[x; y]         ; x ; 2*inv(S - B*inv(T)*B')*(x - B*inv(T)*y)
[x; y]'*inv([S, B; B', 0])*[x; y]         ; y ; 2*inv(B'*inv(S)*B)*(B'*inv(S)*x - y)
x[2:n]'*x[1:n-1]                          ; x ; [x[2:n]; 0] + [0; x[1:n-1]]
norm(x[1:p])^2                            ; x ; 2*[x[1:p]; zeros(n-p)]
norm(x[1:p])^2 + norm(x[p+1:n] - c)^2     ; x ; 2*[x[1:p]; x[p+1:n] - c]
norm([E; A]*x - [b; x])^2                 ; E ; 2*(E*x - b)*x'
norm(W*[x; 1] - b)^2                      ; W ; 2*(W*[x; 1] - b)*[x; 1]'
norm(W*[x; 1] - b)^2                      ; x ; 2*W[:,1:n]'*(W*[x; 1] - b)
norm(W[:,1:n]*x + W[:,n+1] - b)^2         ; W ; 2*(W*[x; 1] - b)*[x; 1]'
det([c, x'*x; 2, c])                      ; c ; 2*c
[x; y]'*(M + M')*[x; y]                   ; y ; 2*(M + M')[n+1:n+q,:]*[x; y]
tr([A, B; C, D]*M)                        ; B ; M[n+1:n+q,1:n]'
norm([A, B; C, D])^2                      ; C ; 2*C
tr([A, B; 0, D]^2)                        ; B ; zeros(n, q)
det([A, x; x', c])                        ; c ; det(A)
det([A, B; C, D])                         ; D ; det([A, B; C, D])*inv(D - C*inv(A)*B)'
"""


@pytest.mark.parametrize(("f", "by", "answer"), rows(DERIVATIVES))
def test_gradients(f: str, by: str, answer: str) -> None:
    d = mc.grad(f, by, where=WHERE)
    assert mc.equal(d.expr, mc.parse(answer, where=WHERE))
    assert len(re.findall(r"\w+|[-+*/']", d.text())) <= len(re.findall(r"\w+|[-+*/']", answer))
    assert d.check().ok
    assert mc.parse(d.text(), where=WHERE) is d.expr
    assert mc.parse(d.latex(), where=WHERE, source="latex") is d.expr


JACOBIANS = [
    ("[A*x; x]", "x", "[A; I]"), ("[x; 1]", "x", "[eye(n); zeros(1, n)]"), ("x[1:p]", "x", "[eye(p), zeros(p, n-p)]"), ("[x; y]", "y", "[zeros(n, q); eye(q)]"),
    ("[A, B]*[x; y]", "y", "B"), ("inv([S, B; B', 0])*[x; y]", "y", "[inv(S)*B*inv(B'*inv(S)*B); -inv(B'*inv(S)*B)]"), ("tanh(M*[x; y])", "y", "diag(1 - tanh(M*[x; y]).^2)*M[:,n+1:n+q]"),
]  # fmt: skip


@pytest.mark.parametrize(("y", "by", "answer"), JACOBIANS)
def test_jacobians_of_stacks_are_stacks(y: str, by: str, answer: str) -> None:
    d = mc.jacobian(y, by, where=WHERE)
    assert mc.equal(d.expr, mc.parse(answer, where=WHERE)) and d.check().ok


def test_the_hessian_of_partitioned_gaussians() -> None:
    d = mc.hessian("[x; y]'*inv([S, B; B', T])*[x; y]", "x", where=WHERE)
    assert d.text() == "2*inv(S - B*inv(T)*B')" and d.check().ok
    assert mc.hessian("norm([E; A]*x - [b; x])^2", "E", where=WHERE).check().ok


REFUSED = [
    ("[A, B; C]", mc.ShapeError, "as many blocks"), ("[A, D]", mc.ShapeError, "equal heights"), ("[A; D]", mc.ShapeError, "equal widths"),
    ("[A B; C D]", mc.ParseError, "comma"), ("[A -B]", mc.ParseError, "comma"), ("x[3:2]", mc.ShapeError, "empty"), ("x[0:2]", mc.ShapeError, "before"),
    ("x[2:n+1]", mc.ShapeError, "within"), ("[A, B; C, D", mc.ParseError, "missing"), ("hstack()", mc.MatcalcError, "hstack"), ("inv([A, B])", mc.ShapeError, "square"),
    ("[" + ", ".join(["A"] * (MOST_BLOCKS + 1)) + "]", mc.LimitError, str(MOST_BLOCKS)), (r"\begin{bmatrix} A & B", mc.ParseError, "ends nowhere"),
    (r"A \end{bmatrix}", mc.MatcalcError, "begins nowhere"), (r"\begin{bmatrix} A & D \end{bmatrix}", mc.ShapeError, "equal heights"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "error", "words"), REFUSED)
def test_refused(text: str, error: type[mc.MatcalcError], words: str) -> None:
    with pytest.raises(error, match=words) as found:
        mc.parse(text, where=WHERE)
    assert "^" in str(found.value)


def test_too_many_blocks_are_refused_however_they_are_made() -> None:
    blocks = [mc.scalar(f"c{i}") for i in range(MOST_BLOCKS + 1)]
    with pytest.raises(mc.LimitError, match="blocks"):
        grid([blocks])


def test_what_is_known_of_blocks() -> None:
    from matcalc.expr import has

    assert mc.parse("[S, B; B', T]", where=WHERE).symmetric
    assert has(mc.parse("blkdiag(S, T)", where=WHERE), "spd") and not has(mc.parse("blkdiag(S, -T)", where=WHERE), "spd")
    assert has(mc.parse("blkdiag(Q, P)", where="Q: (n, n) orthogonal; P: (q, q) orthogonal"), "orthogonal")
    assert has(mc.parse("[exp(A), exp(B)]", where=WHERE), "positive")


def test_writing() -> None:
    d = mc.parse("[S, B; B', T]", where=WHERE)
    assert repr(d) == "[S B; Bᵀ T]" and d._repr_latex_() == r"$\displaystyle \begin{bmatrix} S & B \\ B^{\top} & T \end{bmatrix}$"
    assert repr(mc.parse("[A*x; y]", where=WHERE)) == "[(A x); y]"
    assert mc.parse("[(A x); y]", where=WHERE) is mc.parse("[A*x; y]", where=WHERE)
    assert repr(mc.parse("[A*B, B]", where=WHERE)) == "[A B, B]"  # with a comma where blanks are products
    assert repr(mc.parse("[A, 0; 0, D]", where=WHERE)) == "[A 0; 0 D]"


def test_sympy() -> None:
    sympy = pytest.importorskip("sympy")
    d = mc.grad("norm(M*[x; y])^2", "M", where=WHERE)
    made = d.sympy()
    assert made.has(sympy.BlockMatrix)
    assert d.sympy(n=2, q=1).shape == (3, 3)
    assert mc.grad("norm(x[1:p])^2", "x", where=WHERE).sympy().has(sympy.MatrixSlice)


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
def test_programs_put_blocks_together_and_take_slices(target: str) -> None:
    source = mc.grad("norm(W*[x; 1] - b)^2", "x", where=WHERE).code(target)
    assert "[:, :-1]" in source or "[:, :n]" in source
    assert "zeros" not in source and "block" not in source
    assert "np.eye" not in mc.grad("norm(x[1:p])^2", "x", where=WHERE).code("numpy")


def test_steps_and_notes() -> None:
    for f, by, _ in rows(DERIVATIVES):
        d = mc.grad(f.strip(), by.strip(), where=WHERE)
        for granularity in ("brief", "full"):
            assert d.steps(granularity)
    assert any("inver" in a for a in mc.grad("logdet([A, B; C, D])", "A", where=WHERE).assumptions)


# --- random blocks against assembled matrices --------------------------------------------------------------------------

SIZES = {"m": 3, "n": 4, "q": 2}
LEAVES = {
    ("n", "n"): "A S A'", ("n", "q"): "B C'", ("q", "n"): "C B'", ("q", "q"): "D T", ("n+q", "n+q"): "M [A,B;C,D] [S,B;B',T] blkdiag(A,D) [I,B;0,D] [A,0;C,I]",
    ("n", ""): "x", ("q", ""): "y", ("n+q", ""): "z [x;y]", ("m", ""): "b",
}  # fmt: skip


WHOLE = ("[A,B;C,D]", "[S,B;B',T]")


class Maker:
    """Random expressions in blocks, and their values on assembled matrices."""

    def __init__(self, seed: int) -> None:
        self.r = Random(seed)

    def matrix(self, rows: str, columns: str, depth: int) -> str:
        if depth <= 0 or self.r.random() < 0.25:
            return self.r.choice(LEAVES[rows, columns].split())
        ways: list[Callable[[], str]] = [
            lambda: f"({self.matrix(rows, columns, depth - 1)} + 2*{self.matrix(rows, columns, depth - 1)})",
            lambda: f"tanh({self.matrix(rows, columns, depth - 1)})",
        ]
        if rows == "n+q" and columns:
            ways += [
                lambda: f"({self.matrix(rows, rows, depth - 1)})'",
                lambda: f"({self.matrix(rows, rows, depth - 1)}*{self.matrix(rows, rows, depth - 1)})",
            ]
            ways.append(lambda: "[" + "; ".join(", ".join(self.matrix(i, j, depth - 1) for j in ("n", "q")) for i in ("n", "q")) + "]")
        elif rows == "n+q":
            ways += [
                lambda: f"[{self.matrix('n', '', depth - 1)}; {self.matrix('q', '', depth - 1)}]",
                lambda: f"({self.matrix(rows, rows, depth - 1)})*{self.matrix(rows, '', depth - 1)}",
            ]
        elif rows == "m":
            ways += [lambda: f"W*[{self.matrix('n', '', depth - 1)}; 1]", lambda: f"[E, F]*({self.matrix('n+q', '', depth - 1)})"]
        else:
            at = {"n": "1:n", "q": "n+1:n+q", "": ""}
            whole = self.matrix("n+q", "n+q" if columns else "", depth - 1)
            ways.append(lambda: f"({whole})[{at[rows]}{', ' * bool(columns)}{at[columns]}]")
        return self.r.choice(ways)()

    def scalar(self, depth: int) -> str:
        v = self.r.choice(("n+q", "n+q", "m", "n"))
        return self.r.choice((
            lambda: f"norm({self.matrix(v, '', depth)} - {self.matrix(v, '', depth)})^2",
            lambda: f"({self.matrix('n+q', '', depth)})'*({self.matrix('n+q', '', depth)})",
            lambda: f"logdet({self.matrix('n+q', 'n+q', depth)} + 12*eye(n+q))",
            lambda: f"tr({self.matrix('n+q', 'n+q', depth)}*M) + exp(-norm({self.matrix(v, '', 1)}))",
            lambda: f"({self.matrix('n+q', '', 1)})'*inv({self.r.choice(WHOLE)})*({self.matrix('n+q', '', 1)})",
        ))()  # fmt: skip


class Assembled:
    """The value of such a text, read by itself: arrays put together and cut."""

    def __init__(self, text: str, values: dict[str, np.ndarray]) -> None:
        self.tokens = re.findall(r"\d+|[A-Za-z]\w*|[\[\]();,:+\-*/^']", text)
        self.at, self.values = 0, values

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def sum(self) -> np.ndarray:
        out = self.product()
        while self.peek() in ("+", "-") and self.peek():
            out = out + self.product() if self.take() == "+" else out - self.product()
        return out

    def product(self) -> np.ndarray:
        out = self.power()
        while self.peek() == "*":
            self.take()
            other = self.power()
            out = out * other if (1, 1) in (out.shape, other.shape) else out @ other
        return out

    def power(self) -> np.ndarray:
        if self.peek() == "-":
            self.take()
            return -self.power()
        out = self.atom()
        while self.peek() in ("'", "[", "^") and self.peek():
            sign = self.take()
            if sign == "[":
                parts = [self.stretch()]
                while self.take() == ",":
                    parts.append(self.stretch())
                out = out[tuple(parts)]
            else:
                out = out.T if sign == "'" else out ** int(self.take())
        return out

    def stretch(self) -> slice:
        first = self.size()
        self.take()
        return slice(first - 1, self.size())

    def size(self) -> int:
        out = 0
        while True:
            token = self.take()
            out += int(token) if token.isdigit() else SIZES[token]
            if self.peek() != "+":
                return out
            self.take()

    def atom(self) -> np.ndarray:
        token = self.take()
        if token == "(":
            out = self.sum()
            self.take()
            return out
        if token == "[":
            return self.block()
        if token.isdigit():
            return np.array([[float(token)]])
        if self.peek() != "(":
            return self.values[token]
        self.take()
        if token == "eye":
            out = np.eye(self.size())
            self.take()
            return out
        args = [self.sum()]
        while self.take() == ",":
            args.append(self.sum())
        if token == "blkdiag":
            a, d = args
            return np.block([[a, np.zeros((len(a), d.shape[1]))], [np.zeros((len(d), a.shape[1])), d]])
        functions = {
            "tanh": np.tanh,
            "exp": np.exp,
            "inv": np.linalg.inv,
            "tr": lambda a: np.trace(a),
            "norm": np.linalg.norm,
            "logdet": lambda a: np.linalg.slogdet(a)[1],
        }
        return np.atleast_2d(functions[token](args[0]))  # type: ignore[operator]

    def block(self) -> np.ndarray:
        rows: list[list[np.ndarray | str]] = [[]]
        while True:
            rows[-1].append(self.take() if self.peek() in ("0", "I") else self.sum())
            end = self.take()
            if end == "]":
                break
            rows += [[]] if end == ";" else []
        if len(rows) == 2 and len(rows[0]) == 2:  # 0 and I have the size of n or q
            sizes = (SIZES["n"], SIZES["q"])
            rows = [
                [(np.zeros((sizes[i], sizes[j])) if b == "0" else np.eye(sizes[i])) if isinstance(b, str) else b for j, b in enumerate(row)]
                for i, row in enumerate(rows)
            ]
        return np.block(rows)


def drawn(rng: np.random.Generator) -> dict[str, np.ndarray]:
    size = {"n": 4, "q": 2, "m": 3, "n+q": 6, "n+1": 5}
    out: dict[str, np.ndarray] = {}
    for entry in WHERE.split("; "):
        name, said = entry.split(": ", 1)
        inside = re.search(r"\(([^)]*)\)", said)
        shape = [size[s] for s in inside[1].split(", ")] if inside else [1]
        a = rng.standard_normal((shape[0], shape[1] if len(shape) > 1 else 1)) / 2
        out[name] = (
            a @ a.T + 2 * np.eye(len(a)) if "spd" in said else a + 2 * np.eye(*a.shape) if len(shape) > 1 and shape[0] == shape[1] else a
        )
    return out


@pytest.mark.parametrize("seed", range(60))
def test_random_blocks_against_assembled_matrices(seed: int) -> None:
    maker = Maker(seed)
    text = maker.scalar(2)
    values = drawn(np.random.default_rng(seed))
    by = maker.r.choice(sorted({v for v in values if re.search(rf"\b{v}\b", text)}))
    d = mc.grad(text, by, where=WHERE)
    given = {name: a.item() if name == "c" else a[:, 0] if a.shape[1] == 1 else a for name, a in values.items()}
    found = np.asarray(d.compile("numpy")(**given, **SIZES)).reshape(values[by].shape)
    wanted, h = np.zeros(values[by].shape), 1e-5
    for i in np.ndindex(*wanted.shape):
        ends = []
        for step in (h, -h):
            moved = values[by].copy()
            moved[i] += step
            ends.append(Assembled(text, {**values, by: moved}).sum().item())
        wanted[i] = (ends[0] - ends[1]) / (2 * h)
    if by in "ST":
        wanted = (wanted + wanted.T) / 2
    assert np.abs(found - wanted).max() <= 1e-5 * max(1, np.abs(wanted).max()), (text, by, d.text())
    assert mc.parse(d.text(), where=WHERE) is d.expr


def test_no_blocks_no_grid() -> None:
    assert not any(n.op is GRID for n in postorder(mc.grad("norm(A*x - x)^2", "x", where=WHERE).expr))
