"""What other languages call it, and what that is here: one table, its right sides in the language itself.

A name of ours means ours; a row is looked at where the name is no function here, or has other arguments.  Methods are
functions of what they stand behind.  Arguments that say along which axis (axis=, dim=) are settled with the shapes.
"""

from __future__ import annotations

from functools import lru_cache

from matcalc.errors import LimitError
from matcalc.limits import MOST_SPELLED
from matcalc.reading.tree import Node, failing

SPELLINGS = """
    Trace(X), trace(X), Tr(X)                    = tr(X)
    Determinant(X), Det(X), determinant(X)       = det(X)
    Inverse(X), inverse(X), solve(X), MatrixInverse(X)  = inv(X)
    solve(A, b), LinearSolve(A, b)               = inv(A)*b
    Transpose(X), transpose(X), t(X)             = X'
    Identity(n), identity(n), IdentityMatrix(n)  = eye(n)
    HadamardProduct(A, B), hadamard(A, B), multiply(A, B), mul(A, B) = A.*B
    KroneckerProduct(A, B)                       = kron(A, B)
    matmul(a, b), mm(a, b), mv(a, b), dot(a, b), Dot(a, b), DotProduct(a, b) = a@b
    crossprod(X)                                 = X'*X
    crossprod(X, Y)                              = X'*Y
    tcrossprod(X)                                = X*X'
    outer(a, b)                                  = a*b'
    quad_form(x, P), matrix_quad(x, P)           = ctranspose(x)*P*x
    sum_squares(X), sumsq(X), sum("abs2", X)     = norm(X)^2
    log_det(X)                                   = logdet(X)
    slogdet(X)                                   = logdet(X)*ones(2)
    norm(X, "fro"), norm(X, "F"), norm(X, "Frobenius"), norm(X, "f"), Norm(X), Norm(X, "Frobenius"), vector_norm(X) = norm(X)
    Norm(x, p), vector_norm(x, p)                = norm(x, p)
    norm(X, "nuc")                               = normnuc(X)
    norm(x, "inf"), norm(x, "Inf"), Norm(x, "Infinity"), norm(x, "oo") = norminf(x)
    dot(x, A, y)                                 = x'*A*y
    MatrixPower(X, k), matrix_power(X, k)        = X^k
    sum(X, "all"), reduce_sum(X), Total(X), total(X) = sum(X)
    reduce_mean(X), mean2(X)                     = mean(X)
    reduce_logsumexp(x)                          = logsumexp(x)
    logaddexp(0, x)                              = softplus(x)
    maximum(0, x), fmax(0, x), max(0, x), maximum(x, 0), fmax(x, 0), max(x, 0), pos(x), clamp(x, "min"), clamp(x, 0), clip(x, 0) = relu(x)
    mse_loss(a, b), mean_squared_error(a, b)     = mean((a - b).^2)
    abs2(x)                                      = x.*conj(x)
    vdot(a, b)                                   = conj(a)@b
    length(x), numel(x), len(x), size(x)         = sum(x.^0)
    nrow(X), size(X, 1)                          = sum(X[:,1].^0)
    ncol(X), size(X, 2)                          = sum(X[1,:].^0)
    reciprocal(x)                                = 1 ./ x
    negative(x)                                  = -x
    pow(x, p), power(x, p)                       = x.^p
    logistic(x), expit(x)                        = sigmoid(x)
    Log(x), ln(x)                                = log(x)
    Exp(x)                                       = exp(x)
    Sqrt(x)                                      = sqrt(x)
    Abs(x)                                       = abs(x)
    Tanh(x)                                      = tanh(x)
    Sin(x)                                       = sin(x)
    Cos(x)                                       = cos(x)
    MatrixExp(X)                                 = expm(X)
    Diagonal(X), DiagonalMatrix(X), diagm(X)     = diag(X)
    conjugate(x)                                 = conj(x)
    flatten(x), ravel(x), item(x), detach(x), copy(x) = x
"""
ALONG = {
    "sum": ("colsum", "rowsum"),
    "softmax": ("softmax_cols", "softmax_rows"),
    "log_softmax": ("log_softmax_cols", "log_softmax_rows"),
    "logsumexp": ("logsumexp_cols", "logsumexp_rows"),
}  # along the first axis, along the second
AXES = ("axis", "dim", "dims")
UPPER = ("max", "a_max", "clip_value_max")
LEFT_OUT = ("keepdims", "keepdim", "out", "dtype")


