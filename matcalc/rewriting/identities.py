"""THE IDENTITIES: one line each, written as the identity, read by the project's own parser.

Left becomes right; with =< only where that leaves less to read.  Upper-case letters stand for any matrix, lower-case Latin for any vector, Greek for any scalar.
In a table of scalars x and y stand for scalars, and an identity holds entry by entry of vectors and matrices too.
Each line is proved under its name by one test.  Behind a second colon the letters are declared, where their
shapes do not follow or the identity needs a property: it then applies to what is known to have that property; `real` there says
that it holds of what is real only.

A table is for purposes: what is differentiated, what is shown, what is computed.  Most are for all three.
"""

from __future__ import annotations

from typing import NamedTuple

DERIVE, ANSWER, PROGRAM = "derive", "answer", "program"  # what is differentiated, what is shown (and compared), what is computed
ROWS = "rows"  # sums of blocks in a program


class Table(NamedTuple):
    """Identities with one purpose."""

    text: str
    scalar: bool = False
    purposes: frozenset[str] = frozenset((DERIVE, ANSWER, PROGRAM))
    complex: bool = False  # in a table of scalars: x is complex
    single: bool = False  # a letter stands for one factor, never for a product


ENTRYWISE = """
exp(log(x))             = x                       : exp-log
log(exp(x))             = x                       : log-exp : real
log(1 + exp(x))         = softplus(x)             : softplus
log(sigmoid(x))         = -softplus(-x)           : log-sigmoid : real
exp(softplus(x))        = 1 + exp(x)              : exp-softplus
exp(x)/(1 + exp(x))     = sigmoid(x)              : logistic
1/(1 + exp(-x))         = sigmoid(x)              : logistic-2
exp(-x)*sigmoid(x)      = sigmoid(-x)             : logistic-4
1 - sigmoid(x)          = sigmoid(-x)             : logistic-complement
1 - normcdf(x)          = normcdf(-x)             : normal-complement
sinh(x)/cosh(x)         = tanh(x)                 : tanh
sin(x)/cos(x)           = tan(x)                  : tan
cosh(x)/sinh(x)         = 1/tanh(x)               : hyperbolic-cotangent
cos(x)/sin(x)           = 1/tan(x)                : cotangent
1/tanh(x)^2 - 1         = 1/sinh(x)^2             : hyperbolic-cosecant
1/tan(x)^2 + 1          = 1/sin(x)^2              : cosecant
sin(x)^2 + cos(x)^2     = 1                       : pythagoras
cosh(x)^2 - sinh(x)^2   = 1                       : pythagoras-hyperbolic
abs(x)^2                = x^2                     : abs-square : real
abs(x^2)                = x^2                     : abs-of-square : real
sqrt(x^2)               = abs(x)                  : root-of-square : real
abs(x)*sign(x)          = x                       : abs-sign
x^2*sign(x)             = x*abs(x)                : square-sign : real
abs(x)^2*sign(x)        = x*abs(x)                : square-modulus-sign
abs(x)^3*sign(x)        = x*abs(x)^2              : cubed-modulus-sign
x*sign(x)               = abs(x)                  : times-sign : real
sign(x)/abs(x)          = 1/x                     : sign-over-modulus : real
x/abs(x)                = sign(x)                 : sign
relu(x)*step(x)         = relu(x)                 : relu-step
relu(x)*x               = relu(x)^2               : relu-square
relu(-x)*x              = -relu(-x)^2             : relu-square-below
x*step(x)               = relu(x)                 : step-relu
log(1/x)                = -log(x)                 : log-reciprocal : real
log1p(exp(x))           = softplus(x)             : softplus-2
softplus(x) - softplus(-x) = x                    : softplus-difference : real
1/exp(-x)               =< exp(x)                 : exp-reciprocal
x + 2*relu(-x)          = abs(x)                  : relu-of-negative
2*relu(x) - x           = abs(x)                  : relu-twice
relu(x) + relu(-x)      = abs(x)                  : relu-sum
relu(x) - relu(-x)      = x                       : relu-difference
1 - step(x)             = step(-x)                : step-complement
step(x) - step(-x)      = sign(x)                 : step-difference
2*step(x) - 1           = sign(x)                 : step-sign
"""

