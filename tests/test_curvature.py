"""Whether functions are convex or concave: verdicts, their certificates by value, and their counterexamples by value."""

import json
from itertools import combinations

import numpy as np
import pytest

import matcalc as mc
from matcalc.checking.sampling import points
from matcalc.cli import main
from matcalc.convexity import refuting
from matcalc.convexity.inequalities import rows
from matcalc.convexity.ratios import ratio
from matcalc.convexity.signs import NONNEGATIVE, POSITIVE, UNKNOWN, Signs
from matcalc.expr import variable
from matcalc.operators import ELEMENTWISE, MATRIX

# fmt: off
VERDICTS = [  # expression, variables, declarations, verdict, strictness
    ("a'*x + c",                                    "x",   "a: (n); c: scalar",                         "affine",  None),
    ("(a'*x + 1)^2 - (a'*x)^2",                     "x",   "a: (n)",                                    "affine",  None),
    ("sum(relu(x).*x) - relu(-t)*t",                "x,t", "x: (n); t: scalar",                         "convex",  None),
    ("log(tr(A*S)) - logdet(S)",                    "S",   "S: (n, n) spd; A: (n, n) spd",              "convex",  None),
    ("tr(X*inv(Y)*X)",                              "X,Y", "X: (n, n) symmetric; Y: (n, n) spd",        "convex",  None),
    ("logdet(I + inv(R)*H*X*H')",                   "X",   "X: (n, n) spd; H: (m, n); R: (m, m) spd",   "concave", None),
    ("logdet(I + diag(x)*A)",                       "x",   "x: (n) nonnegative; A: (n, n) psd",         "concave", None),
    ("-log(sum(sqrt(x.*y)))",                       "x,y", "x: (n) positive; y: (n) positive",          "convex",  None),
    ("logdet(c*I + X*A + B*A)",                     "X",   "X: (n, n) psd; A: (n, n) psd; B: (n, n) psd; c: scalar positive", "concave", None),
    ("logdet(I + diag(x)*A)",                       "x",   "x: (n) positive; A: (n, n) symmetric",      "neither", None),
    ("norm(X)^2 - norm(X'*ones(m))^2/m",            "X",   "X: (m, n)",                                 "convex",  None),
    ("sum(sqrt(colsum(X.^2)))",                     "X",   "X: (m, n)",                                 "convex",  None),
    ("logdet(inv(X) + A)",                          "X",   "X: (n, n) spd; A: (n, n) spd",              "convex",  None),
    ("norm(x - a)^2 - norm(x - b)^2",               "x",   "x: (n); a: (n); b: (n)",                    "affine",  None),
    ("norm(A*x - b)^2 + λ*norm(x)^2",               "x",   "A: (m, n); λ: scalar positive",             "convex",  "strongly"),
    ("norm(A*x - b)^2 + λ*norm(x)^2",               "x",   "A: (m, n); λ: scalar nonnegative",          "convex",  None),
    ("x'*(A.*B)*x",                                 "x",   "A: (n, n) psd; B: (n, n) psd",              "convex",  None),
    ("x^2 + 3*x*y + 3*y^2",                         "x,y", "x: scalar; y: scalar",                      "convex",  "strongly"),
    ("x^2 + 2*x*y + y^2",                           "x,y", "x: scalar; y: scalar",                      "convex",  None),
    ("logsumexp(A*x + b)",                          "x",   "A: (m, n)",                                 "convex",  None),
    ("log(a'*exp(x))",                              "x",   "a: (n) positive; x: (n)",                   "convex",  None),
    ("sqrt(1 + x'*x)",                              "x",   "x: (n)",                                    "convex",  "strictly"),
    ("sum(log(cosh(A*x - b)))",                     "x",   "A: (m, n)",                                 "convex",  None),
    ("x^4 + y^4 + 4*x^2*y^2",                       "x,y", "x: scalar; y: scalar",                      "convex",  None),
    ("sum(exp(x))/prod(x)",                         "x",   "x: (n) positive",                           "convex",  None),
    ("sum(x.^2./(1 + abs(x)))",                     "x",   "x: (n)",                                    "convex",  None),
    ("norm1(A*x) - sum(log(1 + abs(A*x)))",         "x",   "A: (m, n)",                                 "convex",  None),
    ("sum(cosh(x))",                                "x",   "x: (n)",                                    "convex",  "strongly"),
    ("sum(x.^4)",                                   "x",   "x: (n)",                                    "convex",  "strictly"),
    ("sum(x.^4)^(1/4)",                             "x",   "x: (n)",                                    "convex",  None),
    ("-sum(log(normcdf(y.*(X*w))))",                "w",   "X: (m, n); y: (m)",                         "convex",  None),
    ("sum(lgamma(a)) - lgamma(sum(a))",             "a",   "a: (n) positive",                           "convex",  None),
    ("x'*x/y",                                      "x,y", "x: (n); y: scalar positive",                "convex",  None),
    ("x*log(x/y)",                                  "x,y", "x: scalar positive; y: scalar positive",    "convex",  None),
    ("norm(A*x - b)^2/t",                           "x,t", "A: (m, n); t: scalar positive",             "convex",  None),
    ("sqrt(x*y)",                                   "x,y", "x: scalar positive; y: scalar positive",    "concave", None),
    ("sum(log(x))",                                 "x",   "x: (n) positive",                           "concave", "strictly"),
    ("tr(X'*inv(S)*X)",                             "X,S", "X: (n, p); S: (n, n) spd",                  "convex",  None),
    ("tr(C*P) - logdet(P)",                         "P",   "C: (n, n) symmetric; P: (n, n) spd",        "convex",  "strictly"),
    ("exp(norm(x)^2)",                              "x",   "x: (n)",                                    "convex",  "strongly"),
    ("(1 + norm(x)^2)^(3/2)",                       "x",   "x: (n)",                                    "convex",  "strongly"),
    ("-a*log(x) - b*log(1 - x)",                    "x",   "x: scalar positive; a: scalar positive; b: scalar positive", "convex", "strongly"),
    ("norm(vec(X) - a)^2",                          "X",   "X: (m, n); a: (m*n)",                       "convex",  "strongly"),
    ("norm(X)^4",                                   "X",   "X: (m, n)",                                 "convex",  "strictly"),
    ("lgamma(a) + lgamma(b) - lgamma(a + b) - (a - 1)*s - (b - 1)*t", "a,b", "a: scalar positive; b: scalar positive; s: scalar; t: scalar", "convex", "strictly"),
    ("lgamma(a + b) - lgamma(a)",                   "a",   "a: scalar positive; b: scalar positive",    "concave", "strictly"),
    ("tr(X*(logm(X) - logm(Y)))",                   "X,Y", "X: (n, n) spd; Y: (n, n) spd",              "convex",  None),
    ("log(softplus(x))",                            "x",   "x: scalar",                                 "concave", "strictly"),
    ("log(sinh(x)/x)",                              "x",   "x: scalar positive",                        "convex",  "strictly"),
    ("x/(1 + abs(x))",                              "x",   "x: scalar positive",                        "concave", "strictly"),
    ("sum(log(cosh(x)))^2",                         "x",   "x: (n)",                                    "convex",  "strictly"),
    ("tr((X'*X)^2)",                                "X",   "X: (m, n)",                                 "convex",  None),
    ("norm(X*X')",                                  "X",   "X: (m, n)",                                 "convex",  None),
    ("tr(X*inv(I + X))",                            "X",   "X: (n, n) psd",                             "concave", None),
    ("1/(c'*inv(X)*c)",                             "X",   "X: (n, n) spd; c: (n)",                     "concave", None),
    ("log(x/(1 - x))",                              "x",   "x: scalar positive",                        "neither", None),
    ("sum(x.^4)/sum(x.^2)",                         "x",   "x: (n)",                                    "neither", None),
    ("x'*logm(A)*x",                                "x",   "A: (n, n) spd; x: (n)",                     "neither", None),
    ("x'*(A - B*inv(C)*B')*x + y'*C*y",             "x,y", "A: (n, n) spd; C: (p, p) spd; B: (n, p); x: (n); y: (p)", "neither", None),
    ("det(S)^(1/n)",                                "S",   "S: (n, n) spd",                             "concave", None),
    ("logdet(A + X) - logdet(X)",                   "X",   "X: (n, n) spd; A: (n, n) psd",              "convex",  None),
    ("norm(A*x - b) + λ*norm1(x)",                  "x",   "A: (m, n); λ: scalar positive",             "convex",  None),
    ("norm(relu(X*w) + y)^2",                       "w",   "X: (m, n); y: (m) nonnegative",             "convex",  None),
    ("max(a'*x, b'*x)",                             "x",   "a: (n); b: (n)",                            "convex",  None),
    ("min(a'*x, b'*x)",                             "x",   "a: (n); b: (n)",                            "concave", None),
    ("tr(S*logm(S))",                               "S",   "S: (n, n) spd",                             "convex",  "strictly"),
    ("tr(sqrtm(S)) - 2*tr(C*S)",                    "S",   "S: (n, n) spd; C: (n, n) symmetric",        "concave", "strictly"),
    ("sum(logsumexp_rows(X*W)) + λ*norm(W)^2",      "W",   "X: (m, n); λ: scalar positive",             "convex",  "strongly"),
    ("sum(τ*relu(y - X*w) + (1 - τ)*relu(X*w - y))", "w",  "X: (m, n); y: (m); τ: scalar positive",     "convex",  None),
    ("sum(relu(X*w) - 2*relu(-X*w))",               "w",   "X: (m, n); w: (n)",                         "concave", None),
    ("tr(A*sqrtm(S))",                              "S",   "A: (n, n) psd; S: (n, n) spd",              "concave", None),
    ("lambda_max(X'*X)",                            "X",   "X: (m, n)",                                 "convex",  None),
    ("norm21(X)",                                   "X",   "X: (m, n)",                                 "convex",  None),
    ("x'*(I - P)*x",                                "x",   "P: (n, n) projector",                       "convex",  None),
    ("x'*(diag(rowsum(W)) - W)*x",                  "x",   "W: (n, n) symmetric nonnegative",           "convex",  None),
    ("logdet(A*diag(x)*A')",                        "x",   "A: (m, n); x: (n) positive",                "concave", None),
    ("lambda_max(A + diag(x))",                     "x",   "A: (n, n) symmetric",                       "convex",  None),
    ("norminf(A*x - b)",                            "x",   "A: (m, n)",                                 "convex",  None),
    ("normnuc(X) + λ*norm1(A - X)",                 "X",   "X: (m, n); λ: scalar positive",             "convex",  None),
    ("t*logsumexp(x/t)",                            "x,t", "x: (n); t: scalar positive",                "convex",  None),
    ("sqrt(t^2 - x'*x)",                            "x,t", "x: (n); t: scalar positive",                "concave", None),
    ("-log(x*y - z^2)",                             "x,y,z", "x: scalar positive; y: scalar positive; z: scalar", "convex", None),
    ("sum(exp(x))*sum(exp(-x))",                    "x",   "x: (n)",                                    "convex",  None),
    ("log(sum(exp(x)) + sum(exp(-x)))",             "x",   "x: (n)",                                    "convex",  None),
    ("x*log(x)",                                    "x",   "x: scalar",                                 "convex",  "strictly"),
    ("acosh(x)",                                    "x",   "x: scalar",                                 "concave", "strictly"),
    ("x'*(I - a*a'/(1 + a'*a))*x",                  "x",   "a: (n); x: (n)",                            "convex",  "strongly"),
    ("x'*P*x - 2*x'*P*y + y'*P*y",                  "x,y", "x: (n); y: (n); P: (n, n) psd",             "convex",  None),
    ("x'*inv(A*A' + λ*I)*x - x'*x/λ",               "x",   "A: (n, m); x: (n); λ: scalar positive",     "concave", None),
    ("x'*A*inv(A'*A + B)*A'*x - x'*x",              "x",   "A: (m, n); x: (m); B: (n, n) psd",          "concave", None),
    ("sum(log(x)) - log(sum(x))",                   "x",   "x: (n) positive",                           "concave", None),
    ("sum(x.*log(x/t))",                            "x,t", "x: (n) positive; t: scalar positive",       "convex",  None),
    ("sum(x.*log(x./sum(x)))",                      "x",   "x: (n) positive",                           "convex",  None),
    ("det(2*S)^(1/n)",                              "S",   "S: (n, n) spd",                             "concave", None),
    ("logdet(A + 2*X) - logdet(2*X)",               "X",   "X: (n, n) spd; A: (n, n) psd",              "convex",  None),
    ("norm(x)^4/y",                                 "x,y", "x: (n); y: scalar positive",                "convex",  None),
    ("sqrt(log(1 + x)*y)",                          "x,y", "x: scalar positive; y: scalar positive",    "concave", None),
    ("sum(x) - x'*diag(y)*K*diag(y)*x/2",           "x",   "y: (n); K: (n, n) psd; x: (n)",             "concave", None),
    ("tr(X*(logm(X) - logm(Y)))",                   "X",   "X: (n, n) spd; Y: (n, n) spd",              "convex",  "strictly"),
    ("tr(X*logm(X) - X*logm(Y)) + tr(Y)",           "X",   "X: (n, n) spd; Y: (n, n) spd",              "convex",  "strictly"),
    ("x'*(A + A')*x - 2*x'*A*x",                    "x",   "A: (n, n); x: (n)",                         "affine",  None),
    ("x^6/30 - x^4/6 + x^2/2",                      "x",   "x: scalar",                                 "convex",  "strictly"),
    ("x^4 - 4*x^3 + 6*x^2 + y^4",                   "x,y", "x: scalar; y: scalar",                      "convex",  "strictly"),
    ("x^4 - 4*x^3 + 5*x^2",                         "x",   "x: scalar",                                 "neither", None),
    ("x^2 + dx*x",                                  "x",   "x: scalar; dx: scalar",                     "convex",  "strongly"),
    ("sqrt(x*y)",                                   "x,y", "x: scalar; y: scalar",                      "neither", None),
    ("(t - x'*x)*(x'*x)^(1/3)",                     "x,t", "x: (n); t: scalar positive",                "neither", None),
    ("sigmoid(y)",                                  "x,y", "x: scalar; y: scalar",                      "neither", None),
    ("x'*A*B*x",                                    "x",   "A: (n, n) psd; B: (n, n) psd; x: (n)",      "neither", None),
    ("x'*A*x",                                      "x",   "A: (n, n)",                                 "neither", None),
    ("1/x",                                         "x",   "x: scalar",                                 "neither", None),
    ("norm(x) + b/norm(x)",                         "x",   "x: (n); b: scalar positive",                "neither", None),
    ("norm(relu(X*w) - y)^2",                       "w",   "X: (m, n); y: (m)",                         "neither", None),
    ("logdet(S) + tr(inv(S)*C)",                    "S",   "S: (n, n) spd; C: (n, n) spd",              "neither", None),
    ("norm(T - U*V')^2",                            "U,V", "T: (m, n); U: (m, k); V: (n, k)",           "neither", None),
    (r"\lambda_{\max}(A + \sum_i x_i B_i)",          "x",   "A: (m, m) symmetric; B_i: (m, m) symmetric, i = 1..n", "convex", None),
    (r"\log\det(A + \sum_i x_i B_i)",               "x",   "A: (m, m) spd; B_i: (m, m) psd, i = 1..n; x: (n) nonnegative", "concave", None),
    (r"b^T (\sum_i x_i A_i)^{-1} b",                "x",   "A_i: (m, m) spd, i = 1..n; x: (n) positive", "convex", None),
    (r"\sum_i \|A_i x - b_i\|_1",                   "x",   "A_i: (m, n), i = 1..N; b_i: (m), i = 1..N", "convex",  None),
    (r"\sum_i \log(1 + x^T A_i x)",                "x",   "A_i: (n, n) psd, i = 1..N",                 "neither", None),
    (r"\sum_i \operatorname{tr}((A_i + X)^{-1})",  "X",   "A_i: (n, n), i = 1..N",                     "neither", None),
]
# fmt: on
SIZES = {"m": 3, "n": 2, "p": 2, "k": 2}


