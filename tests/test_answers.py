"""Answers against the closed forms of the literature: equal, no longer to read, settled, and input again.

The forms are those of the Matrix Cookbook, Magnus & Neudecker, and the usual losses and likelihoods, as a reader would write them down.
"""

from __future__ import annotations

import re

import pytest

import matcalc as mc
from asking import derived
from matcalc.expr import SUM, postorder, substitute
from matcalc.expr import variable as named
from matcalc.expr.conjugate import said_of

# What there is to read in a text: names, numbers and operators, parentheses not counted.
TOKEN = re.compile(r"[^\W\d]\w*(?:'+(?=\())?|\d+(?:\.\d+)?|\.\*|\./|\.\^|[-+*/^']")

# derivative | expression | variable | book form | declarations
ROWS = """
grad     | det(X*A*X') | X | 2*det(X*A*X')*inv(X*A*X')*X*A | X: (m,n); A: (n,n) symmetric
grad     | logdet(X*A*X') | X | 2*inv(X*A*X')*X*A | X: (m,n); A: (n,n) spd
grad     | log(det(X'*A*X)) | X | 2*A*X*inv(X'*A*X) | X: (n,m); A: (n,n) symmetric
grad     | det(A + t*B) | t | det(A + t*B)*tr(inv(A + t*B)*B) | A: (n,n); B: (n,n); t: scalar
hessian  | logdet(A + t*B) | t | -tr(inv(A + t*B)*B*inv(A + t*B)*B) | A: (n,n); B: (n,n); t: scalar
hessian  | det(A + t*B) | t | det(A + t*B)*(tr(inv(A + t*B)*B)^2 - tr(inv(A + t*B)*B*inv(A + t*B)*B)) | A: (n,n); B: (n,n); t: scalar
grad     | det(X)*tr(inv(X)) | X | det(X)*(tr(inv(X))*inv(X)' - (inv(X)*inv(X))') | X: (n,n)
grad     | tr(adj(X)) | X | det(X)*(tr(inv(X))*inv(X)' - (inv(X)*inv(X))') | X: (n,n)
grad     | a'*inv(X)*b | X | -inv(X)'*a*b'*inv(X)' | X: (n,n); a: (n); b: (n)
grad     | tr(inv(A + X)*B) | X | -(inv(A + X)*B*inv(A + X))' | A: (n,n); X: (n,n); B: (n,n)
grad     | a'*inv(X*X')*a | X | -2*inv(X*X')*a*a'*inv(X*X')*X | X: (m,n); a: (m)
grad     | y'*X*inv(X'*X)*X'*y | X | 2*(eye(m) - X*inv(X'*X)*X')*y*y'*X*inv(X'*X) | X: (m,n); y: (m)
grad     | a'*inv(A + x*x')*a | x | -2*(a'*inv(A + x*x')*x)*inv(A + x*x')*a | a: (n); A: (n,n) spd; x: (n)
jacobian | inv(X)*b | X | -kron((inv(X)*b)', inv(X)) | X: (n,n); b: (n)
jacobian | inv(A + diag(x))*b | x | -inv(A + diag(x))*diag(inv(A + diag(x))*b) | A: (n,n); x: (n); b: (n)
jacobian | A*inv(X)*X' | X | kron(eye(n), A*inv(X))*commutation(n,n) - kron((inv(X)*X')', A*inv(X)) | X: (n,n); A: (n,n)
grad     | x'*X*X*y | X | x*y'*X' + X'*x*y' | x: (n); y: (n); X: (n,n)
grad     | a'*X*b*c'*X*d | X | (c'*X*d)*a*b' + (a'*X*b)*c*d' | X: (m,n); a: (m); b: (n); c: (m); d: (n)
grad     | (a'*X*b)^2 | X | 2*(a'*X*b)*a*b' | X: (m,n); a: (m); b: (n)
grad     | tr(A*X*B*X'*C) | X | A'*C'*X*B' + C*A*X*B | X: (m,n); A: (p,m); B: (n,n); C: (m,p)
grad     | tr((A*X*B + C)*(A*X*B + C)') | X | 2*A'*(A*X*B + C)*B' | A: (p,m); X: (m,n); B: (n,q); C: (p,q)
grad     | tr(X'*A*X*B*X'*A*X*B) | X | 4*A*X*B*X'*A*X*B | X: (m,n); A: (m,m) symmetric; B: (n,n) symmetric
grad     | norm(A*X*B - C) | X | A'*(A*X*B - C)*B'/norm(A*X*B - C) | A: (p,m); X: (m,n); B: (n,q); C: (p,q)
grad     | norm(x*x' - A)^2 | x | 4*((x'*x)*x - A*x) | x: (n); A: (n,n) symmetric
hessian  | norm(x*x' - A)^2 | x | 4*((x'*x)*eye(n) + 2*x*x' - A) | x: (n); A: (n,n) symmetric
hessian  | norm(x)^4 | x | 4*norm(x)^2*eye(n) + 8*x*x' | x: (n)
hessian  | norm(x)^3 | x | 3*norm(x)*eye(n) + 3*x*x'/norm(x) | x: (n)
hessian  | norm(x) | x | eye(n)/norm(x) - x*x'/norm(x)^3 | x: (n)
hessian  | 1/norm(x) | x | 3*x*x'/norm(x)^5 - eye(n)/norm(x)^3 | x: (n)
hessian  | log(norm(x)) | x | eye(n)/norm(x)^2 - 2*x*x'/norm(x)^4 | x: (n)
hessian  | norm(A*x - b) | x | A'*A/norm(A*x - b) - A'*(A*x - b)*(A*x - b)'*A/norm(A*x - b)^3 | A: (m,n); x: (n); b: (m)
hessian  | log(1 + x'*A*x) | x | 2*A/(1 + x'*A*x) - 4*A*x*x'*A/(1 + x'*A*x)^2 | x: (n); A: (n,n) symmetric
hessian  | 1/(1 + norm(x)^2) | x | 8*x*x'/(1 + norm(x)^2)^3 - 2*eye(n)/(1 + norm(x)^2)^2 | x: (n)
hessian  | sqrt(1 + norm(x)^2) | x | eye(n)/sqrt(1 + norm(x)^2) - x*x'/sqrt(1 + norm(x)^2)^3 | x: (n)
hessian  | exp(-norm(x)^2/2) | x | exp(-norm(x)^2/2)*(x*x' - eye(n)) | x: (n)
hessian  | exp(x'*A*x) | x | exp(x'*A*x)*(2*A + 4*A*x*x'*A) | x: (n); A: (n,n) symmetric
hessian  | norm(X - X*w*w')^2 | w | 2*(w'*w - 2)*X'*X + 4*(X'*X*w*w' + w*w'*X'*X) + 2*(w'*X'*X*w)*eye(n) | X: (m,n); w: (n)
grad     | norm(X - X*w*w')^2 | w | 2*(w'*X'*X*w)*w + 2*(w'*w)*X'*X*w - 4*X'*X*w | X: (m,n); w: (n)
grad     | norm(X - X*W*W')^2 | W | 2*X'*X*W*W'*W + 2*W*W'*X'*X*W - 4*X'*X*W | X: (m,n); W: (n,k)
hessian  | norm(X - U*V')^2 | U | 2*kron(V'*V, eye(m)) | X: (m,n); U: (m,k); V: (n,k)
grad     | 1/2*norm(sigmoid(X*w) - y)^2 | w | X'*((sigmoid(X*w) - y).*sigmoid(X*w).*(1 - sigmoid(X*w))) | X: (m,n); w: (n); y: (m)
grad     | -sum(Y.*log(softmax_rows(X*W))) | W | X'*(softmax_rows(X*W).*(rowsum(Y)*ones(c)') - Y) | X: (m,n); W: (n,c); Y: (m,c)
grad     | norm(A - L*L')^2 | L | -4*tril((A - L*L')*L) | L: (n,n) lower; A: (n,n) symmetric
grad     | sum(softplus(-y.*(X*w)))/m + λ/2*norm(w)^2 | w | λ*w - X'*(y.*sigmoid(-y.*(X*w)))/m | X: (m,n); y: (m); w: (n); λ: scalar
hessian  | sum(softplus(-y.*(X*w))) + λ/2*norm(w)^2 | w | X'*diag(y.^2.*sigmoid(y.*(X*w)).*sigmoid(-y.*(X*w)))*X + λ*eye(n) | X: (m,n); y: (m); w: (n); λ: scalar
grad     | sum(log(1 + exp(-y.*(X*w + b)))) | w | -X'*(y.*sigmoid(-y.*(X*w + b))) | X: (m,n); y: (m); w: (n); b: scalar
grad     | sum(log(1 + exp(-y.*(X*w + b)))) | b | -y'*sigmoid(-y.*(X*w + b)) | X: (m,n); y: (m); w: (n); b: scalar
grad     | sum(relu(1 - y.*(X*w))) | w | -X'*(y.*step(1 - y.*(X*w))) | X: (m,n); y: (m); w: (n)
grad     | sum(sqrt(1 + (A*x - b).^2) - 1) | x | A'*((A*x - b)./sqrt(1 + (A*x - b).^2)) | A: (m,n); x: (n); b: (m)
hessian  | sum(sqrt(1 + (A*x - b).^2) - 1) | x | A'*diag((1 + (A*x - b).^2).^(-3/2))*A | A: (m,n); x: (n); b: (m)
hessian  | sum(log(cosh(A*x - b))) | x | A'*diag(1 - tanh(A*x - b).^2)*A | A: (m,n); x: (n); b: (m)
grad     | sum(log(1 + (A*x - b).^2/s^2)) | x | 2*A'*((A*x - b)./(s^2 + (A*x - b).^2)) | A: (m,n); x: (n); b: (m); s: scalar
hessian  | sum(log(1 + (A*x - b).^2)) | x | 2*A'*diag((1 - (A*x - b).^2)./(1 + (A*x - b).^2).^2)*A | A: (m,n); x: (n); b: (m)
grad     | -log(exp(x'*y/t)/sum(exp(Z*x/t))) | x | (Z'*softmax(Z*x/t) - y)/t | x: (n); y: (n); Z: (m,n); t: scalar
grad     | relu(norm(a - p)^2 - norm(a - q)^2 + c) | a | 2*step(norm(a - p)^2 - norm(a - q)^2 + c)*(q - p) | a: (n); p: (n); q: (n); c: scalar
grad     | norm(softmax_rows(Q*K'/sqrt(d))*V - Y)^2 | V | 2*softmax_rows(Q*K'/sqrt(d))'*(softmax_rows(Q*K'/sqrt(d))*V - Y) | Q: (m,k); K: (n,k); V: (n,p); Y: (m,p); d: scalar
grad     | sum(G.*(softmax_rows(Q*K'/sqrt(d))*V)) | Q | softmax_rows(Q*K'/sqrt(d)).*(G*V' - rowsum(softmax_rows(Q*K'/sqrt(d)).*(G*V'))*ones(n)')*K/sqrt(d) | Q: (m,k); K: (n,k); V: (n,p); G: (m,p); d: scalar
grad     | sum(G.*(softmax_rows(Q*K'/sqrt(d))*V)) | K | (softmax_rows(Q*K'/sqrt(d)).*(G*V' - rowsum(softmax_rows(Q*K'/sqrt(d)).*(G*V'))*ones(n)'))'*Q/sqrt(d) | Q: (m,k); K: (n,k); V: (n,p); G: (m,p); d: scalar
jacobian | x/sqrt(x'*x/n + e0) | x | eye(n)/sqrt(x'*x/n + e0) - x*x'/(n*(x'*x/n + e0)^(3/2)) | x: (n); e0: scalar
grad     | sum(a.*(g.*(x/sqrt(mean(x.^2))))) | x | (a.*g)/sqrt(mean(x.^2)) - (x'*(a.*g))*x/(n*mean(x.^2)^(3/2)) | a: (n); g: (n); x: (n)
jacobian | gelu(x) | x | diag(normcdf(x) + x.*normpdf(x)) | x: (n)
jacobian | silu(x) | x | diag(sigmoid(x) + x.*sigmoid(x).*(1 - sigmoid(x))) | x: (n)
jacobian | x.*sigmoid(x) | x | diag(sigmoid(x) + x.*sigmoid(x).*(1 - sigmoid(x))) | x: (n)
jacobian | tanh(W*x + b) | x | diag(1 - tanh(W*x + b).^2)*W | W: (m,n); x: (n); b: (m)
jacobian | W2*relu(W1*x + b1) | x | W2*diag(step(W1*x + b1))*W1 | W2: (p,m); W1: (m,n); x: (n); b1: (m)
jacobian | softmax(W*x + b) | x | (diag(softmax(W*x + b)) - softmax(W*x + b)*softmax(W*x + b)')*W | W: (m,n); x: (n); b: (m)
jacobian | x + W2*tanh(W1*x) | x | eye(n) + W2*diag(1 - tanh(W1*x).^2)*W1 | W2: (n,m); W1: (m,n); x: (n)
jacobian | sigmoid(A*x).*(B*x) | x | diag((B*x).*sigmoid(A*x).*(1 - sigmoid(A*x)))*A + diag(sigmoid(A*x))*B | A: (m,n); B: (m,n); x: (n)
jacobian | (A*x).*(B*x) | x | diag(B*x)*A + diag(A*x)*B | A: (m,n); B: (m,n); x: (n)
jacobian | (1 - z).*h + z.*tanh(W*x) | z | diag(tanh(W*x) - h) | z: (m); h: (m); W: (m,n); x: (n)
grad     | norm(W2*relu(W1*X) - Y)^2 | W1 | 2*((W2'*(W2*relu(W1*X) - Y)).*step(W1*X))*X' | W2: (p,k); W1: (k,n); X: (n,m); Y: (p,m)
grad     | norm(W2*sigmoid(W1*x + b1) + b2 - y)^2 | b1 | 2*(W2'*(W2*sigmoid(W1*x + b1) + b2 - y)).*sigmoid(W1*x + b1).*(1 - sigmoid(W1*x + b1)) | W2: (p,k); W1: (k,n); x: (n); b1: (k); b2: (p); y: (p)
grad     | norm(W2*sigmoid(W1*x + b1) + b2 - y)^2 | W1 | 2*((W2'*(W2*sigmoid(W1*x + b1) + b2 - y)).*sigmoid(W1*x + b1).*(1 - sigmoid(W1*x + b1)))*x' | W2: (p,k); W1: (k,n); x: (n); b1: (k); b2: (p); y: (p)
grad     | norm(relu(X*W + ones(m)*b') - Y)^2 | b | 2*((relu(X*W + ones(m)*b') - Y).*step(X*W + ones(m)*b'))'*ones(m) | X: (m,n); W: (n,p); b: (p); Y: (m,p)
grad     | norm(X - W2*tanh(W1*X))^2 | W1 | -2*((W2'*(X - W2*tanh(W1*X))).*(1 - tanh(W1*X).^2))*X' | X: (n,m); W1: (k,n); W2: (n,k)
grad     | norm(x - W*(mu + exp(l/2).*e0))^2 | l | -(W'*(x - W*(mu + exp(l/2).*e0))).*exp(l/2).*e0 | x: (m); W: (m,n); mu: (n); l: (n); e0: (n)
grad     | norm(x - W*(mu + exp(l/2).*e0))^2 | mu | -2*W'*(x - W*(mu + exp(l/2).*e0)) | x: (m); W: (m,n); mu: (n); l: (n); e0: (n)
grad     | tr(A) + tr(B) - 2*tr(sqrtm(sqrtm(A)*B*sqrtm(A))) | B | eye(n) - sqrtm(A)*inv(sqrtm(sqrtm(A)*B*sqrtm(A)))*sqrtm(A) | A: (n,n) spd; B: (n,n) spd
grad     | -m/2*logdet(W*W' + s*eye(n)) - m/2*tr(inv(W*W' + s*eye(n))*S) | W | m*inv(W*W' + s*eye(n))*(S*inv(W*W' + s*eye(n)) - eye(n))*W | W: (n,k); s: scalar; S: (n,n) symmetric
grad     | m/2*logdet(P) - 1/2*tr(P*S) - c*norm1(P) | P | m/2*inv(P) - S/2 - c*sign(P) | P: (n,n) spd; S: (n,n) symmetric; c: scalar
grad     | m/2*logdet(P) - 1/2*tr((X - ones(m)*mu')*P*(X - ones(m)*mu')') | mu | P*(X - ones(m)*mu')'*ones(m) | X: (m,n); mu: (n); P: (n,n) symmetric
hessian  | -1/2*(x - mu)'*inv(S)*(x - mu) | mu | -inv(S) | x: (n); mu: (n); S: (n,n) spd
grad     | -1/2*(x - mu)'*inv(S)*(x - mu) - 1/2*logdet(S) | S | inv(S)*(x - mu)*(x - mu)'*inv(S)/2 - inv(S)/2 | x: (n); mu: (n); S: (n,n) spd
grad     | -(v + n)/2*log(1 + (x - mu)'*inv(S)*(x - mu)/v) | mu | (v + n)*inv(S)*(x - mu)/(v + (x - mu)'*inv(S)*(x - mu)) | x: (n); mu: (n); S: (n,n) spd; v: scalar
grad     | log(π1*exp(-norm(x - a)^2/2) + π2*exp(-norm(x - b)^2/2)) | a | π1*exp(-norm(x - a)^2/2)/(π1*exp(-norm(x - a)^2/2) + π2*exp(-norm(x - b)^2/2))*(x - a) | x: (n); a: (n); b: (n); π1: scalar; π2: scalar
grad     | (v - n - 1)/2*logdet(X) - 1/2*tr(inv(V)*X) | X | (v - n - 1)/2*inv(X) - inv(V)/2 | X: (n,n) spd; V: (n,n) spd; v: scalar
grad     | -v/2*logdet(V) - 1/2*tr(inv(V)*X) | V | inv(V)*X*inv(V)/2 - v/2*inv(V) | X: (n,n) spd; V: (n,n) spd; v: scalar
grad     | w'*A*w/(w'*B*w) | w | 2*(A*w - w'*A*w/(w'*B*w)*(B*w))/(w'*B*w) | A: (n,n) symmetric; B: (n,n) symmetric; w: (n)
grad     | (w'*(a - b))^2/(w'*S*w) | w | 2*(w'*(a - b))/(w'*S*w)*((a - b) - w'*(a - b)/(w'*S*w)*(S*w)) | a: (n); b: (n); S: (n,n) symmetric; w: (n)
grad     | tr(inv(W'*A*W)*(W'*B*W)) | W | 2*(B*W - A*W*inv(W'*A*W)*W'*B*W)*inv(W'*A*W) | W: (n,k); A: (n,n) spd; B: (n,n) symmetric
grad     | logdet(W'*B*W) - logdet(W'*A*W) | W | 2*B*W*inv(W'*B*W) - 2*A*W*inv(W'*A*W) | W: (n,k); A: (n,n) spd; B: (n,n) spd
grad     | sum(V./(W*H) - log(V./(W*H)) - 1) | W | (1./(W*H) - V./(W*H).^2)*H' | V: (m,n); W: (m,k); H: (k,n)
grad     | norm(M.*(U*V' - R))^2 + λ*(norm(U)^2 + norm(V)^2) | U | 2*(M.^2.*(U*V' - R))*V + 2*λ*U | M: (m,n); U: (m,k); V: (n,k); R: (m,n); λ: scalar
grad     | tr(X'*L*X) + λ*norm(X - Y)^2 | X | 2*L*X + 2*λ*(X - Y) | X: (n,k); L: (n,n) symmetric; Y: (n,k); λ: scalar
grad     | norm(y - K*a)^2 + λ*a'*K*a | K | λ*a*a' - 2*(y - K*a)*a' | y: (n); a: (n); K: (n,n); λ: scalar
grad     | y'*inv(K + λ*I)*y | λ | -y'*inv(K + λ*I)*inv(K + λ*I)*y | y: (n); K: (n,n) spd; λ: scalar
grad     | 1/2*y'*inv(K + s*I)*y + 1/2*logdet(K + s*I) | K | 1/2*inv(K + s*I) - 1/2*inv(K + s*I)*y*y'*inv(K + s*I) | y: (n); K: (n,n) spd; s: scalar
grad     | mu'*w/sqrt(w'*S*w) | w | (mu - mu'*w/(w'*S*w)*S*w)/sqrt(w'*S*w) | mu: (n); w: (n); S: (n,n) spd
grad     | mu'*w - γ/2*w'*S*w - κ*norm1(w) | w | mu - γ*S*w - κ*sign(w) | mu: (n); w: (n); S: (n,n) symmetric; γ: scalar; κ: scalar
hessian  | 1/2*w'*S*w - c*sum(log(w)) | w | S + c*diag(1./w.^2) | w: (n); S: (n,n) symmetric; c: scalar
grad     | a'*u + b'*v - e0*exp(u/e0)'*K*exp(v/e0) | u | a - exp(u/e0).*(K*exp(v/e0)) | a: (m); u: (m); b: (n); v: (n); K: (m,n); e0: scalar
hessian  | a'*u + b'*v - e0*exp(u/e0)'*K*exp(v/e0) | u | -diag(exp(u/e0).*(K*exp(v/e0)))/e0 | a: (m); u: (m); b: (n); v: (n); K: (m,n); e0: scalar
grad     | x'*Q*x + u'*R*u + (A*x + B*u)'*P*(A*x + B*u) | u | 2*R*u + 2*B'*P*(A*x + B*u) | x: (n); u: (m); Q: (n,n) symmetric; R: (m,m) symmetric; A: (n,n); B: (n,m); P: (n,n) symmetric
hessian  | x'*Q*x + u'*R*u + (A*x + B*u)'*P*(A*x + B*u) | u | 2*(R + B'*P*B) | x: (n); u: (m); Q: (n,n) symmetric; R: (m,m) symmetric; A: (n,n); B: (n,m); P: (n,n) symmetric
grad     | (y - H*x)'*inv(H*P*H' + R)*(y - H*x) + logdet(H*P*H' + R) | R | inv(H*P*H' + R) - inv(H*P*H' + R)*(y - H*x)*(y - H*x)'*inv(H*P*H' + R) | y: (m); H: (m,n); x: (n); P: (n,n) spd; R: (m,m) spd
grad     | (y - H*x)'*inv(H*P*H' + R)*(y - H*x) + logdet(H*P*H' + R) | P | H'*inv(H*P*H' + R)*H - H'*inv(H*P*H' + R)*(y - H*x)*(y - H*x)'*inv(H*P*H' + R)*H | y: (m); H: (m,n); x: (n); P: (n,n) spd; R: (m,m) spd
grad     | tr((I - K*H)*P*(I - K*H)' + K*R*K') | K | 2*K*(H*P*H' + R) - 2*P*H' | K: (n,m); H: (m,n); P: (n,n) spd; R: (m,m) spd
grad     | norm(A*X + X*B - C)^2 | X | 2*A'*(A*X + X*B - C) + 2*(A*X + X*B - C)*B' | A: (m,m); X: (m,n); B: (n,n); C: (m,n)
grad     | normnuc(A*X*B) | X | A'*polar(A*X*B)*B' | A: (p,m); X: (m,n); B: (n,q)
grad     | tr(sqrtm(X*X' + e0*I)) | X | inv(sqrtm(X*X' + e0*I))*X | X: (m,n); e0: scalar
grad     | logsumexp(x/t)*t | t | logsumexp(x/t) - x'*softmax(x/t)/t | x: (n); t: scalar
hessian  | t*logsumexp(x/t) | x | (diag(softmax(x/t)) - softmax(x/t)*softmax(x/t)')/t | x: (n); t: scalar
hessian  | sum(x.*log(x./y) - x + y) | x | diag(1./x) | x: (n); y: (n)
grad     | y'*(log(y) - log(softmax(A*x))) | x | A'*(sum(y)*softmax(A*x) - y) | y: (m); A: (m,n); x: (n)
jacobian | x*x' | x | kron(x, eye(n)) + kron(eye(n), x) | x: (n)
jacobian | A*x*x'*A' | x | kron(A*x, A) + kron(A, A*x) | A: (m,n); x: (n)
jacobian | X*A*X' | X | kron(X*A', eye(m)) + kron(eye(m), X*A)*commutation(m,n) | X: (m,n); A: (n,n)
jacobian | X'*A*X | X | kron(X'*A', eye(n))*commutation(m,n) + kron(eye(n), X'*A) | X: (m,n); A: (m,m)
jacobian | X'*X | X | kron(X', eye(n))*commutation(m,n) + kron(eye(n), X') | X: (m,n)
jacobian | X*A*X | X | kron(X'*A', eye(m)) + kron(eye(n), X*A) | X: (m,n); A: (n,m)
jacobian | X.*A | X | diag(vec(A)) | X: (m,n); A: (m,n)
jacobian | kron(X, A) | X | kron(kron(eye(n), commutation(q,m)), eye(p))*kron(eye(m*n), vec(A)) | X: (m,n); A: (p,q)
jacobian | vec(X*X') | X | (eye(m*m) + commutation(m,m))*kron(X, eye(m)) | X: (m,n)
jacobian | X*x/norm(X*x) | x | X/norm(X*x) - X*x*x'*X'*X/norm(X*x)^3 | X: (m,n); x: (n)
jacobian | X/norm(X) | X | eye(m*n)/norm(X) - vec(X)*vec(X)'/norm(X)^3 | X: (m,n)
jacobian | X/tr(X) | X | eye(n*n)/tr(X) - vec(X)*vec(eye(n))'/tr(X)^2 | X: (n,n)
jacobian | tr(A*X)*X | X | tr(A*X)*eye(m*n) + vec(X)*vec(A')' | A: (n,m); X: (m,n)
jacobian | det(X)*X | X | det(X)*(eye(n*n) + vec(X)*vec(inv(X)')') | X: (n,n)
jacobian | adj(X) | X | det(X)*(vec(inv(X))*vec(inv(X)')' - kron(inv(X)', inv(X))) | X: (n,n)
jacobian | X^-2 | X | -kron((X^-2)', inv(X)) - kron(inv(X)', X^-2) | X: (n,n)
jacobian | inv(I + X) | X | -kron(inv(I + X)', inv(I + X)) | X: (n,n)
jacobian | sqrtm(X) | X | inv(kron(eye(n), sqrtm(X)) + kron(sqrtm(X), eye(n))) | X: (n,n) spd
jacobian | inv(A)*x | A | -kron((inv(A)*x)', inv(A)) | A: (n,n); x: (n)
jacobian | inv(X'*X)*X'*y | y | inv(X'*X)*X' | X: (m,n); y: (m)
jacobian | inv(X'*X + λ*I)*X'*y | λ | -inv(X'*X + λ*I)*inv(X'*X + λ*I)*X'*y | X: (m,n); y: (m); λ: scalar
jacobian | inv(X'*diag(w)*X)*X'*diag(w)*y | w | inv(X'*diag(w)*X)*X'*diag(y - X*inv(X'*diag(w)*X)*X'*diag(w)*y) | X: (m,n); y: (m); w: (m)
jacobian | expm(t*A)*b | t | A*expm(t*A)*b | A: (n,n); b: (n); t: scalar
jacobian | x'*A*x*x | x | (x'*A*x)*eye(n) + 2*x*x'*A | A: (n,n) symmetric; x: (n)
jacobian | A*x/(x'*A*x) | x | A/(x'*A*x) - 2*A*x*x'*A/(x'*A*x)^2 | A: (n,n) symmetric; x: (n)
jacobian | exp(-x'*x)*x | x | exp(-x'*x)*(eye(n) - 2*x*x') | x: (n)
jacobian | x.^2./sum(x.^2) | x | 2*diag(x)/sum(x.^2) - 2*x.^2*x'/sum(x.^2)^2 | x: (n)
jacobian | exp(A*x)./(1 + exp(A*x)) | x | diag(sigmoid(A*x).*(1 - sigmoid(A*x)))*A | A: (m,n); x: (n)
jacobian | sigmoid(x).*(1 - sigmoid(x)) | x | diag(sigmoid(x).*(1 - sigmoid(x)).*(1 - 2*sigmoid(x))) | x: (n)
jacobian | log(softmax(x)) | x | eye(n) - ones(n)*softmax(x)' | x: (n)
jacobian | x - logsumexp(x) | x | eye(n) - ones(n)*softmax(x)' | x: (n)
jacobian | softmax(x/t) | x | (diag(softmax(x/t)) - softmax(x/t)*softmax(x/t)')/t | x: (n); t: scalar
jacobian | X*softmax(X'*q) | q | X*(diag(softmax(X'*q)) - softmax(X'*q)*softmax(X'*q)')*X' | X: (n,m); q: (n)
jacobian | g(x).*h(x) | x | diag(g'(x).*h(x) + g(x).*h'(x)) | g: elementwise; h: elementwise; x: (n)
jacobian | g(x)./h(x) | x | diag((g'(x).*h(x) - g(x).*h'(x))./h(x).^2) | g: elementwise; h: elementwise; x: (n)
jacobian | g(norm(x))*x | x | g(norm(x))*eye(n) + g'(norm(x))/norm(x)*x*x' | g: elementwise; x: (n)
jacobian | W3*g(W2*g(W1*x)) | x | W3*diag(g'(W2*g(W1*x)))*W2*diag(g'(W1*x))*W1 | W3: (p,q); W2: (q,m); W1: (m,n); g: elementwise; x: (n)
jacobian | (a*b')*x | a | (b'*x)*eye(m) | a: (m); b: (n); x: (n)
jacobian | x - 2*u*u'*x | u | -2*((u'*x)*eye(n) + u*x') | x: (n); u: (n)
jacobian | kron(x, y) | y | kron(x, eye(n)) | x: (m); y: (n)
jacobian | A*diag(x)*b | x | A*diag(b) | A: (m,n); x: (n); b: (n)
jacobian | rowsum(X*diag(w)) | w | X | X: (m,n); w: (n)
jacobian | X*w - mean(X*w) | w | X - ones(m)*ones(m)'*X/m | X: (m,n); w: (n)
jacobian | abs(A*x) | x | diag(sign(A*x))*A | A: (m,n); x: (n)
jacobian | prod(x)*x | x | prod(x)*(eye(n) + x*(1./x)') | x: (n)
hessian  | sum(exp(A*x - b)) | x | A'*diag(exp(A*x - b))*A | A: (m,n); x: (n); b: (m)
hessian  | -sum(log(b - A*x)) | x | A'*diag(1./(b - A*x).^2)*A | A: (m,n); x: (n); b: (m)
hessian  | log(sum(exp(A*x + b))) | x | A'*(diag(softmax(A*x + b)) - softmax(A*x + b)*softmax(A*x + b)')*A | A: (m,n); x: (n); b: (m)
hessian  | prod(x) | x | prod(x)*((1./x)*(1./x)' - diag(1./x.^2)) | x: (n)
hessian  | (a'*x)^3 | x | 6*(a'*x)*a*a' | a: (n); x: (n)
hessian  | (a'*x)*(b'*x) | x | a*b' + b*a' | a: (n); b: (n); x: (n)
hessian  | (a'*x)/(b'*x) | x | 2*(a'*x)*b*b'/(b'*x)^3 - (a*b' + b*a')/(b'*x)^2 | a: (n); b: (n); x: (n)
hessian  | (x'*x)^2/4 - a'*x | x | (x'*x)*eye(n) + 2*x*x' | x: (n); a: (n)
hessian  | norm(A*x - b)^2 + λ*norm(D*x)^2 | x | 2*(A'*A + λ*D'*D) | A: (m,n); x: (n); b: (m); D: (p,n); λ: scalar
hessian  | norm(A*diag(x)*B - C)^2 | x | 2*((A'*A).*(B*B')) | A: (m,n); x: (n); B: (n,p); C: (m,p)
hessian  | tr(X'*A*X) | X | 2*kron(eye(n), A) | X: (m,n); A: (m,m) symmetric
hessian  | tr(inv(X)) | X | kron(inv(X), X^-2) + kron(X^-2, inv(X)) | X: (n,n) spd
hessian  | logdet(X) | X | -kron(inv(X), inv(X)) | X: (n,n) spd
hessian  | sum(g(A*x)) | x | A'*diag(g''(A*x))*A | g: elementwise; A: (m,n); x: (n)
hessian  | g(x'*A*x) | x | 2*g'(x'*A*x)*A + 4*g''(x'*A*x)*A*x*x'*A | g: elementwise; A: (n,n) symmetric; x: (n)
hessian  | 1/2*log(1 + norm(A*x)^2) | x | A'*A/(1 + norm(A*x)^2) - 2*A'*A*x*x'*A'*A/(1 + norm(A*x)^2)^2 | A: (m,n); x: (n)
hessian  | -(a'*x - log(1 + exp(a'*x))) | x | sigmoid(a'*x)*(1 - sigmoid(a'*x))*a*a' | a: (n); x: (n)
hessian  | y'*log(sigmoid(X*w)) + (1 - y)'*log(1 - sigmoid(X*w)) - λ/2*w'*w | w | -X'*diag(sigmoid(X*w).*(1 - sigmoid(X*w)))*X - λ*eye(n) | y: (m); X: (m,n); w: (n); λ: scalar
hessian  | exp(X*b)'*ones(m) - y'*X*b | b | X'*diag(exp(X*b))*X | X: (m,n); b: (n); y: (m)
hessian  | sum(lgamma(x)) - lgamma(sum(x)) | x | diag(trigamma(x)) - trigamma(sum(x))*ones(n)*ones(n)' | x: (n)
hessian  | n/2*log(s) + norm(x)^2/(2*s) | s | norm(x)^2/s^3 - n/(2*s^2) | x: (n); s: scalar
hessian  | exp(-norm(A*x)^2) | x | exp(-norm(A*x)^2)*(4*A'*A*x*x'*A'*A - 2*A'*A) | A: (m,n); x: (n)
hessian  | -x'*log(x) + λ*(sum(x) - 1) | x | -diag(1./x) | x: (n); λ: scalar
hessian  | logsumexp(X*w) - y'*X*w | w | X'*(diag(softmax(X*w)) - softmax(X*w)*softmax(X*w)')*X | X: (m,n); w: (n); y: (m)
hessian  | mean(log(1 + exp(-y.*(X*w)))) | w | X'*diag(y.^2.*sigmoid(y.*(X*w)).*sigmoid(-y.*(X*w)))*X/m | y: (m); X: (m,n); w: (n)
hessian  | sum(relu(1 - y.*(X*w)).^2) | w | 2*X'*diag(y.^2.*step(1 - y.*(X*w)))*X | y: (m); X: (m,n); w: (n)
hessian  | norm(g(X*w) - y)^2 | w | 2*X'*diag(g'(X*w).^2 + (g(X*w) - y).*g''(X*w))*X | g: elementwise; X: (m,n); w: (n); y: (m)
hessian  | x'*A*x/2 + ρ/2*norm(C*x - d)^2 | x | A + ρ*C'*C | x: (n); A: (n,n) symmetric; ρ: scalar; C: (m,n); d: (m)
grad     | (A*x - b)'*W*(A*x - b) | x | 2*A'*W*(A*x - b) | A: (m,n); x: (n); b: (m); W: (m,m) symmetric
grad     | norm(A*x - b)*norm(x) | x | norm(x)*A'*(A*x - b)/norm(A*x - b) + norm(A*x - b)*x/norm(x) | A: (m,n); x: (n); b: (m)
grad     | norm(L*(x - y))^2 | L | 2*L*(x - y)*(x - y)' | L: (k,n); x: (n); y: (n)
grad     | (x - y)'*L'*L*(x - y) | L | 2*L*(x - y)*(x - y)' | L: (k,n); x: (n); y: (n)
grad     | norm(X*X' - Y*Y')^2 | X | 4*(X*X' - Y*Y')*X | X: (n,k); Y: (n,p)
grad     | norm(A - X*diag(d)*X')^2 | d | -2*diag(X'*(A - X*diag(d)*X')*X) | A: (n,n) symmetric; X: (n,k); d: (k)
grad     | tr(inv(X'*X)) | X | -2*X*(X'*X)^-2 | X: (m,n)
grad     | tr(inv(I + X*X')) | X | -2*(I + X*X')^-2*X | X: (m,n)
grad     | logdet(I + X'*A*X) | X | 2*A*X*inv(I + X'*A*X) | X: (m,n); A: (m,m) spd
grad     | logdet(I + A*X*B) | X | A'*inv(I + A*X*B)'*B' | A: (p,m); X: (m,n); B: (n,p)
grad     | logdet(A*diag(x)*A') | x | diag(A'*inv(A*diag(x)*A')*A) | A: (m,n); x: (n)
hessian  | -logdet(A*diag(x)*A') | x | (A'*inv(A*diag(x)*A')*A).^2 | A: (m,n); x: (n)
hessian  | logdet(diag(x) + A) | x | -(inv(diag(x) + A)).^2 | x: (n); A: (n,n) spd
grad     | det(diag(x) + A) | x | det(diag(x) + A)*diag(inv(diag(x) + A)) | x: (n); A: (n,n) spd
grad     | sum(exp(-A*x)./(1 + exp(-A*x))) | x | -A'*(sigmoid(A*x).*sigmoid(-A*x)) | A: (m,n); x: (n)
grad     | sum(1./(1 + x.^2)) | x | -2*x./(1 + x.^2).^2 | x: (n)
hessian  | sum(sqrt(A*x)) | x | -A'*diag((A*x).^(-3/2))*A/4 | A: (m,n); x: (n)
grad     | prod(A*x) | x | prod(A*x)*A'*(1./(A*x)) | A: (m,n); x: (n)
grad     | lambda_max(A*diag(x)*A') | x | (A'*v_max(A*diag(x)*A')).^2 | A: (m,n); x: (n)
grad     | sum(G.*(X - ones(m)*ones(m)'*X/m)) | X | G - ones(m)*ones(m)'*G/m | G: (m,n); X: (m,n)
grad     | norm(X - ones(m)*mu')^2 | mu | -2*(X - ones(m)*mu')'*ones(m) | X: (m,n); mu: (n)
grad     | norm(X*diag(s) - Y)^2 | s | 2*diag(X'*(X*diag(s) - Y)) | X: (m,n); s: (n); Y: (m,n)
grad     | norm(relu(W*x) - y)^2 | W | 2*((relu(W*x) - y).*step(W*x))*x' | W: (m,n); x: (n); y: (m)
grad     | sum(gelu(X*W)) | W | X'*(normcdf(X*W) + (X*W).*normpdf(X*W)) | X: (m,n); W: (n,p)
grad     | sum((X*W1).*sigmoid(X*W2)) | W2 | X'*((X*W1).*sigmoid(X*W2).*(1 - sigmoid(X*W2))) | X: (m,n); W1: (n,p); W2: (n,p)
grad     | tr(inv(diag(s) + W*W')*A) | s | -diag(inv(diag(s) + W*W')*A*inv(diag(s) + W*W')) | s: (n); W: (n,k); A: (n,n) symmetric
grad     | log(x'*A*x) - log(x'*B*x) | x | 2*A*x/(x'*A*x) - 2*B*x/(x'*B*x) | x: (n); A: (n,n) symmetric; B: (n,n) symmetric
grad     | (x'*A*x)^(1/2) + (x'*B*x)^(1/2) | x | A*x/sqrt(x'*A*x) + B*x/sqrt(x'*B*x) | x: (n); A: (n,n) spd; B: (n,n) spd
grad     | a'*x/(1 + b'*x) | x | a/(1 + b'*x) - (a'*x)*b/(1 + b'*x)^2 | a: (n); x: (n); b: (n)
grad     | exp(a'*x)/(1 + exp(a'*x)) | x | sigmoid(a'*x)*(1 - sigmoid(a'*x))*a | a: (n); x: (n)
grad     | sum(x)^2/sum(x.^2) | x | 2*sum(x)*ones(n)/sum(x.^2) - 2*sum(x)^2*x/sum(x.^2)^2 | x: (n)
hessian  | norm(x - mean(x))^2 | x | 2*(I - ones(n,n)/n) | x: (n)
grad     | sqrt(mean((x - mean(x)).^2)) | x | (x - mean(x))/(n*sqrt(mean((x - mean(x)).^2))) | x: (n)
hessian  | (x'*A*x)^2 | x | 4*(x'*A*x)*A + 8*A*x*x'*A | x: (n); A: (n,n) symmetric
jacobian | x./norm(x) | x | eye(n)/norm(x) - x*x'/norm(x)^3 | x: (n)
jacobian | exp(A*x)/sum(exp(A*x)) | x | (diag(softmax(A*x)) - softmax(A*x)*softmax(A*x)')*A | A: (m,n); x: (n)
jacobian | x*norm(x)^2 | x | norm(x)^2*eye(n) + 2*x*x' | x: (n)
jacobian | (x'*A*x)*B*x | x | (x'*A*x)*B + 2*B*x*x'*A | x: (n); A: (n,n) symmetric; B: (n,n)
jacobian | diag(x)*B*diag(x)*a | x | diag(B*(a.*x)) + diag(x)*B*diag(a) | x: (n); B: (n,n); a: (n)
jacobian | (A*x).^2 | x | 2*diag(A*x)*A | A: (m,n); x: (n)
jacobian | X*W | W | kron(eye(p), X) | X: (m,n); W: (n,p)
jacobian | tanh(W*x) | W | diag(1 - tanh(W*x).^2)*kron(x', eye(m)) | W: (m,n); x: (n)
jacobian | X'*X*a | X | kron((X*a)', eye(n))*commutation(m,n) + kron(a', X') | X: (m,n); a: (n)
jacobian | tr(X)*eye(n) - X | X | vec(eye(n))*vec(eye(n))' - eye(n*n) | X: (n,n)
grad     | sum((X*w - y).^2.*s) | w | 2*X'*(s.*(X*w - y)) | X: (m,n); w: (n); y: (m); s: (m)
grad     | (X*w - y)'*diag(s)*(X*w - y) | w | 2*X'*(s.*(X*w - y)) | X: (m,n); w: (n); y: (m); s: (m)
grad     | norm(inv(X)*A - B)^2 | X | -2*inv(X)'*(inv(X)*A - B)*(inv(X)*A)' | X: (n,n); A: (n,m); B: (n,m)
grad     | tr(A*inv(X)*B*inv(X)) | X | -(inv(X)*A*inv(X)*B*inv(X) + inv(X)*B*inv(X)*A*inv(X))' | A: (n,n); B: (n,n); X: (n,n)
grad     | tr(X*inv(Y)*X') | Y | -inv(Y)'*X'*X*inv(Y)' | X: (m,n); Y: (n,n)
grad     | tr(inv(A + X*B*X')) | X | -2*inv(A + X*B*X')*inv(A + X*B*X')*X*B | A: (m,m) spd; X: (m,n); B: (n,n) spd
grad     | a'*inv(A + X*X')*b | X | -inv(A + X*X')*(a*b' + b*a')*inv(A + X*X')*X | a: (m); A: (m,m) spd; X: (m,n); b: (m)
grad     | log(a'*inv(X)*a) | X | -inv(X)*a*a'*inv(X)/(a'*inv(X)*a) | a: (n); X: (n,n) spd
grad     | 1/(a'*inv(X)*a) | X | inv(X)*a*a'*inv(X)/(a'*inv(X)*a)^2 | a: (n); X: (n,n) spd
grad     | sqrt(tr(X'*A*X)) | X | A*X/sqrt(tr(X'*A*X)) | X: (m,n); A: (m,m) spd
grad     | tr(X'*A*X)^2 | X | 4*tr(X'*A*X)*A*X | X: (m,n); A: (m,m) symmetric
grad     | tr(A*X)*tr(B*X) | X | tr(B*X)*A' + tr(A*X)*B' | A: (n,m); B: (n,m); X: (m,n)
grad     | tr(A*X)/tr(B*X) | X | A'/tr(B*X) - tr(A*X)*B'/tr(B*X)^2 | A: (n,m); B: (n,m); X: (m,n)
grad     | det(A + X*X') | X | 2*det(A + X*X')*inv(A + X*X')*X | A: (m,m) spd; X: (m,n)
grad     | det(X)^2 | X | 2*det(X)^2*inv(X)' | X: (n,n)
grad     | det(X'*A*X)/det(X'*B*X) | X | 2*det(X'*A*X)/det(X'*B*X)*(A*X*inv(X'*A*X) - B*X*inv(X'*B*X)) | X: (m,n); A: (m,m) spd; B: (m,m) spd
grad     | logdet(X*diag(s)*X' + A) | s | diag(X'*inv(X*diag(s)*X' + A)*X) | X: (m,n); s: (n); A: (m,m) spd
grad     | y'*inv(X*diag(s)*X' + A)*y | s | -(X'*inv(X*diag(s)*X' + A)*y).^2 | X: (m,n); s: (n); A: (m,m) spd; y: (m)
hessian  | logdet(X*diag(s)*X' + A) | s | -(X'*inv(X*diag(s)*X' + A)*X).^2 | X: (m,n); s: (n); A: (m,m) spd
grad     | tr(sqrtm(A*X*A')) | X | A'*inv(sqrtm(A*X*A'))*A/2 | A: (m,n); X: (n,n) spd
grad     | log(tr(expm(A + diag(x)))) | x | diag(expm(A + diag(x)))/tr(expm(A + diag(x))) | A: (n,n) symmetric; x: (n)
jacobian | inv(A'*diag(w)*A)*b | w | -inv(A'*diag(w)*A)*A'*diag(A*inv(A'*diag(w)*A)*b) | A: (m,n); w: (m); b: (n)
jacobian | A*inv(A'*diag(w)*A)*A'*y | w | -A*inv(A'*diag(w)*A)*A'*diag(A*inv(A'*diag(w)*A)*A'*y) | A: (m,n); w: (m); y: (m)
jacobian | inv(A + t*B)*x | t | -inv(A + t*B)*B*inv(A + t*B)*x | A: (n,n); B: (n,n); x: (n); t: scalar
jacobian | x/(1 + norm(x)) | x | eye(n)/(1 + norm(x)) - x*x'/(norm(x)*(1 + norm(x))^2) | x: (n)
jacobian | A*softmax(B*x) | x | A*(diag(softmax(B*x)) - softmax(B*x)*softmax(B*x)')*B | A: (p,m); B: (m,n); x: (n)
jacobian | sqrt(A*x.^2) | x | diag(1./sqrt(A*x.^2))*A*diag(x) | A: (m,n); x: (n)
jacobian | log(A*exp(x)) | x | diag(1./(A*exp(x)))*A*diag(exp(x)) | A: (m,n); x: (n)
jacobian | x.*(r - A*x) | x | diag(r - A*x) - diag(x)*A | x: (n); r: (n); A: (n,n)
jacobian | x.*(A*x - x'*A*x) | x | diag(A*x - x'*A*x) + diag(x)*A - x*x'*(A + A') | x: (n); A: (n,n)
jacobian | (I - 2*u*u'/(u'*u))*x | x | I - 2*u*u'/(u'*u) | u: (n); x: (n)
jacobian | x - t*A'*(A*x - b) | x | eye(n) - t*A'*A | A: (m,n); x: (n); b: (m); t: scalar
jacobian | relu(x - t) - relu(-x - t) | x | diag(step(x - t) + step(-x - t)) | x: (n); t: scalar
hessian  | log(a'*x) + log(b'*x) | x | -a*a'/(a'*x)^2 - b*b'/(b'*x)^2 | a: (n); b: (n); x: (n)
hessian  | -sum(log(A*x - b)) + t*c'*x | x | A'*diag(1./(A*x - b).^2)*A | A: (m,n); x: (n); b: (m); t: scalar; c: (n)
hessian  | -logdet(A - diag(x)) | x | inv(A - diag(x)).^2 | A: (n,n) spd; x: (n)
hessian  | t*c'*x - log(1 - x'*x) | x | 2*eye(n)/(1 - x'*x) + 4*x*x'/(1 - x'*x)^2 | c: (n); x: (n); t: scalar
hessian  | 1/2*norm(x - y)^2/s^2 + log(s) | s | 3*norm(x - y)^2/s^4 - 1/s^2 | x: (n); y: (n); s: scalar
hessian  | sum(sigmoid(A*x)) | x | A'*diag(sigmoid(A*x).*(1 - sigmoid(A*x)).*(1 - 2*sigmoid(A*x)))*A | A: (m,n); x: (n)
hessian  | sum(tanh(A*x)) | x | -2*A'*diag(tanh(A*x).*(1 - tanh(A*x).^2))*A | A: (m,n); x: (n)
hessian  | sum(gelu(x)) | x | diag((2 - x.^2).*normpdf(x)) | x: (n)
hessian  | sum(atan(A*x)) | x | -2*A'*diag((A*x)./(1 + (A*x).^2).^2)*A | A: (m,n); x: (n)
hessian  | sum(erf(A*x)) | x | -4/sqrt(pi)*A'*diag((A*x).*exp(-(A*x).^2))*A | A: (m,n); x: (n)
hessian  | sum(A*x.^4) | x | 12*diag(x.^2.*(A'*ones(m))) | A: (m,n); x: (n)
hessian  | norm(x.^2 - y)^2 | x | diag(12*x.^2 - 4*y) | x: (n); y: (n)
hessian  | 1/4*norm((A*x).^2 - b)^2 | x | A'*diag(3*(A*x).^2 - b)*A | A: (m,n); x: (n); b: (m)
hessian  | (norm(x)^2 - 1)^2 | x | 4*(norm(x)^2 - 1)*eye(n) + 8*x*x' | x: (n)
hessian  | (x'*A*x - 1)^2 | x | 4*(x'*A*x - 1)*A + 8*A*x*x'*A | A: (n,n) symmetric; x: (n)
hessian  | norm(x)^2*norm(y)^2 - (x'*y)^2 | x | 2*norm(y)^2*eye(n) - 2*y*y' | x: (n); y: (n)
hessian  | log(norm(A*x)^2) | x | 2*A'*A/norm(A*x)^2 - 4*A'*A*x*x'*A'*A/norm(A*x)^4 | A: (m,n); x: (n)
hessian  | (a'*x)*norm(x)^2 | x | 2*(a*x' + x*a') + 2*(a'*x)*eye(n) | a: (n); x: (n)
hessian  | log(sum(exp(A*x))) + λ/2*norm(x)^2 | x | A'*(diag(softmax(A*x)) - softmax(A*x)*softmax(A*x)')*A + λ*eye(n) | A: (m,n); x: (n); λ: scalar
hessian  | tr(X'*X)^2 | X | 4*tr(X'*X)*eye(m*n) + 8*vec(X)*vec(X)' | X: (m,n)
hessian  | norm(X)^4 | X | 4*norm(X)^2*eye(m*n) + 8*vec(X)*vec(X)' | X: (m,n)
hessian  | norm(X) | X | eye(m*n)/norm(X) - vec(X)*vec(X)'/norm(X)^3 | X: (m,n)
hessian  | tr(A*X)^2 | X | 2*vec(A')*vec(A')' | A: (n,m); X: (m,n)
hessian  | sum(g(X*W)) | W | kron(eye(p), X')*diag(vec(g''(X*W)))*kron(eye(p), X) | g: elementwise; X: (m,n); W: (n,p)
hessian  | norm(X*W - Y)^2 + λ*norm(W)^2 | W | 2*(kron(eye(p), X'*X) + λ*eye(n*p)) | X: (m,n); W: (n,p); Y: (m,p); λ: scalar
hessian  | tr(W'*A*W*B) - tr(W'*C) | W | 2*kron(B, A) | W: (n,k); A: (n,n) symmetric; B: (k,k) symmetric; C: (n,k)
hessian  | x'*A*inv(B)*A'*x | x | 2*A*inv(B)*A' | A: (n,m); B: (m,m) spd; x: (n)
grad     | norm(x./y - z)^2 | y | -2*(x./y - z).*x./y.^2 | x: (n); y: (n); z: (n)
grad     | sum(x.*log(A*x)) | x | log(A*x) + A'*(x./(A*x)) | x: (n); A: (n,n)
grad     | 1/2*logdet(s^2*K + t*I) + 1/2*y'*inv(s^2*K + t*I)*y | s | s*tr(inv(s^2*K + t*I)*K) - s*y'*inv(s^2*K + t*I)*K*inv(s^2*K + t*I)*y | K: (n,n) spd; s: scalar; t: scalar; y: (n)
grad     | (w'*A*w)/(w'*w)^2 | w | 2*A*w/(w'*w)^2 - 4*(w'*A*w)*w/(w'*w)^3 | A: (n,n) symmetric; w: (n)
grad     | w'*S*w/(sum(w))^2 | w | 2*S*w/sum(w)^2 - 2*w'*S*w*ones(n)/sum(w)^3 | S: (n,n) symmetric; w: (n)
grad     | norm(A*L - B)^2 | L | 2*tril(A'*(A*L - B)) | L: (n,n) lower; A: (m,n); B: (m,n)
grad     | norm(U*x - y)^2 | U | 2*triu((U*x - y)*x') | U: (n,n) upper; x: (n); y: (n)
grad     | tr(inv(S)*A) | S | -inv(S)*(A + A')*inv(S)/2 | S: (n,n) symmetric; A: (n,n)
grad     | logdet(A'*S*A) | S | A*inv(A'*S*A)*A' | S: (n,n) spd; A: (n,m)
grad     | f(A*x + b) | x | A'*grad(f)(A*x + b) | f: (m) -> (); A: (m,n); x: (n); b: (m)
hessian  | sum(g(x + t*v)) | t | (v.^2)'*g''(x + t*v) | g: elementwise; x: (n); v: (n); t: scalar
grad     | g(norm(X*w - y)) | w | g'(norm(X*w - y))*X'*(X*w - y)/norm(X*w - y) | g: elementwise; X: (m,n); w: (n); y: (m)
hessian  | g(x'*x) | x | 2*g'(x'*x)*eye(n) + 4*g''(x'*x)*x*x' | g: elementwise; x: (n)
grad     | sum(log(g(A*x))) | x | A'*(g'(A*x)./g(A*x)) | g: elementwise; A: (m,n); x: (n)
grad     | logdet(t*A + (1 - t)*B) | t | tr(inv(t*A + (1 - t)*B)*(A - B)) | A: (n,n) spd; B: (n,n) spd; t: scalar
jacobian | expm(t*A)*x + t*b | t | A*expm(t*A)*x + b | A: (n,n); x: (n); b: (n); t: scalar
hessian  | c'*expm(t*A)*b | t | c'*A^2*expm(t*A)*b | A: (n,n); b: (n); c: (n); t: scalar
jacobian | inv(s*I - A)*b | s | -(s*I - A)^-2*b | A: (n,n); b: (n); s: scalar
grad     | a^(x'*y) | x | log(a)*a^(x'*y)*y | a: scalar; x: (n); y: (n)
jacobian | kron(A*x, y) | x | kron(A, y) | A: (m,n); x: (n); y: (p)
jacobian | diag(A*diag(x)*B) | x | A.*B' | A: (m,n); x: (n); B: (n,m)
jacobian | diag(diag(x)*A*diag(x)) | x | 2*diag(diag(A).*x) | A: (n,n); x: (n)
jacobian | tr(X)*x | x | tr(X)*eye(n) | X: (n,n); x: (n)
jacobian | rowsum(A.*(x*x')) | x | diag(A*x) + diag(x)*A | A: (n,n) symmetric; x: (n)
hessian  | sum((x*ones(n)' - ones(n)*x').^2) | x | 4*(n*eye(n) - ones(n,n)) | x: (n)
grad     | sum(A.*(x*ones(n)' - ones(n)*x').^2) | x | 4*(diag(A*ones(n)) - A)*x | A: (n,n) symmetric; x: (n)
hessian  | sum(A.*(x*ones(n)' - ones(n)*x').^2) | x | 4*(diag(A*ones(n)) - A) | A: (n,n) symmetric; x: (n)
grad     | sum(A.*(rowsum(X.^2)*ones(n)' + ones(n)*rowsum(X.^2)' - 2*X*X')) | X | 4*(diag(A*ones(n)) - A)*X | A: (n,n) symmetric; X: (n,k)
"""