MATRICES = """
diag(a)*b                               = a.*b                      : diag-product
ones(n)'*diag(a)                        = a'                        : diag-column-sums              : a: (n)
sum(diag(A))                            = tr(A)                     : sum-of-diagonal               : A: (n, n)
sum(vec(A))                             = sum(A)                    : sum-of-vec                    : A: (m, n)
diag(A*A')                              = rowsum(A.^2)              : diagonal-square
diag(A*diag(b)*C')                      = (A.*C)*b                  : diagonal-scaled-product
diag(diag(D))                           = D                         : diagonal-of-diagonal            : D: (m, m) diagonal
diag(diag(A*D))                         = diag(diag(A))*D           : diagonal-part-of-product        : A: (m, m); D: (m, m) diagonal
diag(diag(D*A))                         = diag(diag(A))*D           : diagonal-part-of-product-left   : A: (m, m); D: (m, m) diagonal
D.*E                                    = D*E                       : diagonal-hadamard-diagonal      : D: (m, m) diagonal; E: (m, m) diagonal
I.*A                                    = diag(diag(A))             : diagonal-part                   : A: (m, m)
tril(A) + triu(A)                       =< A + diag(diag(A))        : triangles                       : A: (m, m)
sqrt(x'*x)                              = norm(x)                   : norm : real
exp(x)/sum(exp(x))                      = softmax(x)                : softmax
exp(x)'/sum(exp(x))                     = softmax(x)'               : softmax-transposed
log(sum(exp(x)))                        = logsumexp(x)              : logsumexp
exp(logsumexp(x))                       = sum(exp(x))               : exp-logsumexp
sum(softmax(x))                         = 1                         : softmax-sums-to-one
rowsum(softmax_rows(X))                 = ones(m)                   : softmax-rows-sum-to-one
log(rowsum(exp(X)))                     = logsumexp_rows(X)         : logsumexp-rows
diag(rowsum(exp(X)).^-1)*exp(X)         = softmax_rows(X)           : softmax-rows
diag(rowsum(exp(X)).^-1)*(exp(X).*A)    = softmax_rows(X).*A        : softmax-rows-hadamard           : X: (m, n); A: (m, n)
rowsum(exp(X).*A)./rowsum(exp(X))       = rowsum(softmax_rows(X).*A) : softmax-rows-mean              : X: (m, n); A: (m, n)
(exp(X)*b)./rowsum(exp(X))              = softmax_rows(X)*b         : softmax-rows-product            : X: (m, n); b: (n)
exp(X)*diag(colsum(exp(X)).^-1)         = softmax_rows(X')'         : softmax-columns
exp(x)'*y/sum(exp(x))                   = softmax(x)'*y             : softmax-inner
exp(x - logsumexp(x)*ones(m))           = softmax(x)                : exp-of-log-softmax              : x: (m)
exp(X - logsumexp_rows(X)*ones(n)')     = softmax_rows(X)           : exp-of-log-softmax-rows         : X: (m, n)
log(softmax(x))                         = x - logsumexp(x)*ones(m)  : log-softmax                     : real; x: (m)
log(softmax_rows(X))                    = X - logsumexp_rows(X)*ones(n)' : log-softmax-rows           : X: (m, n)
X*pinv(X)*X                             = X                         : penrose-1
pinv(A)                                 = inv(A)                    : pseudoinverse-of-invertible     : A: (m, m) invertible
expm_frechet(A, I)                      = expm(A)                   : frechet-identity
expm_frechet(alpha*A, A)                = A*expm(alpha*A)           : frechet-commuting
tr(A*expm_frechet(alpha*A, B))          = tr(A*expm(alpha*A)*B)     : frechet-trace
logm_frechet(A, I)                      = inv(A)                    : frechet-logarithm
logm_frechet(A, A)                      = eye(m)                    : frechet-logarithm-2             : A: (m, m)
logm_frechet(A, logm(A))                = inv(A)*logm(A)            : frechet-logarithm-3
cosm_frechet(A, I)                      = -sinm(A)                  : frechet-cosine
cosm_frechet(alpha*A, A)                = -A*sinm(alpha*A)          : frechet-cosine-commuting
sinm_frechet(A, I)                      = cosm(A)                   : frechet-sine
sinm_frechet(alpha*A, A)                = A*cosm(alpha*A)           : frechet-sine-commuting
chol(S)*chol(S)'                        = S                         : cholesky                        : S: (n, n) spd
inv(chol(S))'*inv(chol(S))              = inv(S)                    : cholesky-inverse                : S: (n, n) spd
logdet(chol(S))                         = logdet(S)/2               : cholesky-logdet                 : S: (n, n) spd
sum(log(diag(chol(S))))                 = logdet(S)/2               : cholesky-sum-of-logarithms      : S: (n, n) spd
prod(diag(chol(S)))                     = sqrt(det(S))              : cholesky-product                : S: (n, n) spd
sylvester(A, A, I)                      = inv(A)/2                  : sylvester-identity
sylvester(A, A, A)                      = eye(m)/2                  : sylvester-identity-2            : A: (m, m)
sylvester(A, A, A^2)                    = A/2                       : sylvester-square
sylvester(sqrtm(A), sqrtm(A), A)        = sqrtm(A)/2                : sylvester-square-root
sylvester(A, B, A*X + X*B)               = X                        : sylvester-undone                : A: (m, m); B: (n, n); X: (m, n)
sqrtm(A)*sqrtm(A)                       = A                         : square-root
A*B*inv(A*B)                            = eye(m)                    : product-inverse                 : A: (m, n); B: (n, m)
inv(A*B)*A*B                            = eye(m)                    : product-inverse-left            : A: (m, n); B: (n, m)
inv(sqrtm(A))*inv(sqrtm(A))             = inv(A)                    : square-root-inverse             : A: (m, m)
A*logm(inv(A)*B)*inv(A)                 = logm(B*inv(A))            : logarithm-similar               : A: (m, m); B: (m, m)
logm(A*B)*A                             = A*logm(B*A)               : logarithm-turned                : A: (m, m); B: (m, m)
logm(A*B)'*B                            = B*logm(A*B)               : logarithm-turned-symmetric      : A: (m, m) symmetric; B: (m, m) symmetric
expm(A)*expm(-A)                        = eye(m)                    : exponential-inverse             : A: (m, m)
expm(logm(A))                           = A                         : exponential-logarithm           : A: (m, m)
tr(logm(A))                             = logdet(A)                 : trace-logarithm : real
logdet(expm(A))                         = tr(A)                     : logdet-exponential : real
det(expm(A))                            = exp(tr(A))                : det-exponential
(a*ones(n)').*B                         = diag(a)*B                 : row-scaling                     : a: (m); B: (m, n)
(ones(m)*b').*A                         = A*diag(b)                 : column-scaling                  : b: (n); A: (m, n)
(A.*(b*c'))*d                           = b.*(A*(c.*d))             : outer-hadamard
a'*(A.*(b*c'))                         =< (a.*b)'*A*diag(c)         : outer-hadamard-transposed       : A: (m, n)
D*(A.*B)                                = A.*(D*B)                  : diagonal-hadamard               : D: (m, m) diagonal; A: (m, n); B: (m, n)
(A.*B)*D                                = A.*(B*D)                  : hadamard-diagonal               : D: (n, n) diagonal; A: (m, n); B: (m, n)
kron(eye(n), D)*diag(vec(A))            = diag(vec(D*A))            : kronecker-diagonal              : D: (m, m) diagonal; A: (m, n)
kron(D, eye(m))*diag(vec(A))            = diag(vec(A*D))            : kronecker-diagonal-right        : D: (n, n) diagonal; A: (m, n)
kron(eye(n), b')*diag(vec(A))*kron(eye(n), c) = diag(A'*(b.*c))     : pooled-diagonal                 : A: (m, n); b: (m); c: (m)
khatrirao(eye(n), B)'*diag(vec(A))*khatrirao(eye(n), C) = diag(colsum(A.*B.*C)) : pooled-diagonal-columns : A: (m, n); B: (m, n); C: (m, n)
vec(X)'*vec(Y)                          = tr(X'*Y)                  : vec-inner
sum(a.*b)                               = a'*b                      : inner-entries
tr(A'*B) - sum(A.*B)                    = 0                         : trace-without-entries           : A: (m, n); B: (m, n)
tr(A*B) - sum(A'.*B)                    = 0                         : trace-without-entries-turned    : A: (m, n); B: (n, m)
tr(A'*B) + sum(A.*B)                    = 2*tr(A'*B)                : trace-and-entries               : A: (m, n); B: (m, n)
norm(vec(X))                            = norm(X)                   : vec-norm
vec(A).*vec(B)                          = vec(A.*B)                 : vec-hadamard
vec(A).^alpha                           = vec(A.^alpha)             : vec-power
kron(B', A)*vec(X)                      = vec(A*X*B)                : vec-product                     : A: (m, n); X: (n, p); B: (p, q)
vec(X)'*kron(B', A)                     = vec(A'*X*B')'             : vec-product-transposed          : A: (m, n); X: (m, q); B: (p, q)
kron(A, B)*kron(C, D)                   = kron(A*C, B*D)            : kronecker-product               : A: (m, n); B: (p, q); C: (n, r); D: (q, s)
kron(a, B)*C                            = kron(a, B*C)              : kronecker-column                : a: (m); B: (p, q); C: (q, r)
C*kron(a', B)                           = kron(a', C*B)             : kronecker-row                   : a: (m); B: (p, q); C: (r, p)
kron(A, b)*C                            = kron(A*C, b)              : kronecker-column-right          : A: (m, n); b: (p); C: (n, r)
C*kron(A, b')                           = kron(C*A, b')             : kronecker-row-right             : A: (m, n); b: (p); C: (r, m)
commutation(m, n)*diag(vec(A))*commutation(n, m) = diag(vec(A'))    : commutation-diagonal            : A: (m, n)
commutation(m, n)*diag(vec(A))*kron(B, c) = diag(vec(A'))*kron(c, B) : commutation-diagonal-column    : A: (m, n); B: (n, p); c: (m)
commutation(m, n)*diag(vec(A))*kron(b, C) = diag(vec(A'))*kron(C, b) : commutation-diagonal-column-right : A: (m, n); b: (n); C: (m, p)
khatrirao(eye(m), eye(m))'*commutation(m, m) = khatrirao(eye(m), eye(m))' : diagonal-commutation
sum(kron(A, B))                         = sum(A)*sum(B)             : kronecker-sum                   : A: (m, n); B: (p, q)
softmax(x + alpha*ones(m))              = softmax(x)                : softmax-shift                   : x: (m)
logsumexp(x + alpha*ones(m))            = logsumexp(x) + alpha      : logsumexp-shift                 : x: (m)
softmax_rows(X + alpha*b*ones(n)')      = softmax_rows(X)           : softmax-rows-shift              : X: (m, n); b: (m)
(x*y')^2                                = (y'*x)*x*y'               : rank-one-square                 : x: (n); y: (n)
inv(alpha*I + x*y')*x                   = x/(alpha + x'*y)          : rank-one-push-through           : x: (n); y: (n)
inv(alpha*I + x*y')'*y                  = y/(alpha + x'*y)          : rank-one-push-through-transposed : x: (n); y: (n)
inv(A)*inv(A + alpha*I)*A               = inv(A + alpha*I)          : functions-commute               : A: (n, n)
I - A*inv(A + alpha*I)                  = alpha*inv(A + alpha*I)    : resolvent
A - A*inv(A + alpha*I)*A                = alpha*inv(A + alpha*I)*A  : resolvent-between               : A: (n, n)
(A'*A + alpha*I)^-2*A'*(B - A*inv(A'*A + alpha*I)*A'*B) = alpha*(A'*A + alpha*I)^-3*A'*B : resolvent-residual : real; A: (m, n); B: (m, p)
(A'*A + alpha*I)^-2*A'*(I - A*inv(A'*A + alpha*I)*A') = alpha*(A'*A + alpha*I)^-3*A' : resolvent-residual-matrix : real; A: (m, n)
inv(A + alpha*I) - alpha*(A + alpha*I)^-2 = (A + alpha*I)^-2*A      : resolvent-square                : A: (n, n)
inv(A)*inv(I + alpha*B*inv(A))          = inv(A + alpha*B)          : inverse-of-sum                  : A: (n, n); B: (n, n)
inv(I + alpha*inv(A)*B)*inv(A)          = inv(A + alpha*B)          : inverse-of-sum-left             : A: (n, n); B: (n, n)
inv(I + alpha*B*inv(A))'*inv(A)         = inv(A + alpha*B)'         : inverse-of-sum-transposed       : A: (n, n) symmetric; B: (n, n)
inv(A)*inv(I + alpha*inv(A)*B)'         = inv(A + alpha*B)'         : inverse-of-sum-transposed-left  : A: (n, n) symmetric; B: (n, n)
A*inv(I + alpha*A*B)'                   = inv(I + alpha*A*B)*A      : push-through-symmetric          : A: (n, n) symmetric; B: (n, n) symmetric
inv(I + alpha*A*B)'*B                   = B*inv(I + alpha*A*B)      : push-through-symmetric-left     : A: (n, n) symmetric; B: (n, n) symmetric
det(A + alpha*x*y')*inv(A + alpha*x*y')*x = det(A)*inv(A)*x         : rank-one-adjugate               : x: (n); y: (n)
det(A + alpha*x*y')*inv(A + alpha*x*y')'*y = det(A)*inv(A)'*y          : rank-one-adjugate-transposed    : x: (n); y: (n)
det(I + x*y')                           = 1 + x'*y                  : rank-one-determinant            : x: (n); y: (n)
det(I - x*y')                           = 1 - x'*y                  : rank-one-determinant-minus      : x: (n); y: (n)
logdet(I + x*y')                        = log(abs(1 + x'*y))        : rank-one-log-determinant        : real; x: (n); y: (n)
logdet(I - x*y')                        = log(abs(1 - x'*y))        : rank-one-log-determinant-minus  : real; x: (n); y: (n)
det([A, b; c', alpha])/(alpha - c'*inv(A)*b) = det(A)               : bordered-determinant            : A: (m, m); b: (m); c: (m); alpha: scalar
det([alpha, c'; b, A])/(alpha - c'*inv(A)*b) = det(A)               : bordered-determinant-first      : A: (m, m); b: (m); c: (m); alpha: scalar
det([A, b; c', 0])/(c'*inv(A)*b)        = -det(A)                   : bordered-determinant-of-zero    : A: (m, m); b: (m); c: (m)
log(abs(det(X)))                        = logdet(X)                 : log-abs-determinant             : real
inv(sqrtm(A*B*C))*A*B                   = sqrtm(A*B*C)*inv(C)       : square-root-of-product          : A: (m, m); B: (m, m); C: (m, m)
B*C*inv(sqrtm(A*B*C))                   = inv(A)*sqrtm(A*B*C)       : square-root-of-product-right    : A: (m, m); B: (m, m); C: (m, m)
sylvester(A, A, B*inv(A) + inv(A)*B)    = inv(A)*B*inv(A)           : sylvester-inverse               : A: (m, m); B: (m, m)
norm(x*y')                              = norm(x)*norm(y)           : norm-of-rank-one
normspec(x*y')                          = norm(x)*norm(y)           : spectral-norm-of-rank-one
normnuc(x*y')                           = norm(x)*norm(y)           : nuclear-norm-of-rank-one
norm(kron(A, B))                        = norm(A)*norm(B)           : kronecker-norm                  : A: (m, n); B: (p, q)
inv(kron(A, B))                         = kron(inv(A), inv(B))      : kronecker-inverse               : A: (m, m); B: (n, n)
logdet(kron(A, B))                      = n*logdet(A) + m*logdet(B) : kronecker-logdet                : A: (m, m); B: (n, n)
diag(kron(a, b))                        = kron(diag(a), diag(b))    : kronecker-diag                  : a: (m); b: (n)
blockinner(Y, kron(A, B))               = tr(Y'*B)*A                : blockinner-kronecker            : A: (m, n); B: (p, q); Y: (p, q)
blocksum(X, kron(A, B))                 = tr(X'*A)*B                : blocksum-kronecker              : A: (m, n); B: (p, q); X: (m, n)
blockinner(Y, vec(A)*vec(B)')           = A'*Y*B                    : blockinner-outer                : A: (p, m); B: (q, n); Y: (p, q)
blocksum(X, vec(A)*vec(B)')             = A*X*B'                    : blocksum-outer                  : A: (p, m); B: (q, n); X: (m, n)
kron(A, B)*khatrirao(C, D)              = khatrirao(A*C, B*D)       : khatri-rao-product              : A: (m, n); B: (p, q); C: (n, r); D: (q, r)
khatrirao(C, D)'*kron(A, B)             = khatrirao(A'*C, B'*D)'    : khatri-rao-product-transposed   : A: (m, n); B: (p, q); C: (m, r); D: (p, r)
khatrirao(A, B)'*khatrirao(C, D)        = (A'*C).*(B'*D)            : khatri-rao-gram                 : A: (m, n); B: (p, n); C: (m, q); D: (p, q)
vec(X)'*khatrirao(A, B)                 = diag(B'*X*A)'             : khatri-rao-vec-transposed       : A: (m, n); B: (p, n); X: (p, m)
khatrirao(A, B)'*vec(X)                 = diag(B'*X*A)              : khatri-rao-vec                  : A: (m, n); B: (p, n); X: (p, m)
khatrirao(A, B)*c                       = vec(B*diag(c)*A')         : khatri-rao-vector               : A: (m, n); B: (p, n); c: (n)
kron(b', A)*diag(vec(C))*khatrirao(P,Q) = A*(Q.*(C*diag(b)*P))      : lift-khatri-rao                 : b: (n); A: (p, m); C: (m, n); P: (n, q); Q: (m, q)
kron(b', A)*diag(vec(C))*kron(y, D)     = A*diag(C*(b.*y))*D        : lift-left                       : b: (n); A: (p, m); C: (m, n); y: (n); D: (m, q)
kron(b', A)*diag(vec(C))*kron(D, y)     = A*diag(y)*C*diag(b)*D     : lift-right                      : b: (n); A: (p, m); C: (m, n); D: (n, q); y: (m)
commutation(m,n)*vec(X)                 = vec(X')                   : commutation                     : X: (m, n)
vec(X)'*commutation(m,n)                = vec(X')'                  : commutation-transposed          : X: (n, m)
kron(b', A)*commutation(m,n)            = kron(A, b')               : commutation-row                 : b: (m); A: (p, n)
commutation(m,n)*kron(A, b)             = kron(b, A)                : commutation-column              : b: (m); A: (n, p)
commutation(m,n)*kron(b, A)             = kron(A, b)                : commutation-column-right        : b: (n); A: (m, p)
commutation(m,n)*commutation(n,m)       = eye(m*n)                  : commutation-inverse             : X: (m, n)
commutation(m,n)*khatrirao(A, B)        = khatrirao(B, A)           : commutation-khatri-rao          : A: (n, p); B: (m, p)
commutation(p,m)*kron(A, B)*commutation(n,q) = kron(B, A)           : commutation-both                : A: (m, n); B: (p, q)
kron(A, B) + kron(B, A)*commutation(q,n) = (eye(m*p) + commutation(p,m))*kron(A, B) : kronecker-symmetrised   : A: (m, n); B: (p, q)
kron(A, B) - kron(B, A)*commutation(q,n) = (eye(m*p) - commutation(p,m))*kron(A, B) : kronecker-skew            : A: (m, n); B: (p, q)
kron(A, B)*commutation(m,n)             = commutation(p,q)*kron(B, A) : commutation-first             : A: (p, m); B: (q, n)
"""

