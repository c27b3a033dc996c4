"""A script as a user writes it, that mypy --strict and pyright have to accept; `make lint` asks mypy."""

from typing import assert_type

import numpy as np

import matcalc as mc

f = "norm(X*w - y)^2 + norm(w)^2"
print(mc.grad(f, "w", where="X: (m, n)").latex())
both = assert_type(mc.grad(f, ["w", "X"]), mc.Derivatives)
print(both["w"].text())
X, w, y = mc.matrix("X", "m", "n"), mc.vector("w", "n"), mc.vector("y", "m")
loss = mc.norm(X @ w - y) ** 2 + 2 * w.T @ w
d = assert_type(mc.grad(loss, w), mc.Derivative)
second = assert_type(mc.hessian(loss, "w"), mc.Derivative)
print(d.unicode(), d.along("v", 2), second.text(), d.check().ok, d.where, d.steps()[0].text)
run = mc.compile([loss, d, second])
print(run(X=np.eye(2), w=np.ones(2), y=np.zeros(2)))
print(mc.simplify("tr(A*B) + tr(B*A)").latex(), X.hadamard(X).text())
verdict = mc.check(f, "w", "2*X'*(X*w - y) + 2*w")
print(verdict.ok, verdict.verdict)