@pytest.mark.parametrize("line", ROWS.strip().splitlines(), ids=lambda line: " ".join(line.split("|")[0:2]).strip())
def test_answer_is_the_book_form_or_shorter(line: str) -> None:
    kind, expression, variable, book, where = (part.strip() for part in line.split(" | "))
    answer = derived(kind, expression, variable, where)
    form = mc.parse(book, where=where)
    assert mc.simplify(form) is answer.expr or mc.equal(answer.expr, form)
    assert answer.check().ok
    assert len(TOKEN.findall(answer.text())) <= len(TOKEN.findall(book)), answer.text()
    assert mc.parse(answer.text(), where=where) is answer.expr
    kept = {n: named(f"typed{k}", n.shape, said_of(n)) for k, n in enumerate(postorder(answer.of)) if n.op is SUM}
    assert mc.simplify(answer.expr) is answer.expr or mc.simplify(hidden := substitute(answer.expr, kept)) is hidden


@pytest.mark.parametrize(("expression", "variable"), [("tr(sqrtm(X'*X))", "X"), ("y'*X*inv(X'*X)*X'*y", "y"), ("logdet(X'*X)", "X")])
def test_points_where_nothing_is_inverted_that_has_no_inverse(expression: str, variable: str) -> None:
    for seed in range(4):
        assert mc.grad(expression, variable, where="X: (m, n); y: (m)").check(seed=seed).ok


def test_a_name_taken_for_an_abstract_function_is_said() -> None:
    assert mc.grad("sum(wobble(x))", "x", where="x: (n)").notes == (
        "wobble is no function of the language: read as an abstract one, entry by entry",
    )
    assert not mc.grad("sum(wobble(x))", "x", where="x: (n); wobble: elementwise").notes