# Shorter to read; a program needs no root.
NORMS = """
x'*x                                   =< norm(x)^2                 : norm-square : real
x'*x*norm(x)^alpha                      = norm(x)^(2 + alpha)       : norm-square-beside-norm : real
tr(X'*X)                                = norm(X)^2                 : norm-trace : real
sum(x.^2)                               = norm(x)^2                 : norm-sum-of-squares : real
sum(X.^2)                               = norm(X)^2                 : norm-sum-of-matrix-squares : real
norm(x)/(x'*x)                          = 1/norm(x)                 : norm-over-norm-square : real
normnuc(X'*X)                           = norm(X)^2                 : nuclear-norm-of-gram : real
normspec(X'*X)                          = normspec(X)^2             : spectral-norm-of-gram : real
"""

# Of vectors that are typed.  In an answer, a pseudoinverse that a Gram matrix had may need a rank that no vector has.
OF_RANK_ONE = """
pinv(x)                                 = x'/norm(x)^2              : pseudoinverse-of-vector         : real
pinv(x*y')                              = y*x'/(norm(x)^2*norm(y)^2) : pseudoinverse-of-rank-one      : real
polar(x*y')                             = x*y'/(norm(x)*norm(y))    : polar-of-rank-one               : real
"""

# Of what has a property; not while it is differentiated by, as what moves may leave the set.
OF_PROPERTIES = """
S*v_max(S)                              = lambda_max(S)*v_max(S)    : eigenvector                     : S: (n, n) symmetric
v_max(S)'*S                             = lambda_max(S)*v_max(S)'   : eigenvector-transposed          : S: (n, n) symmetric
pinv(lambda_max(S)*eye(n) - S)*v_max(S) = zeros(n)                  : eigenvector-resolvent           : S: (n, n) symmetric
norm(Q*X)                               = norm(X)                   : norm-orthogonal                 : Q: (m, m) orthogonal; X: (m, n)
norm(X*Q)                               = norm(X)                   : norm-orthogonal-right           : Q: (n, n) orthogonal; X: (m, n)
(eye(m) - X)^2                          = eye(m) - X                : projector-complement            : X: (m, m) projector
logm(expm(A))                           = A                         : logarithm-exponential           : real; A: (m, m) symmetric
(X - eye(m))^2                          = eye(m) - X                : projector-complement-turned     : X: (m, m) projector
sqrtm(alpha*eye(m))                     = sqrt(alpha)*eye(m)        : square-root-multiple            : alpha: scalar
expm(A + alpha*eye(m))                  = exp(alpha)*expm(A)        : exponential-shift               : A: (m, m)
x'*(1./x)                               = m                         : reciprocal-inner                : x: (m)
x'*(y./x)                               = sum(y)                    : quotient-inner
x'*(y./sqrt(x))                         = sqrt(x)'*y                : root-quotient-inner
x'*(1./sqrt(x))                         = sum(sqrt(x))              : root-reciprocal-inner
x'*(1./x.^2)                            = sum(1./x)                 : reciprocal-square-inner
"""