@pytest.mark.parametrize(("expr", "by", "where", "verdict", "strict"), VERDICTS, ids=[f"{v[0]} by {v[1]}" for v in VERDICTS])
def test_verdict(expr, by, where, verdict, strict):
    c = mc.curvature(expr, by, where=where)
    assert (c.verdict, c.strict) == (verdict, strict)
    assert (c.certificate is None) == (verdict == "neither")
    if verdict == "neither":
        assert {e.shows for e in c.counterexamples} == {"not convex", "not concave"}
        for e in c.counterexamples:
            check_counterexample(expr, where, e)
    else:
        assert c.certificate.text() and c.certificate.latex() and c.certificate.steps()


def check_counterexample(expr, where, e):
    f = mc.parse(expr, where=where)

    def at(point):
        return float(mc.evaluate(f, **arrays({**e.data, **point})))

    middle = {name: (np.asarray(e.x[name], float) + np.asarray(e.y[name], float)) / 2 for name in e.x}
    gap = (at(e.x) + at(e.y)) / 2 - at(middle)
    assert gap < 0 if e.shows == "not convex" else gap > 0


def arrays(values):
    return {name: np.asarray(v, float) if np.ndim(v) else float(v) for name, v in values.items()}


SMOOTH = [v for v in VERDICTS if v[3] in ("convex", "concave") and not set("normrelumaxmin").issuperset(v[0].split("(")[0])]