class Row:
    """A way to call something: its arguments, which are names or have to be as they are, and what it is in the language."""

    def __init__(self, name: str, arguments: tuple[str, ...], meaning: str) -> None:
        self.name, self.arguments, self.meaning = name, arguments, meaning

    @property
    def telling(self) -> bool:
        """Whether an argument has to be as it is."""
        return not all(a.isidentifier() for a in self.arguments)

    def fits(self, given: tuple[Node, ...]) -> bool:
        return len(given) == len(self.arguments) and all(
            a.isidentifier() or g.value == (int(a) if a.isdigit() else a.strip('"')) for a, g in zip(self.arguments, given, strict=True)
        )


@lru_cache(maxsize=1)
def rows() -> dict[str, list[Row]]:
    """The rows of the table by name.

    >>> [row.meaning for row in rows()["solve"]]
    ['inv(X)', 'inv(A)*b']
    """
    found: dict[str, list[Row]] = {}
    for line in SPELLINGS.strip().splitlines():
        calls, meaning = line.rsplit(" = ", 1)
        for call in calls.replace("), ", ")\0").split("\0"):
            name, _, inside = call.strip().rstrip(")").partition("(")
            row = Row(name, tuple(a.strip() for a in inside.split(",")), meaning.strip())
            found.setdefault(name, []).append(row)
    return found


def meant(name: str, arguments: tuple[Node, ...], ours: bool) -> Row | None:
    """The row that a call is, if it is one; a function of `ours` keeps its name unless an argument tells."""
    return next((row for row in rows().get(name, ()) if row.fits(arguments) and (row.telling or not ours)), None)


def written_out(row: Row, arguments: tuple[Node, ...], start: int, end: int) -> Node:
    """The tree of what a row means, with the arguments in their places.

    Raises LimitError where calls within calls would make too much of it.
    """
    from matcalc.reading.parser import parse

    made = parse(row.meaning, row.meaning)
    given = {a: g for a, g in zip(row.arguments, arguments, strict=True) if a.isidentifier()}
    used: set[str] = set()
    stack = [(made, False)]
    count = 0
    while stack:
        node, copying = stack.pop()
        count += 1
        if count > MOST_SPELLED:
            raise LimitError(f"written out, {row.name} has more than {MOST_SPELLED:,} parts", start=start, end=end)
        parts: list[Node] = []
        for part in node.parts:
            if part.kind == "name" and not copying and part.value in given:
                argument = given[part.value]
                if part.value in used:
                    argument = Node(argument.kind, argument.parts, argument.start, argument.end, argument.value)
                    stack.append((argument, True))
                used.add(part.value)
                parts.append(Node("group", (argument,), argument.start, argument.end))
            else:
                if copying:
                    part = Node(part.kind, part.parts, part.start, part.end, part.value)
                stack.append((part, copying))
                parts.append(part)
        node.parts = tuple(parts)
        if not copying:
            node.start, node.end = start, end
            if node.kind == "product":
                for operator in node.value:
                    operator.start, operator.end, operator.text = start, end, operator.text.replace("*", "·")
    return made


def without_keywords(name: str, arguments: tuple[Node, ...]) -> tuple[tuple[Node, ...], int | None]:
    """The arguments without their keywords, and the axis that one of them says."""
    out: list[Node] = []
    axis: int | None = None
    for argument in arguments:
        if argument.kind != "keyword":
            out.append(argument)
            continue
        (value,) = argument.parts
        number = -value.parts[0].value if value.kind == "minus" and value.parts[0].kind == "number" else value.value
        if argument.value in AXES:
            if name not in ALONG or number not in (0, 1, -1):
                raise failing(f"{name} along an axis is not read", argument, "rowsum(X), colsum(X), softmax_rows(X), or write it out")
            axis = number
        elif argument.value in UPPER and len(arguments) == 2:
            raise failing(f"{name} with an upper bound alone is not read", argument, "min(x, c), entry by entry")
        elif argument.value not in LEFT_OUT:
            out.append(value)
    return tuple(out), axis