# At such points alone: as a factor of an answer it may stand beside what is infinite there.
AT_POINTS = """
prod(W)                                 = 0                         : product-of-skew                 : W: (m, m) skew
prod(W.*X)                              = 0                         : product-of-skew-and-any         : W: (m, m) skew; X: (m, m)
"""

# Shorter to read; but a derivative is the harder for them, and a program factorises X'X.
PSEUDOINVERSES = """
X*inv(X'*X)                             = pinv(X)'                  : pseudoinverse : real
inv(X'*X)*X'                            = pinv(X)                   : pseudoinverse-transposed : real
pinv(X)*X*pinv(X)                       = pinv(X)                   : penrose-2
pinv(X)'*pinv(X)*X                      = pinv(X)'                  : penrose-5 : real
X*pinv(X)*pinv(X)'                      = pinv(X)'                  : penrose-6 : real
X'*X*pinv(X)                            = X'                        : penrose-normal : real
pinv(X)*X*X'                            = X'                        : penrose-normal-wide : real
pinv(S)*S                               = S*pinv(S)                 : pseudoinverse-commutes          : real; S: (n, n) symmetric
"""

# What overflows, or cancels, when it is computed as it stands; read as it stands it is plainer.
STABLE = """
1/(1 + exp(x))          = sigmoid(-x)             : stable-logistic
exp(x)*sigmoid(-x)^2    = sigmoid(x)*sigmoid(-x)  : stable-logistic-square
(exp(x) - 1)*sigmoid(-x) = tanh(x/2)              : stable-logistic-difference
exp(x)*sigmoid(-x)^3    = sigmoid(x)*sigmoid(-x)^2 : stable-logistic-cube
log(normcdf(x))         = lognormcdf(x)           : stable-log-normal
normpdf(x)/normcdf(x)   = mills(x)                : stable-mills
normpdf(x)/normcdf(-x)  = mills(-x)               : stable-mills-turned
normpdf(x)^2/normcdf(x)^2 = mills(x)^2            : stable-mills-square
normpdf(x)^2/normcdf(-x)^2 = mills(-x)^2          : stable-mills-square-turned
x + mills(x)            = millsexcess(x)          : stable-mills-excess
x - x^2/(x + y)         = x*y/(x + y)             : stable-complement-of-share
log(cosh(x))            = logcosh(x)              : stable-log-cosh
log(1 - tanh(x)^2)      = -2*logcosh(x)           : stable-log-tanh
log(2*cosh(x))          = log(2) + logcosh(x)     : stable-log-two-cosh
log(sinh(x))            = logcosh(x) + log(tanh(x)) : stable-log-sinh : real
cosh(x)^2/sinh(x)^2     = 1/tanh(x)^2             : stable-cotangent-square
sinh(x)/cosh(x)^2       = tanh(x)/cosh(x)         : stable-secant
sinh(x)^2/cosh(x)^3     = tanh(x)^2/cosh(x)       : stable-secant-2
sinh(x)/cosh(x)^3       = tanh(x)/cosh(x)^2       : stable-secant-3
sinh(x)^2/cosh(x)^4     = tanh(x)^2/cosh(x)^2     : stable-secant-4
log(sigmoid(x)*sigmoid(-x)) = -softplus(x) - softplus(-x) : stable-log-logistic-density : real
(sigmoid(x)*sigmoid(-x) - sigmoid(y)*sigmoid(-y))/(sigmoid(x) - sigmoid(y)) = sigmoid(-x) - sigmoid(y) : stable-logistic-slopes
log(exp(x) + exp(y))    = x + softplus(y - x)     : stable-log-of-two : real
exp(x)/(exp(x) + exp(y)) = sigmoid(x - y)         : stable-share-of-two
exp(x)*exp(y)/(exp(x) + exp(y))^2 = sigmoid(x - y)*sigmoid(y - x) : stable-shares-of-two
(exp(x) - exp(y))/(exp(x) + exp(y)) = tanh((x - y)/2) : stable-difference-of-two
(exp(x) - exp(y))^2/(exp(x) + exp(y))^2 = tanh((x - y)/2)^2 : stable-difference-of-two-squared
"""