@pytest.mark.parametrize(("expr", "by", "where", "verdict", "strict"), SMOOTH, ids=[f"{v[0]} by {v[1]}" for v in SMOOTH])
def test_terms_add_up_to_the_hessian(expr, by, where, verdict, strict):
    """Terms of one variable that is free; each of one sign, and together the second differences."""
    c = mc.curvature(expr, by, where=where)
    v = c.asked.targets[0][0]
    if "," in by or not c.certificate.terms or v.symmetric and not v.is_scalar:
        return
    values, sizes = next(points(mc.parse(expr, where=where), seed=1))
    f = mc.parse(expr, where=where)
    terms = [np.atleast_2d(mc.evaluate(t, **{**sizes, **values})) for t in c.certificate.terms]
    sign = -1 if verdict == "concave" else 1
    size = np.abs(sum(terms)).max()
    assert all(sign * np.linalg.eigvalsh((t + t.T) / 2).min() >= -1e-8 * (1 + size) for t in terms)
    x = np.asarray(values[by], float)
    d = np.random.default_rng(0).normal(size=x.shape)
    h = 1e-3 * min(1.0, float(np.abs(x).min()) if "positive" in where else 1.0)
    second = sum(k * mc.evaluate(f, **{**sizes, **values, by: x + s * h * d}) for k, s in ((1, 1), (1, -1), (-2, 0))) / h**2
    flat = np.ravel(d, order="F")
    assert abs(flat @ sum(terms) @ flat - second) <= 1e-3 * (1 + size * float(flat @ flat))


