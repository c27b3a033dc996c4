"""The elementwise functions: one line each, the derivative written in the language.

A row's ``d`` is the derivative f'(x) of the scalar function; f(Z) then has the differential f'(Z) ⊙ dZ
(Magnus & Neudecker, 5.15).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from matcalc.expr import NUMBER, Expr, Op, apply, coefficient_and_rest, product, scaled
from matcalc.expr.conjugate import I, plainer, turned_by_i


def _row(name: str, d: str, **columns: Any) -> Op:
    columns.setdefault("latex", rf"\{name}")
    inputs = d.count(";") + 1
    return Op(name, ",".join("*" * inputs), elementwise=True, d=d, transposed="each" if inputs > 1 else "transpose", **columns)


def _sorted(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    """The arguments of a symmetric function in the order of terms."""
    back = tuple(sorted(args, key=lambda a: a.order))
    return None if back == args else apply(op, back)


def of_conjugate(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    """The modulus, or the norm, of the conjugate is the same, and that of i times it."""
    if not args[0].complex:
        return None
    turned, bare = turned_by_i(args[0])
    bare, other = plainer(bare)
    return apply(op, (bare,)) if turned or other else None


def _sign(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    """A positive number makes no difference, and i stands before it."""
    c, rest = coefficient_and_rest(args[0])
    if c > 0 and c != 1:
        return apply(op, (rest,))
    k, bare = turned_by_i(args[0]) if args[0].complex else (0, args[0])
    return product([I, apply(op, (bare,))]) if k else None


def _of_multiple(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    """A positive number stands in front, as of relu."""
    c, rest = coefficient_and_rest(args[0])
    if c in (-1, 0, 1):
        return None
    return scaled(c, apply(op, (rest,))) if c > 0 else scaled(-c, apply(op, (scaled(-1, rest),)))


def _step(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    """A positive number makes no difference."""
    c, rest = coefficient_and_rest(args[0])
    return apply(op, (rest if c > 0 else scaled(-1, rest),)) if c not in (-1, 0, 1) else None


def _name(text: str) -> str:
    return rf"\operatorname{{{text}}}"


def _logaddexp(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    """log(1 + exp(x)) is softplus(x)."""
    for zero, x in (args, args[::-1]):
        if zero.op is NUMBER and zero.data == 0:
            return elementwise("softplus", x)
    return _sorted(op, args)


HALF = Fraction(1, 2)
_SIGN = "positive -> positive; nonnegative -> nonnegative; negative -> negative; nonpositive -> nonpositive; nonzero -> nonzero"  # f(x) has the sign of x

# fmt: off
ELEMENTWISE: tuple[Op, ...] = (
    _row("sin",        "cos(x)",                             parity="odd",  values=((0, 0),),    numpy="np.sin({0})", sympy="sin", between="-1, 1", meaning="the sine"),
    _row("cos",        "-sin(x)",                            parity="even", values=((0, 1),),    numpy="np.cos({0})", sympy="cos", between="-1, 1", meaning="the cosine"),
    _row("tan",        "1 + tan(x)^2",                       parity="odd",  values=((0, 0),),    numpy="np.tan({0})", sympy="tan",    domain="not an odd multiple of π/2", sample=("unit",), meaning="the tangent"),
    _row("asin",       "1/sqrt(1 - x^2)",                    inverse="sin(x)", parity="odd",  values=((0, 0),),    numpy="np.arcsin({0})", sympy="asin",   latex=r"\arcsin", domain="in (−1, 1)", sample=("unit",), keeps=_SIGN, meaning="the inverse sine"),
    _row("acos",       "-1/sqrt(1 - x^2)",                                                       inverse="cos(x)", numpy="np.arccos({0})", sympy="acos",   latex=r"\arccos", domain="in (−1, 1)", sample=("unit",), range="nonnegative", meaning="the inverse cosine"),
    _row("atan",       "1/(1 + x^2)",                        inverse="tan(x)", parity="odd",  values=((0, 0),),    numpy="np.arctan({0})", sympy="atan",   latex=r"\arctan", keeps=_SIGN, meaning="the inverse tangent"),
    _row("sinh",       "cosh(x)",                            inverse="asinh(x)", parity="odd",  values=((0, 0),),    numpy="np.sinh({0})", sympy="sinh", keeps=_SIGN, meaning="the hyperbolic sine"),
    _row("cosh",       "sinh(x)",                            between="1,", parity="even", values=((0, 1),),    numpy="np.cosh({0})", sympy="cosh",   range="positive", meaning="the hyperbolic cosine"),
    _row("tanh",       "1 - tanh(x)^2",                      between="-1, 1", inverse="atanh(x)", parity="odd",  values=((0, 0),),    numpy="np.tanh({0})", sympy="tanh", keeps=_SIGN, meaning="the hyperbolic tangent"),
    _row("asinh",      "1/sqrt(x^2 + 1)",                    inverse="sinh(x)", parity="odd",  values=((0, 0),),    numpy="np.arcsinh({0})", sympy="asinh",  latex=_name("arsinh"), keeps=_SIGN, meaning="the inverse hyperbolic sine"),
    _row("acosh",      "1/sqrt(x^2 - 1)",                                                        inverse="cosh(x)", numpy="np.arccosh({0})", sympy="acosh",  latex=_name("arcosh"), domain="greater than 1", sample=("above1",), range="nonnegative", meaning="the inverse hyperbolic cosine"),
    _row("atanh",      "1/(1 - x^2)",                        inverse="tanh(x)", parity="odd",  values=((0, 0),),    numpy="np.arctanh({0})", sympy="atanh",  latex=_name("artanh"), domain="in (−1, 1)", sample=("unit",), keeps=_SIGN, meaning="the inverse hyperbolic tangent"),
    _row("exp",        "exp(x)",                                            inverse="log(x)", values=((0, 1),),    numpy="np.exp({0})", sympy="exp",    range="positive", meaning="the exponential"),
    _row("log",        "1/x",                                               inverse="exp(x)", values=((1, 0),),    numpy="np.log({0})", sympy="log",    domain="positive", sample=("positive",), meaning="the natural logarithm"),
    _row("log1p",      "1/(1 + x)",                                         inverse="exp(x) - 1", values=((0, 0),),    numpy="np.log1p({0})", sympy="log(1 + {0})",  latex=_name("log1p"), domain="greater than −1", sample=("positive",), keeps=_SIGN, meaning="log(1 + x), exact near 0"),
    _row("expm1",      "exp(x)",                                            inverse="log(1 + x)", values=((0, 0),),    numpy="np.expm1({0})", sympy="exp({0}) - 1",  latex=_name("expm1"), keeps=_SIGN, meaning="exp(x) - 1, exact near 0"),
    _row("abs",        "sign(x)",                            canonical=of_conjugate, degree=("abs",), real=True, curvature="convex; nonnegative -> increasing; nonpositive -> decreasing", parity="even", values=((0, 0),),    numpy="np.abs({0})", sympy="Abs",    latex=r"\left|{0}\right|", range="nonnegative", smooth="nonzero", sample=("nonzero",), keeps="nonzero -> positive", meaning="the absolute value; of a complex number the modulus"),
    _row("sign",       "0",                                  canonical=_sign, between="-1, 1", parity="odd",  values=((0, 0),),    numpy="np.sign({0})", sympy="sign",   latex=_name("sign"), smooth="nonzero", sample=("nonzero",), keeps=_SIGN, meaning="the sign: -1, 0 or 1; of a complex number x/abs(x)"),
    _row("relu",       "step(x)",                            canonical=_of_multiple, reals=True, curvature="convex increasing", values=((0, 0),),    numpy="np.maximum({0}, 0)", torch="torch.relu({0})",                         sympy="Max(0, {0})",   latex=_name("relu"), range="nonnegative", smooth="nonzero", sample=("nonzero",), keeps="positive -> positive", meaning="the positive part max(x, 0)"),
    _row("leaky_relu", "1/100 + 99/100*step(x)",                            reals=True, curvature="convex increasing", values=((0, 0),),    numpy="np.maximum({0}, 0.01*{0})", torch="torch.nn.functional.leaky_relu({0})",     sympy="Max({0}/100, {0})", latex=_name("leaky\\,relu"), smooth="nonzero", sample=("nonzero",), keeps=_SIGN, meaning="x where it is positive, x/100 elsewhere"),
    _row("step",       "0",                                  canonical=_step, reals=True, between="0, 1", values=((0, HALF),), numpy="np.heaviside({0}, 0.5)", torch="torch.heaviside({0}, torch.full_like({0}, 0.5))", sympy="Heaviside", latex=_name("step"), range="nonnegative", smooth="nonzero", sample=("nonzero",), keeps="positive -> positive", meaning="1 where x is positive, 0 where it is negative, 1/2 at 0"),
    _row("sigmoid",    "sigmoid(x)*(1 - sigmoid(x))",                       between="0, 1", inverse="log(x/(1 - x))", values=((0, HALF),), numpy="sc.expit({0})",            jax="jax.nn.sigmoid({0})", sympy="1/(1 + exp(-{0}))", latex=r"\sigma", range="positive", meaning="the logistic function 1/(1 + exp(-x))"),
    _row("softplus",   "sigmoid(x)",                                                             inverse="log(exp(x) - 1)", numpy="np.logaddexp(0, {0})",     jax="jax.nn.softplus({0})",       torch="torch.nn.functional.softplus({0})",       sympy="log(1 + exp({0}))", latex=_name("softplus"), range="positive", meaning="log(1 + exp(x))"),
    _row("gelu",       "normcdf(x) + x*normpdf(x)",                         reals=True, values=((0, 0),),    numpy="{0}*sc.ndtr({0})",         jax="jax.nn.gelu({0}, approximate=False)", torch="torch.nn.functional.gelu({0})",  sympy="{0}*(1 + erf({0}/sqrt(2)))/2",   latex=_name("gelu"), source="Hendrycks & Gimpel 2016, the exact form", keeps=_SIGN, meaning="x*normcdf(x)"),
    _row("silu",       "sigmoid(x)*(1 + x*(1 - sigmoid(x)))",               values=((0, 0),),    numpy="{0}*sc.expit({0})",        jax="jax.nn.silu({0})",           torch="torch.nn.functional.silu({0})",           sympy="{0}/(1 + exp(-{0}))",   latex=_name("silu"), keeps=_SIGN, meaning="x*sigmoid(x)"),
    _row("erf",        "2*exp(-x^2)/sqrt(pi)",               parity="odd",  values=((0, 0),),    numpy="sc.erf({0})", sympy="erf",    latex=_name("erf"), keeps=_SIGN, between="-1, 1", meaning="the error function"),
    _row("erfc",       "-2*exp(-x^2)/sqrt(pi)",                             values=((0, 1),),    numpy="sc.erfc({0})", sympy="erfc",   latex=_name("erfc"), range="positive", between="0, 2", meaning="1 - erf(x)"),
    _row("normcdf",    "normpdf(x)",                                        values=((0, HALF),), numpy="sc.ndtr({0})",             jax="jax.scipy.stats.norm.cdf({0})", sympy="(1 + erf({0}/sqrt(2)))/2", latex=r"\Phi", range="positive", between="0, 1", meaning="the distribution function of the normal distribution"),
    _row("normpdf",    "-x*normpdf(x)",                      parity="even",                      numpy="np.exp(-0.5*{0}**2)/(2*np.pi)**0.5", jax="jax.scipy.stats.norm.pdf({0})", sympy="exp(-{0}**2/2)/sqrt(2*pi)", latex=r"\varphi", range="positive", meaning="the density of the normal distribution"),
    _row("lognormcdf", "mills(x)",                                                               reals=True, numpy="sc.log_ndtr({0})",         jax="jax.scipy.stats.norm.logcdf({0})", sympy="log((1 + erf({0}/sqrt(2)))/2)", latex=_name("lognormcdf"), meaning="log(normcdf(x)), without overflow"),
    _row("mills",      "-mills(x)*millsexcess(x)",                                               reals=True, numpy="(2/np.pi)**0.5/sc.erfcx(-{0}/2**0.5)", jax="jnp.exp(jax.scipy.stats.norm.logpdf({0}) - jax.scipy.stats.norm.logcdf({0}))", sympy="exp(-{0}**2/2)/sqrt(2*pi)/((1 + erf({0}/sqrt(2)))/2)", latex=_name("mills"), range="positive", meaning="normpdf(x)/normcdf(x)"),
    _row("millsexcess", "1 - mills(x)*millsexcess(x)",                                           reals=True, numpy="np.maximum({0} + (2/np.pi)**0.5/sc.erfcx(-{0}/2**0.5), 0)", jax="jnp.where({0} < -60, -(1 - 2/{0}**2 + 10/{0}**4)/{0}, {0} + jnp.exp(jax.scipy.stats.norm.logpdf({0}) - jax.scipy.stats.norm.logcdf({0})))", torch="torch.relu({0} + (2/torch.pi)**0.5/torch.special.erfcx(-{0}/2**0.5))", sympy="{0} + exp(-{0}**2/2)/sqrt(2*pi)/((1 + erf({0}/sqrt(2)))/2)", latex=_name("millsexcess"), range="positive", meaning="x + mills(x), exact where they cancel"),
    _row("logcosh",    "tanh(x)",                            parity="even", values=((0, 0),),    reals=True, numpy="np.log1p(np.sinh(np.minimum(np.abs({0}), 40))**2) / 2 + np.maximum(np.abs({0}) - 40, 0)", jax="jnp.log1p(jnp.expm1(jnp.minimum(jnp.abs({0}), 40))**2 / (2 * jnp.exp(jnp.minimum(jnp.abs({0}), 40)))) + jnp.maximum(jnp.abs({0}) - 40, 0)", torch="torch.log1p(torch.sinh(torch.clamp(torch.abs({0}), max=40))**2) / 2 + torch.relu(torch.abs({0}) - 40)", sympy="log(cosh({0}))", latex=_name("logcosh"), range="nonnegative", meaning="log(cosh(x)), without overflow"),
    _row("lgamma",     "digamma(x)",                                                             reals=True, numpy="np.where({0} >= 0, sc.gammaln({0}), np.nan)", torch="torch.where({0} >= 0, torch.lgamma({0}), torch.nan)",                   sympy="loggamma", latex=r"\log\Gamma", prec=85, domain="positive", sample=("positive",), meaning="the logarithm of the gamma function"),
    _row("digamma",    "trigamma(x)",                                                            reals=True, numpy="np.where({0} >= 0, sc.digamma({0}), np.nan)", torch="torch.where({0} >= 0, torch.digamma({0}), torch.nan)",                  sympy="digamma", latex=r"\psi^{(0)}", domain="positive", sample=("positive",), meaning="the derivative of lgamma"),
    _row("trigamma",   "tetragamma(x)",                                                          reals=True, curvature="convex decreasing", numpy="np.where({0} >= 0, sc.zeta(2, {0}), np.nan)",          jax="jnp.where({0} >= 0, jax.scipy.special.polygamma(1, {0}), jnp.nan)", torch="torch.where({0} >= 0, torch.polygamma(1, {0}), torch.nan)",        sympy="polygamma(1, {0})", latex=r"\psi^{(1)}", domain="positive", range="positive", sample=("positive",), meaning="the second derivative of lgamma"),
    _row("tetragamma", "",                                                                       reals=True, curvature="concave increasing", numpy="np.where({0} >= 0, -2*sc.zeta(3, {0}), np.nan)",       jax="jnp.where({0} >= 0, jax.scipy.special.polygamma(2, {0}), jnp.nan)", torch="torch.where({0} >= 0, torch.polygamma(2, {0}), torch.nan)",        sympy="polygamma(2, {0})", latex=r"\psi^{(2)}", domain="positive", sample=("positive",), result=("negative",), range="negative", meaning="the third derivative of lgamma"),
    # Of several arguments, arrays of one shape or scalars: the partial derivatives by x, by y, …; domain and smooth are of formulas, too.
    _row("hypot",      "x/hypot(x, y); y/hypot(x, y)",                       reals=True, numpy="np.hypot({0}, {1})", sympy="sqrt({0}**2 + {1}**2)",          latex=_name("hypot"), range="nonnegative", keeps="nonzero -> positive", smooth="hypot(x, y) nonzero", canonical=_sorted, curvature="convex; nonnegative -> increasing", meaning="sqrt(x^2 + y^2)"),
    _row("atan2",      "y/(x^2 + y^2); -x/(x^2 + y^2)",                      reals=True, numpy="np.arctan2({0}, {1})", sympy="atan2({0}, {1})",                latex=_name("atan2"), smooth="hypot(x, y) + y nonzero", meaning="the angle of the point (y, x)"),
    _row("logaddexp",  "sigmoid(x - y); sigmoid(y - x)",                     reals=True, numpy="np.logaddexp({0}, {1})", sympy="log(exp({0}) + exp({1}))",       latex=_name("logaddexp"), canonical=_logaddexp, curvature="convex increasing", meaning="log(exp(x) + exp(y)), without overflow"),
    _row("xlogy",      "log(y); x/y",                                        reals=True, numpy="sc.xlogy({0}, {1})", sympy="{0}*log({1})",      latex=_name("xlogy"), domain="y positive", sample=("", "positive"), meaning="x*log(y), 0 where x is 0"),
    _row("huber",      "clip(x, -y, y); relu(abs(x) - y)",                   reals=True, numpy="sc.huber({1}, {0})",       jax="jnp.where({1} >= 0, jnp.where(jnp.abs({0}) <= {1}, {0}**2/2, {1}*(jnp.abs({0}) - {1}/2)), jnp.nan)", torch="torch.where({1} >= 0, torch.where(torch.abs({0}) <= {1}, {0}**2/2, {1}*(torch.abs({0}) - {1}/2)), torch.nan)", sympy="{0}**2/2 - Max(0, Abs({0}) - {1})**2/2", latex=_name("huber"), range="nonnegative", domain="y positive", sample=("", "positive"), curvature="convex first", meaning="x^2/2 where abs(x) is at most y, y*(abs(x) - y/2) elsewhere"),
    _row("clip",       "step(x - y) - step(x - z); step(y - x); step(x - z)", reals=True, numpy="np.clip({0}, {1}, {2})", sympy="Min(Max({0}, {1}), {2})",       latex=_name("clip"), domain="z - y positive", smooth="x - y nonzero; x - z nonzero", sample=("", "unit", "above1"), meaning="x kept between y and z"),
)
# fmt: on

# fmt: off
# Other names for the same functions.
ALIASES: dict[str, str] = {
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh", "arctan2": "atan2",
    "absolute": "abs", "fabs": "abs", "ln": "log", "logistic": "sigmoid", "expit": "sigmoid", "heaviside": "step", "sgn": "sign", "signum": "sign",
    "gammaln": "lgamma", "loggamma": "lgamma", "swish": "silu", "ndtr": "normcdf", "norm_cdf": "normcdf", "norm_pdf": "normpdf", "log_ndtr": "lognormcdf",
    "lncosh": "logcosh", "log_cosh": "logcosh", "maximum": "max", "minimum": "min", "clamp": "clip",
    "trace": "tr", "log_det": "logdet", "adjugate": "adj", "cholesky": "chol", "matrix_exp": "expm", "matrix_log": "logm", "matrix_sqrt": "sqrtm",
    "norm2": "norm", "norm_fro": "norm", "frobenius": "norm", "normF": "norm", "norm_1": "norm1", "norm_inf": "norminf", "norm_nuc": "normnuc", "nuclear_norm": "normnuc", "trace_norm": "normnuc",
    "spectral_norm": "normspec", "operator_norm": "normspec", "sigma_max": "normspec", "eigmax": "lambda_max", "eigmin": "lambda_min",
    "lse": "logsumexp", "log_sum_exp": "logsumexp", "sum_entries": "sum", "logsoftmax": "log_softmax", "layer_norm": "layernorm", "normalise": "normalize",
}

# Functions that are refused, with the reason and what to write instead.
_LINEAR = "is not in the language; where it is linear, multiply by its matrix"
REFUSED: dict[str, str] = {
    **dict.fromkeys(("floor", "ceil", "round", "fix", "trunc"), "is piecewise constant: its derivative is zero or does not exist; declare what it gives as a variable of its own"),
    **dict.fromkeys(("mod", "rem", "fmod"), "jumps; x - c*k with k a variable of its own is what it is between the jumps"),
    **dict.fromkeys(("amax", "nanmax"), "of one argument is not differentiable; logsumexp(x) is its smooth version, max(a, b) takes two, lambda_max(A) is the largest eigenvalue"),
    **dict.fromkeys(("amin", "nanmin"), "of one argument is not differentiable; -logsumexp(-x) is its smooth version, min(a, b) takes two"),
    "argmax": "is piecewise constant; softmax(x) is its smooth version", "argmin": "is piecewise constant; softmax(-x) is its smooth version",
    **dict.fromkeys(("sort", "argsort", "topk", "unique"), "permutes its argument: write P*x with P: (n, n) a matrix of zeros and ones"),
    **dict.fromkeys(("median", "quantile", "percentile"), "is not differentiable; mean(x) is, and so is e'*x with e: (n) the place of the entry it takes"),
    "rank": "is piecewise constant; normnuc(X) is its convex stand-in",
    **dict.fromkeys(("eig", "eigh", "eigvals", "eigvalsh"), "is not in the language; for symmetric A, lambda_max(A) is the largest eigenvalue, -lambda_max(-A) the smallest, tr(A) and logdet(A) are of all"),
    **dict.fromkeys(("svd", "svdvals"), "is not in the language; normspec(X) is the largest singular value, normnuc(X) their sum, norm(X)^2 that of their squares, polar(X) is U*V'"),
    "cond": "is not in the language; for spd A, -lambda_max(A)/lambda_max(-A) is the condition number",
    **dict.fromkeys(("lu", "qr"), "is not in the language; chol(A) is the Cholesky factor, inv(A)*b the solution, logdet(A) the logarithm of the determinant"),
    "where": "is not in the language; with a matrix M of zeros and ones it is M.*A + (1 - M).*B",
    "dropout": "is random; with a matrix M of zeros and ones it is M.*X", "sparsemax": "is not in the language; softmax(x) is its smooth version",
    "cumprod": "is not in the language; for positive x it is exp(cumsum(log(x)))",
    **dict.fromkeys(("conv", "conv1d", "conv2d", "convolve", "fft", "ifft", "interp", "trapz"), _LINEAR),
    **dict.fromkeys(("flip", "fliplr", "flipud", "roll", "circshift", "reverse"), "permutes its argument: write P*x with P: (n, n) a matrix of zeros and ones"),
    **dict.fromkeys(("tile", "repmat", "broadcast_to"), "is not in the language; a*ones(n)' has the column a n times, ones(m)*b' the row b' m times"),
    **dict.fromkeys(("cdist", "pdist", "pdist2"), "is not in the language; the squared distances of rows are rowsum(X.^2)*ones(n)' + ones(m)*rowsum(Y.^2)' - 2*X*Y'"),
    "reshape": "is not in the language; unvec(x, m, n) is the m by n matrix with the columns x, vec(X) goes back",
    "vech": "is not in the language; differentiate by A declared symmetric, or write L*vec(A) with L the elimination matrix",
    **dict.fromkeys(("toeplitz", "hankel", "circulant", "vander"), "is not in the language; it is linear in what it is made of: declare the matrices that it adds up"),
    **dict.fromkeys(("cat", "concatenate", "stack"), "is not in the language; [X; Y] puts X over Y, [X, Y] beside it, blkdiag(X, Y) along the diagonal"),
    **dict.fromkeys(("batchnorm", "batch_norm"), "is not in the language; of one feature over the batch it is layernorm(x)"),
    **dict.fromkeys(("rmsnorm", "rms_norm"), "is not in the language; it is x*sqrt(n)/norm(x)"),
    **dict.fromkeys(("standardize", "standardise", "zscore"), "is not in the language; it is layernorm(x)"),
    "corrcoef": "is not in the language; corr(x, y) is the correlation of two vectors, cov(X) the covariance of the columns",
    "vecnorm": "is not in the language; norm21(X') is the sum of the norms of the columns, sqrt(colsum(X.^2)) are these",
    **dict.fromkeys(("dnorm", "dpois", "dbinom", "dexp", "dgamma", "dbeta", "logpdf"), "of these arguments is not read; write the logarithm of the density, such as -norm(y - mu)^2/(2*sigma^2)"),
    "multi_dot": "is not read: write A*B*C",
    "cross": "is not in the language; x × y is S*y with S: (3, 3) skew",
}
# fmt: on


_BY_NAME = {op.name: op for op in ELEMENTWISE}


def elementwise(name: str, *args: Expr) -> Expr:
    """The elementwise function `name` of its arguments.

    >>> from matcalc.expr import number
    >>> elementwise("exp", number(0))
    1
    """
    return apply(_BY_NAME[name], args)