# Cheaper to compute; the diagonal of X M X' is read as it stands.
ROW_SUMS = """
diag(A*B')                             =< rowsum(A.*B)              : diagonal-product
tr(A'*(B.*(x*y')))                      = x'*(A.*B)*y               : trace-of-rank-one
"""

ROW_SUMS_OF_TWO = """
diag(A*B')                             =< rowsum(A.*B)              : diagonal-of-two
"""

STABLE_MATRICES = """
log(det(X))             = logdet(X)               : stable-logdet : real
det(A*B)                = det(A)*det(B)           : stable-determinant-of-product : A: (m, m); B: (m, m)
log(alpha*sum(exp(x)))  = log(alpha) + logsumexp(x) : stable-scaled-logsumexp : alpha: scalar
log(1 + sum(exp(x)))    = softplus(logsumexp(x))  : stable-log-with-one
log(exp(alpha) + sum(exp(x))) = alpha + softplus(logsumexp(x) - alpha) : stable-log-with-another
exp(alpha)/(exp(alpha) + sum(exp(x))) = sigmoid(alpha - logsumexp(x)) : stable-share-of-another
exp(x)/(1 + sum(exp(x))) = softmax(x)*sigmoid(logsumexp(x)) : stable-softmax-with-one
exp(x)'*y/(1 + sum(exp(x))) = softmax(x)'*y*sigmoid(logsumexp(x)) : stable-mean-with-one
exp(x)/(exp(alpha) + sum(exp(x))) = softmax(x)*sigmoid(logsumexp(x) - alpha) : stable-softmax-with-another
exp(x)'*y/(exp(alpha) + sum(exp(x))) = softmax(x)'*y*sigmoid(logsumexp(x) - alpha) : stable-mean-with-another
"""

