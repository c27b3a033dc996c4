"""Names of functions in other languages, and what each is here: one table, its right sides in the language itself.

A name of ours means ours; a row is looked at where the name is no function here, or has other arguments.  Methods are
functions of what they stand behind.  What is another function in one library has its prefix: cp_logistic is cp.logistic.
A row is put in as what a text defines is (`matcalc.reading.definitions`).  Arguments that say along which axis (axis=, dim=)
are settled with the shapes.
"""

from __future__ import annotations

import re
from functools import lru_cache

from matcalc.operators import FUNCTIONS, REFUSED
from matcalc.reading.symbols import Definition
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
    matmul(a, b), mm(a, b), mv(a, b), matvec(a, b), dot(a, b), Dot(a, b), DotProduct(a, b) = a@b
    crossprod(X)                                 = X'*X
    crossprod(X, Y)                              = X'*Y
    tcrossprod(X)                                = X*X'
    outer(a, b)                                  = a*b'
    quad_form(x, P), matrix_quad(x, P)           = ctranspose(x)*P*x
    matrix_frac(x, P)                            = ctranspose(x)*inv(P)*x
    tr_inv(X), trace_inv(X)                      = tr(inv(X))
    sum_squares(X), sum_square(X), sumsq(X), sumsqr(X), norm_squared(X), sqnorm(X), norm2sq(X), sum("abs2", X) = norm(X)^2
    sum("abs", X)                                = sum(abs(X))
    mean("abs2", X)                              = mean(X.^2)
    sqeuclidean(a, b)                            = norm(a - b)^2
    dist(a, b)                                   = norm(a - b)
    cosine_similarity(a, b)                      = a'*b/(norm(a)*norm(b))
    l2_loss(X)                                   = norm(X)^2/2
    cofactor(X)                                  = adj(X)'
    slogdet(X), logabsdet(X)                     = logdet(X)*ones(2)
    norm(X, "fro"), norm(X, "F"), norm(X, "Frobenius"), norm(X, "f"), Norm(X), Norm(X, "Frobenius"), vector_norm(X) = norm(X)
    Norm(x, p), vector_norm(x, p), VectorNorm(x, p)                = norm(x, p)
    norm(X, "2"), opnorm(X)                      = normspec(X)
    norm(X, "nuc"), norm_nuc(X), nuclear_norm(X), normNuc(X) = normnuc(X)
    norm_1(x), l1_norm(x), l1norm(x)             = norm1(x)
    norm_2(X), norm_F(X), norm_fro(X), l2_norm(X), matrix_norm(X) = norm(X)
    norm(x, "inf"), norm(x, "Inf"), Norm(x, "Infinity"), norm(x, "oo"), norm_inf(x) = norminf(x)
    dot(x, A, y)                                 = x'*A*y
    MatrixPower(X, k), matrix_power(X, k)        = X^k
    sum(X, "all"), reduce_sum(X), Total(X), total(X) = sum(X)
    reduce_mean(X), mean2(X)                     = mean(X)
    reduce_logsumexp(x)                          = logsumexp(x)
    logaddexp(0, x)                              = softplus(x)
    maximum(0, x), fmax(0, x), max(0, x), maximum(x, 0), fmax(x, 0), max(x, 0), pos(x), clamp(x, "min"), clamp(x, 0), clip(x, 0) = relu(x)
    mse_loss(a, b), mean_squared_error(a, b)     = mean((a - b).^2)
    l1_loss(a, b), mean_absolute_error(a, b)     = mean(abs(a - b))
    binary_cross_entropy(p, y)                   = -mean(y.*log(p) + (1 - y).*log(1 - p))
    binary_cross_entropy_with_logits(z, y)       = mean(softplus(z) - y.*z)
    ConjugateTranspose(X)                        = ctranspose(X)
    abs2(x)                                      = x.*conj(x)
    vdot(a, b)                                   = conj(a)@b
    length(x), numel(x), size(x)                 = sum(x.^0)
    len(X), nrow(X), size(X, 1)                  = sum(rowsum(X).^0)
    ncol(X), size(X, 2)                          = sum(X[1,:].^0)
    colSums(X)                                   = colsum(X)
    rowSums(X)                                   = rowsum(X)
    colMeans(X)                                  = colsum(X)/sum(X[:,1].^0)
    rowMeans(X)                                  = rowsum(X)/sum(X[1,:].^0)
    diff(x, 1)                                   = diff(x)
    diff(x, 2)                                   = diff(diff(x))
    reciprocal(x)                                = 1 ./ x
    negative(x)                                  = -x
    sec(x)                                       = 1 ./ cos(x)
    csc(x), cosec(x)                             = 1 ./ sin(x)
    cot(x)                                       = cos(x)./sin(x)
    sech(x)                                      = 1 ./ cosh(x)
    csch(x)                                      = 1 ./ sinh(x)
    coth(x)                                      = cosh(x)./sinh(x)
    exp2(x)                                      = 2.^x
    cbrt(x)                                      = sign(x).*abs(x).^(1/3)
    logit(x)                                     = log(x) - log(1 - x)
    polygamma(0, x)                              = digamma(x)
    polygamma(1, x)                              = trigamma(x)
    entr(x)                                      = -x.*log(x)
    rel_entr(x, y)                               = x.*log(x./y)
    kl_div(x, y)                                 = x.*log(x./y) - x + y
    logsigmoid(x), log_sigmoid(x)                = log(sigmoid(x))
    elu(x)                                       = relu(x) - relu(1 - exp(x))
    mish(x)                                      = x.*tanh(softplus(x))
    softsign(x)                                  = x./(1 + abs(x))
    hardtanh(x)                                  = clip(x, -1, 1)
    tanhshrink(x)                                = x - tanh(x)
    pow(x, p), power(x, p)                       = x.^p
    plogis(x), LogisticSigmoid(x)                = sigmoid(x)
    pnorm(x)                                     = normcdf(x)
    dnorm(x)                                     = normpdf(x)
    MatrixExp(X)                                 = expm(X)
    Diagonal(X), DiagonalMatrix(X), diagm(X), diagonal(X) = diag(X)
    conjugate(x)                                 = conj(x)
    flatten(X), ravel(X)                         = vec(X')
    item(x), detach(x), copy(x), drop(x), squeeze(x), asarray(x) = x
    subtract(a, b)                               = a - b
    add(a, b)                                    = a + b
    pmax(a, b)                                   = max(a, b)
    pmin(a, b)                                   = min(a, b)
    cp_logistic(x)                               = softplus(x)
    cp_huber(x)                                  = 2*huber(x, 1)
    cp_huber(x, M)                               = 2*huber(x, M)
    cp_norm(X), cp_norm(X, 2)                    = normspec(X)
    cp_neg(x)                                    = relu(-x)
    cp_inv_pos(x)                                = 1 ./ x
    quad_over_lin(x, t)                          = norm(x)^2/t
    log_normcdf(x), log_ndtr(x)                  = log(normcdf(x))
    log_expit(x)                                 = log(sigmoid(x))
    special_huber(d, r)                          = huber(r, d)
    pseudo_huber(d, r)                           = d.^2 .* (sqrt(1 + (r./d).^2) - 1)
    huber_loss(a, b), smooth_l1_loss(a, b)       = mean(huber(a - b, 1))
    huber_loss(a, b, d)                          = mean(huber(a - b, d))
    smooth_l1_loss(a, b, d)                      = mean(huber(a - b, d))/d
    torch_neg(x)                                 = -x
    torch_var(X), var(X, ddof=1), torch_var(X, correction=1), torch_var(X, unbiased=True) = norm(X - mean(X)*X.^0)^2/(sum(X.^0) - 1)
    torch_std(X), std(X, ddof=1), torch_std(X, correction=1), torch_std(X, unbiased=True) = sd(X)
    sd(X)                                        = norm(X - mean(X)*X.^0)/sqrt(sum(X.^0) - 1)
    var(X, ddof=0), torch_var(X, correction=0), torch_var(X, unbiased=False) = norm(X - mean(X)*X.^0)^2/sum(X.^0)
    std(X, ddof=0), torch_std(X, correction=0), torch_std(X, unbiased=False) = norm(X - mean(X)*X.^0)/sqrt(sum(X.^0))
"""
ALONG = {name: (f"{name}_cols", f"{name}_rows") for name in ("softmax", "log_softmax", "logsumexp")}
ALONG |= dict.fromkeys(("sum", "mean"), ("colsum", "rowsum"))  # along the first axis, along the second; a mean is over how many they add
AXES = ("axis", "dim", "dims")
STACKS = ("hstack", "vstack", "blkdiag", "block_diag")
LIBRARIES = ("cp", "special", "torch")
DIVISORS = ("ddof", "correction", "unbiased")  # what a variance is divided by
UPPER = ("max", "a_max", "clip_value_max")
KEPT = ("keepdims", "keepdim")
LEFT_OUT = (*KEPT, "out", "dtype", "reduction")


@lru_cache(maxsize=1)
def rows() -> dict[str, Definition]:
    """The rows of the table by their calls, as definitions with the names among the arguments as parameters.

    >>> rows()["solve(A, b)"].text
    'inv(A)*b'
    """
    found: dict[str, Definition] = {}
    for line in SPELLINGS.strip().splitlines():
        calls, meaning = line.rsplit(" = ", 1)
        for call in re.findall(r"\w+\([^()]*\)", calls):
            found[call] = Definition(call, (), tuple(filter(str.isidentifier, _wanted(call))), meaning.strip(), "")
    return found


@lru_cache(maxsize=1)
def _by_name() -> dict[str, list[Definition]]:
    found: dict[str, list[Definition]] = {}
    for call, row in rows().items():
        found.setdefault(call.partition("(")[0], []).append(row)
    return found


def is_known(word: str) -> bool:
    """Whether a name is a function here, or is refused with what to write instead."""
    return word in FUNCTIONS or word in REFUSED or word in STACKS or word in _by_name() or word in ALONG or word.lower() in FUNCTIONS


def of_library(word: str) -> str:
    """The name in every library of a function that has a row for one: norm for cp_norm; nothing for other names.

    >>> of_library("cp_norm"), of_library("cp_sum")
    ('norm', '')
    """
    library, _, name = word.partition("_")
    return name if library in LIBRARIES and word in _by_name() else ""


@lru_cache(maxsize=None)
def _wanted(call: str) -> list[str]:
    return call[call.index("(") + 1 : -1].split(", ")


def meant(name: str, arguments: tuple[Node, ...], ours: bool) -> tuple[str, tuple[Node, ...]] | None:
    """The row that a call is, with the arguments that its parameters are; a function of `ours` keeps its name unless an argument tells."""
    for row in _by_name().get(name, ()):
        pairs = list(zip(_wanted(row.name), arguments, strict=False))
        taken = tuple(a for w, a in pairs if w.isidentifier())
        told = all(w.isidentifier() or _said(a) == (int(w) if w.isdigit() else w.strip('"')) for w, a in pairs)
        if told and len(arguments) == len(_wanted(row.name)) and not (ours and len(taken) == len(arguments)):
            return row.name, taken
    return None


def _said(argument: Node) -> object:
    return f"{argument.value}={argument.parts[0].value}" if argument.kind == "keyword" else argument.value


def without_keywords(name: str, arguments: tuple[Node, ...]) -> tuple[tuple[Node, ...], int | None, bool]:
    """The arguments without their keywords, the axis that one of them says, and whether that axis is kept."""
    out: list[Node] = []
    axis: int | None = None
    kept = False
    for argument in arguments:
        if argument.kind != "keyword":
            out.append(argument)
            continue
        (value,) = argument.parts
        number = -value.parts[0].value if value.kind == "minus" and value.parts[0].kind == "number" else value.value
        if argument.value in AXES and number != "None":
            if name not in ALONG or number not in (0, 1, -1):
                raise failing(f"{name} along an axis is not read", argument, "rowsum(X), colsum(X), softmax_rows(X), or write it out")
            axis = number
        elif argument.value in UPPER and len(arguments) == 2:
            raise failing(f"{name} with an upper bound alone is not read", argument, "min(x, c), entry by entry")
        elif argument.value == "lag":
            raise failing("differences over more than one step are not read", argument, "sum_{t=3}^{n} (x_t - x_{t-2})^2")
        elif argument.value not in (*LEFT_OUT, *AXES):
            out.append(argument if argument.value in DIVISORS else value)
        kept = kept or argument.value in KEPT and value.value == "True"
    return tuple(out), axis, kept