JOINT = [v for v in VERDICTS if "," in v[1] and v[3] in ("convex", "concave")]


@pytest.mark.parametrize(("expr", "by", "where", "verdict", "strict"), JOINT, ids=[f"{v[0]} by {v[1]}" for v in JOINT])
def test_terms_of_several_variables(expr, by, where, verdict, strict):
    """They are of the vecs of the variables, one below the other."""
    c = mc.curvature(expr, by, where=where)
    proof = c.certificate.proof
    if proof.second is None:  # by composition
        return
    values, sizes = next(points(proof.second, mc.parse(expr, where=where), seed=3))
    flat = np.concatenate([np.ravel(values[d.data[0]], order="F") for d in proof.differentials.values()])
    whole = sum(mc.evaluate(t, **{**sizes, **values}) for t in c.certificate.terms)
    assert flat @ whole @ flat == pytest.approx(mc.evaluate(proof.second, **{**sizes, **values}), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("expr", "by", "where", "condition"),
    [
        ("x'*A*x", "x", "A: (n, n) symmetric", "convex where A is psd"),
        ("x'*A*x", "x", "A: (n, n)", "convex where A + Aᵀ is psd"),
        ("a*exp(x)", "x", "a: scalar; x: scalar", "convex where a is nonnegative"),
        ("norm(A*x - b)^2", "x", "A: (m, n)", "strictly where A has full column rank"),
    ],
)
def test_conditions(expr, by, where, condition):
    assert condition in mc.curvature(expr, by, where=where).conditions