# Rows of a Khatri–Rao product, which stands in the program once: of J'J half of the entries are computed.
KHATRI_RAO_ROWS = """
kron(b', A)*diag(vec(C))*kron(P, Q)     = A*khatrirao((C*diag(b)*P)', Q')'  : khatri-rao-rows                : b: (n); A: (p, m); C: (m, n); P: (n, q); Q: (m, r)
kron(A, b')*diag(vec(C))*kron(P, Q)     = A*khatrirao(P', (C'*diag(b)*Q)')' : khatri-rao-rows-right          : b: (n); A: (p, m); C: (n, m); P: (m, q); Q: (n, r)
kron(b', A)*diag(vec(C))*commutation(n, m)*kron(Q, P) = A*khatrirao(Q', (C*diag(b)*P)')'  : khatri-rao-rows-commuted : b: (n); A: (p, m); C: (m, n); P: (n, q); Q: (m, r)
kron(A, b')*diag(vec(C))*commutation(m, n)*kron(Q, P) = A*khatrirao((C'*diag(b)*Q)', P')' : khatri-rao-rows-commuted-right : b: (n); A: (p, m); C: (n, m); P: (m, q); Q: (n, r)
"""

# What those of another form have in common with them, where the sums of the blocks of a whole sum are taken.
KHATRI_RAO_DIAGONALS = """
kron(b', A)*kron(eye(n), P)             = kron(b', A*P)                     : khatri-rao-kronecker           : b: (n); A: (p, m); P: (m, q)
kron(A, b')*kron(P, eye(n))             = kron(A*P, b')                     : khatri-rao-kronecker-right     : b: (n); A: (p, m); P: (m, q)
kron(b', A)*diag(vec(C))                = A*khatrirao((C*diag(b))', eye(m))' : khatri-rao-diagonal           : b: (n); A: (p, m); C: (m, n)
kron(A, b')*diag(vec(C))                = A*khatrirao(eye(m), diag(b)*C)'   : khatri-rao-diagonal-right      : b: (n); A: (p, m); C: (n, m)
"""

