"""Formulas as people type and paste them, read as they are meant or refused with what to write.

A row is compared with the same question in the language itself, with everything declared: the answers are one text.
"""

from __future__ import annotations

import pytest

import matcalc as mc

# as typed ;; declarations ;; by (nothing: the formula itself says) ;; the same in the language ;; its declarations ;; a word of a note
ANSWERED = r"""
# a Greek name is a vector where it can be nothing else
||y - X beta||^2                                         ;;              ;; beta  ;; norm(y - X*beta)^2 ;; beta: (n); X: (m, n)
||t - Phi theta||_2^2 + alpha ||theta||_2^2              ;;              ;; theta ;; norm(t - Phi*theta)^2 + alpha*norm(theta)^2 ;; theta: (n); Phi: (m, n)
(z-mu)^T S^-1 (z-mu)                                     ;;              ;; mu    ;; (z - mu)'*inv(S)*(z - mu) ;; mu: (n)
0.5*norm(r - G*gamma)^2 + tau*norm1(gamma)               ;;              ;; gamma ;; norm(r - G*gamma)^2/2 + tau*norm1(gamma) ;; gamma: (n); G: (m, n); tau: scalar
log(1 + exp(-theta' x))                                  ;;              ;; theta ;; log(1 + exp(-theta'*x)) ;; theta: (n)
mu*norm(x)^2                                             ;;              ;; x     ;; mu*norm(x)^2 ;; mu: scalar
x'*(A + λI)*x                                            ;;              ;; x     ;; x'*(A + λ*I)*x ;; λ: scalar; x: (n)
||w||^2/(2 tau^2)                                        ;;              ;; tau   ;; norm(w)^2/(2*tau^2) ;; tau: scalar; w: (n)
# names written together
||Bz - c||^2                                             ;;              ;; z     ;; norm(B*z - c)^2 ;; z: (n); c: (m); B: (m, n) ;; B*z
z'Mz                                                     ;;              ;; z     ;; z'*M*z ;; z: (n) ;; M*z
tr(Z^TLZ)                                                ;;              ;; Z     ;; tr(Z'*L*Z) ;; Z: (n, k) ;; L*Z
xᵀPx + qᵀx                                               ;;              ;; x     ;; x'*P*x + q'*x ;; x: (n) ;; P*x
||softmax_rows(QK'/sqrt(d))V||^2                         ;;              ;; V     ;; norm(softmax_rows(Q*K'/sqrt(d))*V)^2 ;; d: scalar; V: (n, p) ;; Q*K
||y - Xβ||^2                                             ;;              ;; β     ;; norm(y - X*β)^2 ;; y: (m); β: (n); X: (m, n) ;; X*β
‖W₂ tanh(W₁x) − y‖²                                      ;;              ;; x     ;; norm(W_2*tanh(W_1*x) - y)^2 ;; W_2: (m, p); W_1: (p, n); x: (n); y: (m)
sum(ReLU(W x + b))                                       ;;              ;; W     ;; sum(relu(W*x + b)) ;; x: (n); b: (m); W: (m, n) ;; relu
# primes, ones, signs
c'(x - y)                                                ;;              ;; x     ;; c'*(x - y) ;; x: (n); c: (n); y: (n) ;; transpose
a' (X .* Y) b                                            ;;              ;; X     ;; a'*(X.*Y)*b ;; X: (m, n); a: (m); b: (n); Y: (m, n) ;; transpose
w'*S*w - l*(1'w - 1)                                     ;;              ;; w     ;; w'*S*w - l*(sum(w) - 1) ;; w: (n); S: (n, n); l: scalar ;; ones
1^T A 1                                                  ;;              ;; A     ;; sum(A) ;; A: (m, n) ;; ones
sum_i -y_i log(p_i) - (1 - y_i) log(1 - p_i)             ;;              ;; p     ;; -sum(y.*log(p) + (1 - y).*log(1 - p)) ;; p: (n); y: (n)
\sum_i -y_i\log p_i                                      ;;              ;; p     ;; -y'*log(p) ;; p: (n); y: (n)
# bars
|Ax - b|_2^2 + t*|x|_1                                   ;;              ;; x     ;; norm(A*x - b)^2 + t*norm1(x) ;; x: (n); b: (m); A: (m, n); t: scalar ;; norm
\|y - X\beta\|_2^2 + \lambda|\beta|_1                     ;;              ;; beta  ;; norm(y - X*beta)^2 + lambda*norm1(beta) ;; y: (m); X: (m, n); beta: (n); lambda: scalar ;; norm
|Y - U V'|_F^2                                           ;;              ;; U     ;; norm(Y - U*V')^2 ;; Y: (m, n); U: (m, k); V: (n, k) ;; norm
u^TAv                                                    ;;              ;; A     ;; u'*A*v ;; u: (m); v: (n) ;; A*v
# powers, words for functions, run-on functions
sum(x^3)                                                 ;;              ;; x     ;; sum(x.^3) ;; x: (n)
sum((A*x - b)^2)                                         ;;              ;; x     ;; sum((A*x - b).^2) ;; x: (n); A: (m, n)
log det(C' X C)                                          ;;              ;; X     ;; log(det(C'*X*C)) ;; X: (n, n)
ln det X - tr(X)                                         ;;              ;; X     ;; log(det(X)) - tr(X) ;; X: (n, n)
log|S|                                                   ;;              ;; S     ;; logdet(S) ;; S: (n, n)
Tr(A X)                                                  ;;              ;; X     ;; tr(A*X) ;; X: (m, n)
trace(X' A X)                                            ;;              ;; X     ;; tr(X'*A*X) ;; X: (n, k)
# sums over an index
sum_i log(1 + exp(-y_i w' x_i))                          ;;              ;; w     ;; sum(log(1 + exp(-y.*(x*w)))) ;; x: (n, d); y: (n); w: (d)
\sum_i \log(1+e^{-y_i w^\top x_i})                       ;;              ;; w     ;; sum(log(1 + exp(-y.*(x*w)))) ;; x: (n, d); y: (n); w: (d)
-sum_k q_k log q_k                                       ;;              ;; q     ;; -q'*log(q) ;; q: (n)
∑ᵢ xᵢ³                                                   ;;              ;; x     ;; sum(x.^3) ;; x: (n)
Σᵢ (bᵢ − ôᵢ)²                                          ;;              ;; ô     ;; norm(b - ô)^2 ;; b: (n); ô: (n)
sum_{i=1}^n (t_i - v'z_i)^2                              ;;              ;; v     ;; norm(t - z*v)^2 ;; z: (n, d); t: (n); v: (d)
sum_ij (M_ij - (PQ')_ij)^2                               ;;              ;; P     ;; norm(M - P*Q')^2 ;; P: (m, k); Q: (n, k)
\log\sum_j \exp(z_j) - z_k                               ;;              ;; z     ;; logsumexp(z) - z[k] ;; z: (n) ;; entry
-\sum_i y_i \log\hat y_i                                 ;;              ;; y     ;; -y'*log(y_hat) ;; y: (n); y_hat: (n)
sum_i a_i x_i                                            ;; x: (n)       ;; x     ;; a'*x ;; x: (n); a: (n)
\sum_{i=1}^{m} y_i \beta^T x_i - \log(1 + \exp(\beta^T x_i)) ;; x_i: (n), i = 1..m; y: (m); beta: (n) ;; beta  ;; y'*x*beta - sum(log(1 + exp(x*beta))) ;; x: (m, n); y: (m); beta: (n)
\sum_{i,j} w_{ij} \|x_i - x_j\|^2                        ;; x_i: (d), i = 1..n; w: (n, n) ;; x     ;; sum(w.*(rowsum(x.^2)*ones(1,n) + ones(n)*rowsum(x.^2)' - 2*x*x')) ;; x: (n, d); w: (n, n)
\sum_{t=1}^{N-1} \|x_{t+1} - A x_t\|^2                   ;; x_t: (n), t = 1..N; A: (n, n) ;; A     ;; norm(x[2:N,:] - x[1:N-1,:]*A')^2 ;; x: (N, n); A: (n, n)
\sum_{(u,i) \in \Omega} (r_{ui} - p_u^\top q_i)^2        ;; r: (m, n); p_u: (k), u = 1..m; q_i: (k), i = 1..n; Omega: set (m, n) ;; p     ;; sum(Omega.*(r - p*q').^2) ;; p: (m, k); q: (n, k); r: (m, n); Omega: (m, n)
\sum_{i<j} J_{ij} s_i s_j                                ;; s: (n); J: (n, n) ;; s     ;; s'*(J.*(triu(ones(n, n)) - eye(n)))*s ;; s: (n); J: (n, n)
\sum_{i=1}^n x_i^2 - \sum_i x_i                          ;;              ;; x     ;; sum(x.^2) - sum(x) ;; x: (n)
e^{x^T A x}                                              ;;              ;; x     ;; exp(x'*A*x) ;; x: (n)
# frames
L(w) = \frac12 \|Xw - y\|_2^2 + \frac\lambda2 \|w\|_2^2  ;;              ;;       ;; norm(X*w - y)^2/2 + lambda*norm(w)^2/2 ;; w: (n); X: (m, n); lambda: scalar
\min_{w} \|X w - y\|^2                                   ;;              ;;       ;; norm(X*w - y)^2 ;; w: (n); X: (m, n)
\arg\max_{v \in \mathbb{R}^n} v^\top S v                 ;;              ;;       ;; v'*S*v ;; v: (n)
minimize ||Ax-b||^2 + lambda ||x||^2                     ;;              ;; x     ;; norm(A*x - b)^2 + lambda*norm(x)^2 ;; x: (n); A: (m, n); lambda: scalar
gradient of x'*A*x with respect to x                     ;;              ;;       ;; x'*A*x ;; x: (n)
derivative of log(det(X)) wrt X                          ;;              ;;       ;; log(det(X)) ;; X: (n, n)
d/dx x'*A*x                                              ;;              ;;       ;; x'*A*x ;; x: (n)
∂/∂W ‖W x − y‖²                                          ;;              ;;       ;; norm(W*x - y)^2 ;; W: (m, n)
\frac{\partial}{\partial x} \|Ax-b\|^2                   ;;              ;;       ;; norm(A*x - b)^2 ;; x: (n); A: (m, n)
\nabla_x \tfrac12 x^\top Q x                             ;;              ;;       ;; x'*Q*x/2 ;; x: (n)
\begin{align} J(\theta) &= \|X\theta - y\|^2 \tag{3} \\ \end{align}. ;;              ;;       ;; norm(X*theta - y)^2 ;; theta: (n); X: (m, n)
loss = norm(X*w - y)^2                                   ;;              ;; w     ;; norm(X*w - y)^2 ;; w: (n); X: (m, n)
minimize norm(A*x - b)^2 subject to x >= 0               ;;              ;; x     ;; norm(A*x - b)^2 ;; x: (n); A: (m, n) ;; x >= 0
r'*r where r = y - X*b                                   ;;              ;; b     ;; norm(y - X*b)^2 ;; b: (n); X: (m, n)
# spellings of other languages
np.sum((A @ x - b)**2)                                   ;;              ;; x     ;; norm(A*x - b)^2 ;; x: (n); A: (m, n)
np.trace(X.T @ A @ X)                                    ;;              ;; X     ;; tr(X'*A*X) ;; X: (n, k)
np.sum(A * X**2)                                         ;;              ;; X     ;; sum(A.*X.^2) ;; X: (m, n)
(W * (X - U @ V.T)**2).sum()                             ;;              ;; U     ;; sum(W.*(X - U*V').^2) ;; U: (m, k); V: (n, k)
np.linalg.norm(X @ w - y)**2 / (2 * n)                   ;;              ;; w     ;; norm(X*w - y)^2/(2*n) ;; w: (k); X: (m, k); n: scalar
np.mean(np.maximum(0, 1 - y * (X @ w)))                  ;;              ;; w     ;; mean(relu(1 - y.*(X*w))) ;; w: (k); X: (m, k); y: (m)
y @ np.linalg.solve(K, y)                                ;;              ;; K     ;; y'*inv(K)*y ;; K: (n, n)
torch.logsumexp(X @ w, dim=0)                            ;;              ;; w     ;; logsumexp(X*w) ;; w: (n); X: (m, n)
t(y) %*% solve(K) %*% y                                  ;;              ;; y     ;; y'*inv(K)*y ;; y: (n)
sum(abs2, X*b - y)                                       ;;              ;; b     ;; norm(X*b - y)^2 ;; b: (n); X: (m, n)
c'*(K\b)                                                 ;;              ;; b     ;; c'*inv(K)*b ;; b: (n)
y'*(K \ y)                                               ;;              ;; y     ;; y'*inv(K)*y ;; y: (n)
b'/A                                                     ;; b: (1, 1); A: (1, 1) ;; b     ;; b'*inv(A) ;; b: (1, 1); A: (1, 1)
½(x'*x)                                                  ;;              ;; x     ;; x'*x/2 ;; x: (n)
x.'*A*x                                                  ;;              ;; x     ;; x'*A*x ;; x: (n)
Trace(A*X.T)                                             ;;              ;; X     ;; tr(A*X') ;; X: (m, n)
sum(HadamardProduct(A, X))                               ;; A: (m, n)    ;; X     ;; sum(A.*X) ;; A: (m, n); X: (m, n)
# LaTeX as it stands in papers
\|\mathbf{y} - \mathbf{X}\boldsymbol{\beta}\|_2^2        ;;              ;; beta  ;; norm(y - X*beta)^2 ;; beta: (n); X: (m, n)
x^TAx                                                    ;;              ;; x     ;; x'*A*x ;; x: (n)
\ln\left|\Sigma\right|                                   ;;              ;; Sigma ;; logdet(Sigma) ;; Sigma: (n, n)
{1 \over 2} x^\top x                                     ;;              ;; x     ;; x'*x/2 ;; x: (n)
\lVert Ax-b \rVert_{R^{-1}}^2                            ;;              ;; x     ;; (A*x - b)'*inv(R)*(A*x - b) ;; x: (n); A: (m, n)
\sum_i [1 - y_i w^\top x_i]_+                            ;; x_i: (d), i = 1..n; y: (n); w: (d) ;; w     ;; sum(relu(1 - y.*(x*w))) ;; x: (n, d); y: (n); w: (d)
\|X\|_{2,1}                                              ;;              ;; X     ;; norm21(X) ;; X: (m, n)
\|P_\Omega(X) - M\|_F^2                                  ;; X: (m, n); M: (m, n); Omega: set (m, n) ;; X ;; norm(X.*Omega - M)^2 ;; X: (m, n); M: (m, n); Omega: (m, n) binary
"""