@pytest.mark.parametrize(
    ("expr", "by", "where", "supposed", "conditions"),
    [
        ("norm(A*x - b)^2 + λ*norm1(x)", "x", "A: (m, n)", "λ: scalar nonnegative", ["convex where λ is nonnegative"]),
        ("norm(y - X*w)^2 + λ*norm(w)^2", "w", "X: (m, n)", "λ: scalar nonnegative", ["convex where λ is nonnegative"]),
        ("sum(relu(1 - y.*(X*w)))*c + norm(w)^2/2", "w", "X: (m, n); y: (m)", "c: scalar nonnegative", ["convex where c is nonnegative"]),
        ("norm(X - L)^2 + λ*normnuc(L)", "L", "X: (m, n)", "λ: scalar nonnegative", ["convex where λ is nonnegative"]),
        ("-sum(λ*abs(x)) - μ*x'*x", "x", "x: (n)", "λ: scalar nonnegative; μ: scalar nonnegative",
         ["concave where λ is nonnegative and μ is nonnegative"]),
        ("a*norm1(x) + b*norm(x)^2 + c*sum(x) + d*sum(x.^4)", "x", "x: (n)", "a: scalar nonnegative; b: scalar nonnegative; d: scalar nonnegative",
         ["convex where a is nonnegative and b is nonnegative and d is nonnegative"]),
        ("x'*A*x + λ*norm(x)", "x", "A: (n, n) symmetric", "A: (n, n) psd; λ: scalar nonnegative",
         ["convex where A is psd and λ is nonnegative"]),
        ("tr(S*X) - logdet(X)", "X", "X: (n, n)", "X: (n, n) spd", ["convex where X is spd"]),
        ("logdet(X)", "X", "X: (n, n)", "X: (n, n) spd", ["concave where X is spd"]),
        ("x'*inv(S)*x", "x,S", "S: (n, n)", "S: (n, n) spd", ["convex where S is spd"]),
        ("(x - m)'*inv(S)*(x - m) + λ*norm1(x)", "x", "S: (n, n); x: (n)", "S: (n, n) spd; λ: scalar nonnegative",
         ["convex where S is spd and λ is nonnegative"]),
        ("x*log(x/y) - x + y", "x", "x: scalar; y: scalar", "x: scalar positive", ["convex where x is positive"]),
        ("sum(x.*log(x./y) - x + y)", "x,y", "x: (n); y: (n)", "x: (n) positive; y: (n) positive",
         ["convex where x is positive and y is positive"]),
        ("x^2/y", "x,y", "x: scalar; y: scalar", "y: scalar positive", ["convex where y is positive"]),
        ("sum(x.^3)", "x", "x: (n)", "", []),  # its domain is all numbers
        ("λ*sum(sin(x))", "x", "x: (n)", "", []),
        ("norm(A*x - b)^2 - λ*norm1(x)", "x", "A: (m, n)", "", []),
        ("logdet(S) + tr(inv(S)*C)", "S", "S: (n, n)", "", []),
    ],
)  # fmt: skip
def test_conditions_hold(expr, by, where, supposed, conditions):
    """They are those that are sought, and the midpoints of segments within them lie on the right side."""
    c = mc.curvature(expr, by, where=where)
    assert c.verdict in ("neither", "unknown") and list(c.conditions) == conditions
    if not supposed:
        return
    kept = [d for d in where.split("; ") if d.split(":")[0] not in [s.split(":")[0] for s in supposed.split("; ")]]
    f = mc.parse(expr, where="; ".join([*kept, supposed]))
    sign, moving = (1 if conditions[0].startswith("convex") else -1), by.split(",")
    pairs = 0
    for (one, sizes), (other, others) in combinations(points(f, seed=5), 2):
        if sizes != others:
            continue
        x, y = one, {**one, **{name: other[name] for name in moving}}
        middle = {**one, **{name: (one[name] + other[name]) / 2 for name in moving}}
        fx, fm, fy = (mc.evaluate(f, **sizes, **values) for values in (x, middle, y))
        assert sign * fm <= sign * (fx + fy) / 2 + 1e-9 * (1 + abs(fx) + abs(fy))
        pairs += 1
    assert pairs >= 3