# Of complex numbers, entry by entry; x is no real one.
COMPLEX_PARTS = """
real(x) + 1i*imag(x)    = x                       : parts
real(x) - 1i*imag(x)    = conj(x)                 : parts-of-conjugate
"""

COMPLEX_ENTRYWISE = """
x*conj(x)               = abs(x)^2                : modulus-square
abs(x)*sign(conj(x))    = conj(x)                 : modulus-sign
conj(x)/abs(x)          = sign(conj(x))           : conjugate-sign
conj(x)*sign(x)         = abs(x)                  : conjugate-modulus
x/abs(x)^2              = 1/conj(x)               : conjugate-reciprocal
conj(x)/abs(x)^2        = 1/x                     : modulus-reciprocal
sign(x)/abs(x)          = 1/conj(x)               : sign-reciprocal
sign(conj(x))/abs(x)    = 1/x                     : sign-reciprocal-2
sign(x)*sign(conj(x))   = 1                       : sign-square
abs(sign(x))            = 1                       : sign-modulus
"""

# Of complex matrices.
COMPLEX_MATRICES = """
x^H*x                                  =< norm(x)^2                 : complex-norm-square             : x: (n) complex
tr(X^H*X)                               = norm(X)^2                 : complex-norm-trace              : X: (m, n) complex
sqrt(x^H*x)                             = norm(x)                   : complex-norm                    : x: (n) complex
sqrt(lambda_max(X^H*X))                 = normspec(X)               : complex-spectral-norm           : X: (m, n) complex
A*inv(I + alpha*B*A)                    = inv(I + alpha*A*B)*A      : push-through-hermitian          : A: (n, n) hermitian; B: (n, n) hermitian
norm(Q*X)                               = norm(X)                   : norm-unitary                    : Q: (m, m) unitary; X: (m, n)
norm(X*Q)                               = norm(X)                   : norm-unitary-right              : Q: (n, n) unitary; X: (m, n)
X*inv(X^H*X)                            = pinv(X)^H                 : complex-pseudoinverse           : X: (m, n) complex
inv(X^H*X)*X^H                          = pinv(X)                   : complex-pseudoinverse-2         : X: (m, n) complex
X^H*inv(X*X^H)                          = pinv(X)                   : complex-pseudoinverse-3         : X: (m, n) complex
inv(X*X^H)*X                            = pinv(X)^H                 : complex-pseudoinverse-4         : X: (m, n) complex
"""