# as typed ;; declarations ;; by ;; a word of the message
REFUSED = r"""
# as typed ; declarations ; by ; a word of the message
A x = b                                  ;;              ;; x     ;; equation
E[||x - m||^2]                           ;;              ;; m     ;; expect
Var(w'x)                                 ;;              ;; w     ;; distribution
KL(p || q)                               ;;              ;; p     ;; KL
||x||_0                                  ;;              ;; x     ;; norm1
max(A x)                                 ;;              ;; x     ;; logsumexp
max_i (a_i' x + b_i)                     ;;              ;; x     ;; logsumexp
\int f(x) dx                             ;;              ;; x     ;; integral
y^T K(theta)^{-1} y                      ;;              ;; theta ;; K:
A x + b                                  ;;              ;; x     ;; jacobian
||x - x*||^2                             ;;              ;; x     ;; x_star
norm(x - varphi)^2                       ;; φ: (n)       ;; x     ;; φ
rank(X)                                  ;;              ;; X     ;; normnuc
the quick brown fox                      ;;              ;; x     ;; words
einsum('ij,jk->ik', A, B)                ;;              ;; A     ;; einsum
"""


def _rows(table: str) -> list[list[str]]:
    lines = [line for line in table.strip().splitlines() if line and not line.startswith("#")]
    return [[cell.strip() for cell in line.split(";;")] for line in lines]


@pytest.mark.parametrize("row", _rows(ANSWERED), ids=lambda row: row[0])
def test_is_read_as_meant(row: list[str]) -> None:
    typed, where, by, meant, declared, *word = row
    read = mc.grad(typed, by or None, where=where)
    plain = mc.grad(meant, str(read.wrt), where=declared)
    assert {"text": read.text(), "shape": len(read.shape)} == {"text": plain.text(), "shape": len(plain.shape)}
    assert all(any(w in note for note in read.notes) for w in word)


@pytest.mark.parametrize("row", _rows(REFUSED), ids=lambda row: row[0])
def test_is_refused_with_what_to_write(row: list[str]) -> None:
    typed, where, by, word = row
    with pytest.raises(mc.MatcalcError) as caught:
        mc.grad(typed, by or None, where=where)
    message = str(caught.value).replace(typed, "")
    assert word.lower() in message.lower()