@pytest.mark.parametrize(
    ("expr", "verdict"),
    [
        ("-n/2*log(b) - sum((x - a).^2)/(2*b)", "concave, strongly"),
        ("b*a^2 + log(b - c)", "neither; convex where b is nonnegative"),
        ("b*a^2 - log(b^2)", "neither; convex where b is nonnegative"),
        ("norm(y - a*x)^2 + b*a^2", "neither; convex where b is nonnegative"),
    ],
)
def test_the_logarithm_of_data_is_of_what_is_positive(expr, verdict):
    assert repr(mc.curvature(expr, "a", where="a: scalar; b: scalar; c: scalar; x: (k); n: scalar nonnegative")) == verdict


@pytest.mark.parametrize(
    ("expr", "verdict"),
    [
        ("norm(x)^2/(n - 1)", "convex, strongly"),
        ("(n - 1)*norm(x)^2", "convex"),
        ("(2*n - 1)*norm(x)^2", "convex, strongly"),
        ("(n*m - m)*norm1(A*x)", "convex"),
        ("(n - 2)*norm(x)^2", "neither"),
        ("(n - m)*norm1(A*x)", "neither"),
    ],
)
def test_sizes_are_at_least_one(expr, verdict):
    assert repr(mc.curvature(expr, "x", where="x: (n); A: (m, n)" if "A" in expr else "x: (n)")) == verdict