TABLES = (
    Table(ENTRYWISE, scalar=True),
    Table(NORMS, purposes=frozenset((DERIVE, ANSWER))),
    Table(OF_RANK_ONE, purposes=frozenset((DERIVE,))),
    Table(MATRICES),
    Table(OF_PROPERTIES, purposes=frozenset((ANSWER, PROGRAM))),
    Table(AT_POINTS, purposes=frozenset((DERIVE,))),
    Table(PSEUDOINVERSES, purposes=frozenset((ANSWER,))),
    Table(STABLE, scalar=True, purposes=frozenset((PROGRAM,))),
    Table(ROW_SUMS, purposes=frozenset((PROGRAM,))),
    Table(ROW_SUMS_OF_TWO, purposes=frozenset((DERIVE, ANSWER)), single=True),
    Table(STABLE_MATRICES, purposes=frozenset((PROGRAM,))),
    Table(KHATRI_RAO_ROWS, purposes=frozenset((PROGRAM, ROWS))),
    Table(KHATRI_RAO_DIAGONALS, purposes=frozenset((ROWS,))),
    Table(COMPLEX_PARTS, scalar=True, complex=True),
    Table(COMPLEX_ENTRYWISE, scalar=True, complex=True, purposes=frozenset((ANSWER,))),
    Table(COMPLEX_MATRICES, purposes=frozenset((ANSWER,))),
)