def test_kinks_are_put_together_once():
    assert repr(mc.curvature("norm1(x) + sum(relu(x))/b", "x", where="x: (n)")).endswith("; convex where b is nonnegative")


@pytest.mark.parametrize("where", ["S: (n, n) spd", "S: (n, n)"])
def test_a_sum_over_rows_is_a_form_in_their_mean(where):
    c = mc.curvature(r"\frac{m}{2} \log|S| + \frac12 \sum_{i=1}^m (x_i - \mu)^T S^{-1} (x_i - \mu)", r"\mu", where=where)
    assert repr(c) == ("convex" if "spd" in where else "neither; convex where S is spd")


@pytest.mark.parametrize(
    ("expr", "by", "where", "error"),
    [
        ("A*x", "x", "A: (m, n)", mc.ShapeError),
        ("tr(X)", "X[:,j]", "X: (n, n)", mc.UnsupportedError),
        ("x'*x", "x", "x: (n", mc.ParseError),
        ("z'*z", "z", "z: (n) complex", mc.NotDifferentiableError),
    ],
)
def test_errors(expr, by, where, error):
    with pytest.raises(error):
        mc.curvature(expr, by, where=where)


def test_a_curved_set_is_not_convex():
    c = mc.curvature("tr(A*Q)", "Q", where="A: (n, n); Q: (n, n) orthogonal")
    assert c.verdict == "unknown" and "curved" in c.notes[-1]


def test_a_domain_that_is_not_convex_has_no_convex_function():
    assert mc.curvature("1/x^2", "x", where="x: scalar").verdict in ("neither", "unknown")
    assert mc.curvature("1/x^2", "x", where="x: scalar positive").verdict == "convex"


def test_the_hessian_goes_with_the_verdict():
    assert mc.curvature("x'*A*x", "x", where="A: (n, n) spd").hessian.text() == "2*A"
    assert mc.curvature("norm1(x)", "x", where="x: (n)").hessian is None
    assert mc.curvature("x*y", "x,y", where="x: scalar; y: scalar").hessian["x", "y"].text() == "1"


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0].name)
def test_inequalities_hold(row):
    """At numbers from 1e-6 to 1e3, of both signs where that is said."""
    said, _, left, _ = row
    for t in np.concatenate([np.geomspace(1e-6, 1e3, 60), [] if said.of else -np.geomspace(1e-6, 30, 60)]):
        x = {"": t, "vector": [t, 2 * t, 0.3], "matrix": [[2 * t, t], [t, t]]}[said.shape]
        value = mc.evaluate(left, x=x, y=[[1, -0.5], [-0.5, 1 + t]] if said.shape == "matrix" else 1 + t)
        assert value >= -1e-9 if said.touches else value > 0 or abs(t) > 10 and value > -1e-12


@pytest.mark.parametrize("op", [op for op in (*ELEMENTWISE, *MATRIX) if op.between], ids=lambda op: op.name)
def test_ranges_hold(op):
    low, high = (float(part) if part.strip() else None for part in op.between.split(","))
    found = [float(mc.evaluate(getattr(mc, op.name)(mc.scalar("t")), t=t)) for t in np.linspace(-20, 20, 401) if t]
    assert low is None or min(found) >= low
    assert high is None or max(found) <= high


@pytest.mark.parametrize("op", [op for op in (*ELEMENTWISE, *MATRIX) if op.curvature], ids=lambda op: op.name)
def test_curvature_columns_hold(op):
    """Of the midpoint between two arguments, all of them spd where that is asked for, in the domain, else of both signs."""
    rng = np.random.default_rng(1)
    f = mc.parse(
        {"hypot": "hypot(x, y)", "logaddexp": "logaddexp(x, y)", "huber": "sum(huber(X, ones(m, n)))"}.get(op.name, f"sum({op.name}(X))"),
        where=_declared(op),
    )
    for _ in range(60):
        ends = [_drawn(op, rng) for _ in range(2)]
        middle = {name: (ends[0][name] + ends[1][name]) / 2 for name in ends[0]}
        gap = sum(mc.evaluate(f, **e) for e in ends) / 2 - mc.evaluate(f, **middle)
        assert gap <= 1e-9 if "concave" in op.curvature else gap >= -1e-9


def _declared(op):
    if op.name in ("hypot", "logaddexp"):
        return "x: scalar; y: scalar"
    if op.name == "logsumexp":
        return "X: (n)"
    plain = f"X: (m, n) {op.domain}" if op.domain == "positive" else "X: (m, n)"
    return "X: (n, n) spd" if "spd" in op.curvature else "X: (n, n) symmetric" if "symmetric" in op.domain else plain


def _drawn(op, rng):
    if op.name in ("hypot", "logaddexp"):
        return {"x": rng.normal(), "y": rng.normal()}
    if op.name == "logsumexp":
        return {"X": rng.normal(size=3)}
    x = rng.normal(size=(3, 3)) if op.domain != "positive" else rng.uniform(0.1, 5, size=(3, 3))
    return {"X": x @ x.T if "spd" in op.curvature else x + x.T if "symmetric" in op.domain else x}


def test_quotients_cancel():
    x = mc.scalar("x")
    assert ratio(1 / x + x / (1 + x) - (1 + x + x**2) / (x * (1 + x))).is_zero
    assert ratio(mc.cosh(x) ** 2 - mc.sinh(x) ** 2 - 1).is_zero
    assert not ratio(mc.cosh(x) ** 2 - mc.sinh(x) ** 2).is_zero


@pytest.mark.parametrize(
    ("text", "by", "verdict"),
    [
        ("tr(F'*F - I)^2", "F", "neither"),  # tr I is a size, no trace
        ("tr(F'*F + I)^2", "F", "convex"),
        (r"a_{t+1} x^2", "x", "neither"),  # of one t there is no t + 1
        (r"a_{k,t+1} \|x\|^2", "x", "neither"),
    ],
)
def test_traces_and_indices_at_the_smallest_sizes(text, by, verdict):
    assert mc.curvature(text, by).verdict == verdict


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("1 - tanh(x)^2", NONNEGATIVE), ("x^2 - x + 1", POSITIVE), ("cosh(x) - 1", NONNEGATIVE), ("exp(x) - x - 1", NONNEGATIVE),
        ("x^2 - 2*x", UNKNOWN), ("x - sin(x)", UNKNOWN), ("sigmoid(x) - sigmoid(x)^2", POSITIVE), ("2/p^3 - 2/(1 + p)^3", POSITIVE),
        ("p - sin(p)", NONNEGATIVE), ("sin(p)", UNKNOWN), ("p - log(1 + p)", NONNEGATIVE),
    ],
)  # fmt: skip
def test_signs(text, sign):
    x, p = variable("x", (1, 1)), variable("p", (1, 1), {"positive"})
    found = Signs()(mc.parse(text, where="x: scalar; p: scalar positive"))
    assert found & sign == sign if sign else not found & 3
    assert x is not p


@pytest.mark.parametrize(("text", "verdict"), [("x'*A*x", "neither"), ("sum(sin(x))", "neither"), ("norm(A*x - b)^3", "convex")])
def test_without_arrays(text, verdict, monkeypatch):
    monkeypatch.setattr(refuting, "has_arrays", lambda: False)
    assert mc.curvature(text, "x").verdict.split(",")[0] == verdict


def test_command(capsys):
    assert main(["curvature", "logsumexp(A*x)", "--wrt", "x", "--where", "A: (m, n)", "--to", "text"]) == 0
    assert capsys.readouterr().out == "convex\n"
    assert main(["curvature", "exp(x)", "--wrt", "x", "--where", "x: scalar", "--to", "unicode", "--steps"]) == 0
    assert capsys.readouterr().out.splitlines() == ["d²f = exp(x) (dx)²", "exp(x) ⪰ 0: a square times what is nonnegative"]
    assert main(["curvature", "x*y", "--wrt", "x,y", "--where", "x: scalar; y: scalar", "--to", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["verdict"] == "neither" and len(found["counterexamples"]) == 2
    assert main(["curvature", "A*x", "--wrt", "x"]) == 2
