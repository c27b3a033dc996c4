"""The form of an answer: what a book prints, in the order of what was typed, symmetric where it is symmetric."""

from __future__ import annotations

import re

import pytest

import matcalc as mc
from asking import derived

# derivative | expression | variable | answer | the book's form, where that is another | declarations
ROWS = r"""
grad     | logdet(S) + x'*inv(S)*x | S | inv(S)*(S - x*x')*inv(S) |  | S: (n,n) spd; x: (n)
grad     | -m/2*logdet(U) - tr(inv(V)*X'*inv(U)*X)/2 | U | inv(U)*(X*inv(V)*X' - m*U)*inv(U)/2 |  | U: (n,n) spd; V: (m,m) spd; X: (n,m)
grad     | -n/2*logdet(V) - tr(inv(V)*X'*inv(U)*X)/2 | V | inv(V)*(X'*inv(U)*X - n*V)*inv(V)/2 |  | U: (n,n) spd; V: (m,m) spd; X: (n,m)
grad     | c/2*(norm(x - a) - l)^2 | x | c*(1 - l/norm(x - a))*(x - a) | c*(norm(x - a) - l)*(x - a)/norm(x - a) | x: (n); a: (n); c: scalar; l: scalar
grad     | (norm(A*x - b) - l)^2 | x | 2*(1 - l/norm(A*x - b))*A'*(A*x - b) |  | A: (m,n); x: (n); b: (m); l: scalar
grad     | logdet(I + X'*A*X*B) | X | 2*A*X*inv(I + B*X'*A*X)*B |  | X: (m,n); A: (m,m) symmetric; B: (n,n) symmetric
grad     | norm(B - A*pinv(A)*B)^2 | A | 2*(A*pinv(A) - I)*B*(pinv(A)*B)' | -2*(eye(m) - A*pinv(A))*B*B'*pinv(A)' | A: (m,n); B: (m,p)
grad     | tr(K - K*inv(K + s*I)*K)/2 | K | s^2*(K + s*I)^-2/2 |  | K: (n,n) spd; s: scalar positive
grad     | logdet(I + A*B) | A | B*inv(I + A*B) |  | A: (n,n) symmetric; B: (n,n) symmetric
grad     | sum(abs(A*x - b).^3)/3 | x | A'*((A*x - b).*abs(A*x - b)) |  | A: (m,n); x: (n); b: (m)
hessian  | sum(log(sinh(x))) | x | -inv(diag(sinh(x).^2)) |  | x: (n) positive
grad     | k*m'*x - log(sinh(k)/k) | k | 1/k - 1/tanh(k) + m'*x |  | k: scalar positive; m: (n); x: (n)
jacobian | expm(-2*t*A)*x | t | -2*A*expm(-2*t*A)*x |  | t: scalar; A: (n,n); x: (n)
grad     | logdet(L*L' + P) + tr(inv(L*L' + P)*S) | L | 2*inv(L*L' + P)*(I - S*inv(L*L' + P))*L |  | L: (n,k); P: (n,n) diagonal; S: (n,n) spd
grad     | tr((I - K*H)*P*(I - K*H)' + K*R*K') | K | 2*(K*R - (I - K*H)*P*H') |  | K: (n,m); H: (m,n); P: (n,n) spd; R: (m,m) spd
hessian  | tr((I - K*H)*P*(I - K*H)' + K*R*K') | K | 2*kron(H*P*H' + R, eye(n)) |  | K: (n,m); H: (m,n); P: (n,n) spd; R: (m,m) spd
grad     | -n/2*logdet(S) - 1/2*sum(((X - ones(n)*mu')*inv(S)).*(X - ones(n)*mu')) | S | inv(S)*((X - ones(n)*mu')'*(X - ones(n)*mu') - n*S)*inv(S)/2 |  | S: (d,d) spd; X: (n,d); mu: (d)
grad     | -logdet(X'*diag(w)*X) | w | -diag(X*inv(X'*diag(w)*X)*X') |  | X: (m,n); w: (m)
grad     | norm((I - X*inv(X'*X + c*I)*X')*y)^2 | c | 2*c*y'*X*(X'*X + c*I)^-3*X'*y | 2*y'*(I - X*inv(X'*X + c*I)*X')*X*(X'*X + c*I)^-2*X'*y | X: (m,n); y: (m); c: scalar
grad     | -sum(log(cosh(W*X)))/c + logdet(W) | W | inv(W)' - tanh(W*X)*X'/c |  | W: (n,n); X: (n,p); c: scalar
grad     | 1/2*norm(X - D*R)^2 | R | -D'*(X - D*R) |  | X: (m,n); D: (m,k); R: (k,n)
grad     | 1/2*norm(X - D*R)^2 | D | -(X - D*R)*R' |  | X: (m,n); D: (m,k); R: (k,n)
jacobian | g(X*W') | W | commutation(p, m)*diag(vec(g'(W*X')))*kron(X, eye(p)) | diag(vec(g'(X*W')))*kron(eye(p), X)*commutation(p, n) | X: (m,n); W: (p,n); g: elementwise
grad     | sum(g(X*W')) | W | g'(W*X')*X | g'(X*W')'*X | X: (m,n); W: (p,n); g: elementwise
grad     | tr(G'*g(A*x*ones(n)' + b*ones(n)')) | x | A'*rowsum(G.*g'((A*x + b)*ones(n)')) | A'*(G.*g'(A*x*ones(n)' + b*ones(n)'))*ones(n) | A: (m,k); x: (k); b: (m); G: (m,n); g: elementwise
grad     | -tr(C*inv(S)*B*inv(S)) | S | inv(S)*(C*inv(S)*B + B*inv(S)*C)*inv(S) |  | S: (n,n) symmetric; C: (n,n) symmetric; B: (n,n) symmetric
hessian  | tr(C*inv(A + t*B)) | t | 2*tr(B*inv(A + t*B)*B*inv(A + t*B)*C*inv(A + t*B)) | 2*tr(C*inv(A + t*B)*B*inv(A + t*B)*B*inv(A + t*B)) | A: (n,n); B: (n,n); C: (n,n); t: scalar
jacobian | X'*X | X | (I + commutation(n, n))*kron(eye(n), X') | (eye(n*n) + commutation(n,n))*kron(eye(n), X') | X: (m,n)
jacobian | X*X' | X | (I + commutation(m, m))*kron(X, eye(m)) | (eye(m*m) + commutation(m,m))*kron(X, eye(m)) | X: (m,n)
jacobian | X*B*X' | X | (I + commutation(m, m))*kron(X*B, eye(m)) | (eye(m*m) + commutation(m,m))*kron(X*B, eye(m)) | X: (m,n); B: (n,n) symmetric
jacobian | X'*inv(A)*X | X | (I + commutation(n, n))*kron(eye(n), X'*inv(A)) | (eye(n*n) + commutation(n,n))*kron(eye(n), X'*inv(A)) | X: (m,n); A: (m,m) spd
jacobian | X*inv(X'*X)*X' | X | (I + commutation(m, m))*kron(pinv(X)', I - X*pinv(X)) | (eye(m*m) + commutation(m,m))*kron(X*inv(X'*X), eye(m) - X*inv(X'*X)*X') | X: (m,n)
jacobian | J*S*J' | J | (I + commutation(m, m))*kron(J*S, eye(m)) | (eye(m*m) + commutation(m,m))*kron(J*S, eye(m)) | J: (m,n); S: (n,n) symmetric
grad     | norm((I - ones(n)*ones(n)'/n)*X)^2 | X | 2*(I - ones(n, n)/n)*X | 2*(I - ones(n)*ones(n)'/n)*X | X: (n,p)
grad     | norm(y - X*pinv(X)*y)^2 | y | 2*(y - X*pinv(X)*y) | 2*(I - X*pinv(X))*y | X: (m,n); y: (m)
grad     | y'*(I - X*inv(X'*X)*X')*y | y | 2*(I - X*pinv(X))*y |  | X: (m,n); y: (m)
grad     | -y'*inv(K + s*I)*y/2 - logdet(K + s*I)/2 | s | (y'*(K + s*I)^-2*y - tr(inv(K + s*I)))/2 |  | y: (n); K: (n,n) symmetric; s: scalar
grad     | sum(x.^p) | p | log(x)'*x.^p |  | x: (n) positive; p: scalar
grad     | logdet(eye(n) + x*x') | x | 2*x/(x'*x + 1) |  | x: (n)
grad     | norm(x, p) | x | sum(x.^p)^(1/p - 1)*x.^(p - 1) |  | x: (n) positive; p: scalar
grad     | norm(kron(x, y) - a)^2 | x | 2*unvec(kron(x, y) - a, m, n)'*y | 2*(norm(y)^2*x - unvec(a, m, n)'*y) | x: (n); y: (m); a: (m*n)
grad     | mean(vec(X)) | X | ones(m, n)/(m*n) |  | X: (m,n)
grad     | normnuc(X'*X) | X | 2*X |  | X: (m,n)
grad     | normspec(X*X') | X | 2*X*v_max(X'*X)*v_max(X'*X)' | 2*v_max(X*X')*v_max(X*X')'*X | X: (m,n)
grad     | v_max(A)'*A*v_max(A) | A | v_max(A)*v_max(A)' |  | A: (n,n) symmetric
grad     | -sum(y.*log(sigmoid(A*x)) + (1 - y).*log(1 - sigmoid(A*x))) | y | -A*x |  | A: (m,n); x: (n); y: (m)
grad     | norm(x)*(x'*x) | x | 3*norm(x)*x |  | x: (n)
hessian  | norm(x, p) | x | (p - 1)*sum(x.^p)^(1/p - 2)*(sum(x.^p)*diag(x.^(p - 2)) - x.^(p - 1)*(x.^(p - 1))') |  | x: (n) positive; p: scalar
grad     | (1 - p)*tr(A*X) + (p - 1)*x'*X*y | X | (p - 1)*(x*y' - A') |  | A: (n,n); X: (n,n); x: (n); y: (n); p: scalar
grad     | norm((real(A) + 1i*imag(A))*z - a)^2 | z | 2*A^H*(A*z - a) |  | A: (m,n) complex; z: (n) complex; a: (m) complex
grad     | sum(sqrt((A*x - b).^2)) | x | A'*sign(A*x - b) |  | A: (m,n); x: (n); b: (m)
grad     | a'*x/(s - 1) + b'*x/(1 - s) | x | (b - a)/(1 - s) |  | a: (n); b: (n); x: (n); s: scalar
hessian  | sum(x.^q)/(1 - q) | x | -q*diag(x.^(q - 2)) |  | x: (n) positive; q: scalar
grad     | logdet(I + diag(a)^2) | a | 2*a./(a.^2 + 1) |  | a: (m)
grad     | x'*inv(s*I + diag(a))*x | a | -x.^2./(a + s).^2 |  | a: (m); x: (m); s: scalar
grad     | tr(diag(a)*X*M*X') | a | diag(X*M*X') |  | a: (m); X: (m,n); M: (n,n)
grad     | c*sum(a.*b) | c | a'*b |  | a: (n); b: (n); c: scalar
hessian  | norm(x) | x | (I - x*x'/norm(x)^2)/norm(x) |  | x: (n)
jacobian | x/norm(x) | x | (I - x*x'/norm(x)^2)/norm(x) |  | x: (n)
jacobian | x/sqrt(sum(x.^2)) | x | (I - x*x'/norm(x)^2)/norm(x) |  | x: (n)
grad     | norm(B.*(X - M))^2 | X | 2*B.*(X - M) |  | B: set (m,n)
grad     | log(1 + sum(X.^2)) | X | 2*X/(norm(X)^2 + 1) |  | X: (m,n)
grad     | (1 - a)*x'*x/2 + a*norm1(x) | x | a*(sign(x) - x) + x | (1 - a)*x + a*sign(x) | x: (n); a: scalar
hessian  | tr(X'*X)^2 | X | 4*(2*vec(X)*vec(X)' + norm(X)^2*I) | 4*(norm(X)^2*I + 2*vec(X)*vec(X)') | X: (m,n)
hessian  | norm(A - X*X')^2 | X | 4*(kron(X', eye(m))*(I + commutation(m, m))*kron(X, eye(m)) - kron(eye(n), A - X*X')) | 4*(kron(X'*X, eye(m)) + kron(eye(n), X*X' - A) + kron(X', X)*commutation(m, n)) | X: (m,n); A: (m,m) symmetric
jacobian | inv(I + 2*A*B)*A*x | x | inv(I + 2*A*B)*A |  | A: (n,m); B: (m,n); x: (m)
grad     | norm(inv(A'*A + c*I)*A'*b)^2 | b | 2*A*(A'*A + c*I)^-2*A'*b |  | A: (m,n); b: (m); c: scalar
grad     | x'*inv(K)*inv(K + c*I)*K*x | x | (inv(K + c*I) + inv(K + c*I)')*x |  | K: (n,n); c: scalar; x: (n)
grad     | norm(Q*x - b)^2 | x | 2*(x - Q'*b) |  | Q: (n,n) orthogonal; x: (n); b: (n)
grad     | tr(W*S) | t | 0 |  | W: (n,n) skew; S: (n,n) symmetric; t: scalar
grad     | sum(M.*abs(A.*M)) | A | M.^2.*sign(M.*A) | M.*sign(A.*M).*M | A: (m,n); M: (m,n)
grad     | u'*softmax(x - t*ones(n)) | x | (u - u'*softmax(x)).*softmax(x) | softmax(x).*(u - (softmax(x)'*u)*ones(n)) | u: (n); x: (n); t: scalar
grad     | sum(i = 1..m, log(sum(j = 1..n, exp(X[i,j])))) | X | softmax_rows(X) |  | X: (m,n)
grad     | norm(kron(A, B) - T)^2 | A | 2*blockinner(B, kron(A, B) - T) | 2*(norm(B)^2*A - blockinner(B, T)) | A: (m,n); B: (p,q); T: (m*p,n*q)
grad     | tr(S*inv(I + A*S)) | A | -(S*inv(I + A*S)*S*inv(I + A*S))' |  | S: (n,n); A: (n,n)
grad     | log(1 + x'*A*x) | x | 2*A*x/(1 + x'*A*x) |  | x: (n); A: (n,n) symmetric
hessian  | g(norm(x)) | x | ((g''(norm(x)) - g'(norm(x))/norm(x))*x*x'/norm(x) + g'(norm(x))*I)/norm(x) | g''(norm(x))*x*x'/norm(x)^2 + g'(norm(x))*(I - x*x'/norm(x)^2)/norm(x) | g: elementwise; x: (n)
grad     | tr(sqrtm(sqrtm(A)*X*sqrtm(A))) | X | sqrtm(A)*inv(sqrtm(sqrtm(A)*X*sqrtm(A)))*sqrtm(A)/2 |  | A: (n,n) spd; X: (n,n) spd
grad     | tr(A) + tr(B) - 2*tr(sqrtm(sqrtm(A)*B*sqrtm(A))) | B | I - sqrtm(A)*inv(sqrtm(sqrtm(A)*B*sqrtm(A)))*sqrtm(A) |  | A: (n,n) spd; B: (n,n) spd
hessian  | 1/2*norm(A*x - b)^2 + c/2*norm(x)^2 | x | A'*A + c*I |  | A: (m,n); x: (n); b: (m); c: scalar
grad     | logdet(I + X*X'/c) | X | 2*inv(X*X' + c*I)*X | 2*inv(c*I + X*X')*X | X: (m,n); c: scalar
grad     | y'*inv(X*X' + c*I)*y | X | -2*inv(X*X' + c*I)*y*y'*inv(X*X' + c*I)*X |  | X: (m,n); y: (m); c: scalar
grad     | tr(inv(X'*S*X)*X'*B*X) | X | 2*(B - S*X*inv(X'*S*X)*X'*B)*X*inv(X'*S*X) | 2*(I - S*X*inv(X'*S*X)*X')*B*X*inv(X'*S*X) | X: (n,k); S: (n,n) spd; B: (n,n) symmetric
grad     | norm(Y - softmax_rows(X*W))^2 | W | -2*X'*((Y - rowsum((Y - softmax_rows(X*W)).*softmax_rows(X*W))*ones(c)' - softmax_rows(X*W)).*softmax_rows(X*W)) | 2*X'*(softmax_rows(X*W).*(softmax_rows(X*W) - Y - rowsum(softmax_rows(X*W).*(softmax_rows(X*W) - Y))*ones(c)')) | X: (m,n); W: (n,c); Y: (m,c)
grad     | -sum(Y.*log(softmax_rows(X*W + ones(m)*b'))) | b | colsum(diag(rowsum(Y))*softmax_rows(X*W + ones(m)*b') - Y) | colsum(diag(Y*ones(c))*softmax_rows(X*W + ones(m)*b') - Y) | X: (m,n); W: (n,c); Y: (m,c); b: (c)
hessian  | w'*S*w/(w'*w) | w | 2*(((w'*S*w)*(4*w*w'/(w'*w) - I) - 2*(w*w'*S + S*w*w'))/(w'*w) + S)/(w'*w) | 2*S/(w'*w) - 4*(S*w*w' + w*w'*S)/(w'*w)^2 - 2*(w'*S*w)*I/(w'*w)^2 + 8*(w'*S*w)*w*w'/(w'*w)^3 | S: (n,n) symmetric; w: (n)
grad     | norm(W*X + b*ones(n)' - Y)^2/n | b | 2*(rowsum(W*X - Y)/n + b) | 2*(W*X + b*ones(n)' - Y)*ones(n)/n | W: (p,m); X: (m,n); b: (p); Y: (p,n)
grad     | sum(log(1 + exp(-y.*(X*w)))) + c/2*w'*w | w | c*w - X'*(y.*sigmoid(-y.*(X*w))) |  | X: (m,n); y: (m); w: (n); c: scalar
hessian  | sum(log(1 + exp(-y.*(X*w)))) + c/2*w'*w | w | X'*diag(y.^2.*sigmoid(y.*(X*w)).*sigmoid(-y.*(X*w)))*X + c*I |  | X: (m,n); y: (m); w: (n); c: scalar
grad     | (x - mu)'*inv(S)*(x - mu)/2 + logdet(S)/2 | mu | inv(S)*(mu - x) | -inv(S)*(x - mu) | x: (n); mu: (n); S: (n,n) spd
grad     | tr(P*(A*X + X*A' + Q)) | X | P*A + A'*P | A'*P + P*A | P: (n,n) symmetric; A: (n,n); X: (n,n); Q: (n,n) symmetric
jacobian | A*x + b | x | A |  | A: (m,n); x: (n); b: (m)
grad     | sum((A*x + 1).^2) | x | 2*A'*(A*x + 1) |  | A: (m,n); x: (n)
grad     | -log(det(2*X)) | X | -inv(X)' |  | X: (n,n)
grad     | normnuc(X)^2/2 | X | normnuc(X)*polar(X) |  | X: (m,n)
grad     | tr(A'*B) - sum(A.*B) | A | zeros(m, n) | zeros(m,n) | A: (m,n); B: (m,n)
grad     | norm(triu(X))^2 | X | 2*triu(X) |  | X: (n,n)
grad     | sum((x - mean(x)).^2)/n | x | 2*(x - mean(x))/n |  | x: (n)
grad     | sqrt(2*pi*x'*x) | x | sqrt(2*pi)*x/norm(x) |  | x: (n)
grad     | x'*A*inv(S)*A'*x - 2*b'*inv(S)*A'*x | x | 2*A*inv(S)*(A'*x - b) |  | x: (m); A: (m,n); S: (n,n) spd; b: (n)
grad     | norm(Z*Z' - Y)^2/4 | Z | (Z*Z' - Y)*Z |  | Z: (n,r); Y: (n,n) symmetric
grad     | sum(tanh(X*W')) | X | (1 - tanh(X*W').^2)*W |  | X: (m,n); W: (k,n)
jacobian | tanh(X*W') | X | diag(vec(1 - tanh(X*W').^2))*kron(W, eye(m)) |  | X: (m,n); W: (k,n)
grad     | norm(Y - tanh(X*W'))^2 | W | -2*((Y - tanh(X*W')).*(1 - tanh(X*W').^2))'*X |  | X: (m,n); W: (k,n); Y: (m,k)
grad     | tr(A + B - 2*sqrtm(sqrtm(A)*B*sqrtm(A))) | A | I - inv(sqrtm(A))*sqrtm(sqrtm(A)*B*sqrtm(A))*inv(sqrtm(A)) |  | A: (n,n) spd; B: (n,n) spd
grad     | log(abs(det(W))) - sum(log(cosh(W*X)))/c | W | inv(W)' - tanh(W*X)*X'/c |  | W: (n,n); X: (n,m); c: scalar
grad     | log(abs(det(I + u*v'))) | u | v/(u'*v + 1) | v/(1 + u'*v) | u: (n); v: (n)
grad     | sum(log(abs(1 - tanh(X*w).^2))) | w | -2*X'*tanh(X*w) |  | X: (m,n); w: (n)
grad     | logdet(I + inv(S)*H*P*H') | H | 2*inv(S + H*P*H')*H*P |  | S: (m,m) spd; P: (n,n) spd; H: (m,n)
grad     | norm(x/norm(x) - y)^2 | x | 2*((x'*y)*x/norm(x)^2 - y)/norm(x) | -2*(I - x*x'/norm(x)^2)*y/norm(x) | x: (n); y: (n)
jacobian | exp(x - logsumexp(x)) | x | diag(softmax(x)) - softmax(x)*softmax(x)' |  | x: (n)
jacobian | diag(X*A*X') | X | khatrirao((A + A')*X', eye(m))' |  | X: (m,n); A: (n,n)
grad     | a'*x/sqrt(2*d) | x | a/sqrt(2*d) |  | x: (n); a: (n); d: scalar positive
grad     | logdet(I + inv(S)*(X - M)'*inv(O)*(X - M)) | M | -2*inv(O)*(X - M)*inv(S + (X - M)'*inv(O)*(X - M)) |  | S: (p,p) spd; X: (n,p); M: (n,p); O: (n,n) spd
grad     | a'*A*b/sqrt((a'*S*a)*(b'*T*b)) | a | (A*b - (a'*A*b)*S*a/(a'*S*a))/sqrt((a'*S*a)*(b'*T*b)) |  | a: (p); b: (q); A: (p,q); S: (p,p) spd; T: (q,q) spd
grad     | norm(y - X*b) | b | -X'*(y - X*b)/norm(y - X*b) |  | X: (m,n); y: (m); b: (n)
grad     | norm(x - a) | a | -(x - a)/norm(x - a) |  | x: (n); a: (n)
hessian  | mean(exp(-1/2*(x*ones(m)' - ones(n)*y').^2)) | x | diag(rowsum(((x*ones(m)' - ones(n)*y').^2 - 1).*exp(-(x*ones(m)' - ones(n)*y').^2/2)))/(m*n) |  | x: (n); y: (m)
grad     | tr(X*inv(X'*X)*X'*A) | X | 2*(I - X*pinv(X))*A*pinv(X)' |  | X: (m,n); A: (m,m) symmetric
grad     | det(A - t*x*y') | x | -t*det(A)*inv(A)'*y |  | A: (n,n); x: (n); y: (n); t: scalar
hessian  | det(A + x*y') | x | zeros(n, n) | zeros(n,n) | A: (n,n); x: (n); y: (n)
grad     | c/2*norm(X - D*R)^2 | R | -c*D'*(X - D*R) |  | X: (m,n); D: (m,k); R: (k,n); c: scalar
grad     | norm(M.*(X - U*V))^2/2 | U | -(M.^2.*(X - U*V))*V' |  | M: (m,n); X: (m,n); U: (m,k); V: (k,n)
grad     | (y - X*w)'*S*(y - X*w)/2 | w | -X'*S*(y - X*w) |  | X: (m,n); y: (m); w: (n); S: (m,m) symmetric
grad     | -p/2*logdet(U) - n/2*logdet(V) - tr(inv(V)*(X-M)'*inv(U)*(X-M))/2 | U | inv(U)*((X - M)*inv(V)*(X - M)' - p*U)*inv(U)/2 |  | X: (n,p); M: (n,p); U: (n,n) spd; V: (p,p) spd
grad     | (nu - p - 1)/2*logdet(X) - tr(inv(V)*X)/2 - nu/2*logdet(V) | V | inv(V)*(X - nu*V)*inv(V)/2 |  | X: (p,p) spd; V: (p,p) spd; nu: scalar
grad     | nu/2*logdet(P) - (nu + p + 1)/2*logdet(X) - tr(P*inv(X))/2 | X | inv(X)*(P - (nu + p + 1)*X)*inv(X)/2 |  | X: (p,p) spd; P: (p,p) spd; nu: scalar
grad     | logdet(V) + logdet(X'*inv(V)*X) + y'*(inv(V) - inv(V)*X*inv(X'*inv(V)*X)*X'*inv(V))*y | V | inv(V)*(V - X*inv(X'*inv(V)*X)*X' - (y - X*inv(X'*inv(V)*X)*X'*inv(V)*y)*(y - X*inv(X'*inv(V)*X)*X'*inv(V)*y)')*inv(V) | inv(V) - inv(V)*X*inv(X'*inv(V)*X)*X'*inv(V) - (inv(V) - inv(V)*X*inv(X'*inv(V)*X)*X'*inv(V))*y*y'*(inv(V) - inv(V)*X*inv(X'*inv(V)*X)*X'*inv(V)) | V: (n,n) spd; X: (n,p); y: (n)
hessian  | -logdet(X'*diag(w)*X) | w | (X*inv(X'*diag(w)*X)*X').^2 |  | X: (m,n); w: (m) positive
hessian  | sum(exp(A*x))/sum(exp(b'*x)) | x | (A'*diag(exp(A*x))*A - A'*exp(A*x)*b' + sum(exp(A*x))*b*b' - b*exp(A*x)'*A)/exp(b'*x) |  | A: (m,n); x: (n); b: (n)
grad     | tr(A*M*A) - tr(M*A*M*A)/2 | A | A*M + M*A - M*A*M |  | A: (n,n) symmetric; M: (n,n) symmetric
grad     | 2*sum(log(diag(chol(S)))) + y'*inv(S)*y | S | inv(S)*(S - y*y')*inv(S) |  | S: (n,n) spd; y: (n)
grad     | -(logdet(C*C') + (x_{t+1} - A*x_t)'*inv(C*C')*(x_{t+1} - A*x_t))/2 | A | inv(C*C')*(x_{t+1} - A*x_t)*x_t' |  | x_t: (n), t = 1..T; C: (n,n); A: (n,n)
grad     | log(x'*x + s^2 - 2*s*a'*x) | s | 2*(s - a'*x)/(x'*x + s^2 - 2*s*a'*x) |  | x: (n); a: (n); s: scalar
grad     | norm(A*x + B*x)^2 | x | 2*(A + B)'*(A + B)*x |  | x: (n); A: (m,n); B: (m,n)
grad     | n*norm((I - K*inv(K + t*I))*y)^2/tr(I - K*inv(K + t*I))^2 | t | -2*n*((y'*(K + t*I)^-3*y)*tr(inv(K + t*I)) - tr((K + t*I)^-2)*norm(inv(K + t*I)*y)^2)/tr(inv(K + t*I))^3 |  | K: (n,n) psd; t: positive; y: (n)
grad     | c'*inv(X'*diag(w)*X)*c | w | -(X*inv(X'*diag(w)*X)*c).^2 |  | X: (m,n); w: (m) positive; c: (n)
grad     | norm((I - H)*y)^2/tr(I - H)^2 | H | 2*(norm((I - H)*y)^2*I - tr(I - H)*(I - H)*y*y')/tr(I - H)^3 | 2*norm((I - H)*y)^2/tr(I - H)^3*I - 2*(I - H)*y*y'/tr(I - H)^2 | H: (n,n); y: (n)
grad     | tr(G'*softmax_rows(Q*K')*V) | V | softmax_rows(Q*K')'*G |  | Q: (n,d); K: (m,d); V: (m,p); G: (n,p)
jacobian | x/sqrt(x'*x/n) | x | sqrt(n)*(I - x*x'/norm(x)^2)/norm(x) | sqrt(n)/norm(x)*(I - x*x'/norm(x)^2) | x: (n)
jacobian | (x - mean(x))/norm(x - mean(x)) | x | (I - (x - mean(x))*(x - mean(x))'/norm(x - mean(x))^2 - 1/n)/norm(x - mean(x)) | (I - ones(n)*ones(n)'/n - (x - mean(x))*(x - mean(x))'/norm(x - mean(x))^2)/norm(x - mean(x)) | x: (n)
grad     | tr(S*inv(T)) - logdet(S*inv(T)) - n | T | inv(T)*(T - S)*inv(T) |  | S: (n,n) spd; T: (n,n) spd
hessian  | tr(S*inv(T)) - logdet(S*inv(T)) - n | S | kron(inv(S), inv(S)) |  | S: (n,n) spd; T: (n,n) spd
grad     | x'*A*x/(x'*B*x) | x | 2*(A - (x'*A*x)*B/(x'*B*x))*x/(x'*B*x) | 2*(A - (x'*A*x)/(x'*B*x)*B)*x/(x'*B*x) | A: (n,n) symmetric; B: (n,n) spd; x: (n)
grad     | (tr(inv(T)*S) + (m - u)'*inv(T)*(m - u) - n + logdet(T) - logdet(S))/2 | T | inv(T)*(T - S - (m - u)*(m - u)')*inv(T)/2 |  | S: (n,n) spd; T: (n,n) spd; m: (n); u: (n)
hessian  | logsumexp(A*x) | x | A'*(diag(softmax(A*x)) - softmax(A*x)*softmax(A*x)')*A |  | A: (m,n); x: (n)
grad     | -sum(Y.*(X*W)) + sum(logsumexp_rows(X*W)) | W | X'*(softmax_rows(X*W) - Y) |  | X: (n,d); W: (d,k); Y: (n,k)
grad     | sum(F.*(W*V' + b*ones(n)' + ones(m)*c' - log(X)).^2) | W | 2*(F.*(W*V' + b*ones(n)' + ones(m)*c' - log(X)))*V |  | W: (m,k); V: (n,k); b: (m); c: (n); X: (m,n) positive; F: (m,n)
grad     | normnuc(X) + l/2*norm(X)^2 | X | polar(X) + l*X |  | X: (m,n); l: scalar
grad     | 1/2*norm(X - A*khatrirao(C,B)')^2 | A | -(X - A*khatrirao(C, B)')*khatrirao(C, B) |  | X: (i,j*k); A: (i,r); B: (k,r); C: (j,r)
jacobian | inv(I + W)*(I - W) | W | -2*kron(inv(I + W)', inv(I + W)) |  | W: (n,n)
jacobian | inv(I - W)*(I + W)*x | W | 2*kron((inv(I - W)*x)', inv(I - W)) |  | W: (n,n); x: (n)
grad     | norm(A*inv(I + W)*(I - W) - B)^2 | W | 2*((A*inv(I + W))'*B*inv(I + W)' - inv(I + W)*B'*A*inv(I + W)) |  | W: (n,n) skew; A: (n,n); B: (n,n)
grad     | tr(A*inv(A+B)) | A | (inv(A + B)*B*inv(A + B))' |  | A: (n,n); B: (n,n)
hessian  | x/(a + x) | x | -2*a/(a + x)^3 |  | x: scalar; a: scalar
grad     | y'*(I - K*inv(K + l*I))*y | K | -l*inv(K + l*I)*y*y'*inv(K + l*I) |  | K: (n,n) spd; l: scalar; y: (n)
grad     | norm(X*inv(X'*X)*X' - P)^2 | X | 4*(X*pinv(X) - I)*P*pinv(X)' | -4*(I - X*pinv(X))*P*pinv(X)' | X: (m,k); P: (m,m) symmetric
hessian  | log(norm(x)^2 + e) | x | 2*(I - 2*x*x'/(norm(x)^2 + e))/(norm(x)^2 + e) |  | x: (n); e: scalar positive
hessian  | norm(y - X*b) | b | X'*(I - (y - X*b)*(y - X*b)'/norm(y - X*b)^2)*X/norm(y - X*b) |  | X: (m,n); y: (m); b: (n)
hessian  | a'*x/norm(x) | x | ((a'*x)*(3*x*x'/norm(x)^2 - I) - x*a' - a*x')/norm(x)^3 | -(a*x' + x*a')/norm(x)^3 - (a'*x)*I/norm(x)^3 + 3*(a'*x)*x*x'/norm(x)^5 | a: (n); x: (n)
jacobian | x - 2*v*(v'*x)/(v'*v) | v | 2*((v'*x)*(2*v*v'/(v'*v) - I) - v*x')/(v'*v) | -2*(v'*x)*I/(v'*v) - 2*v*x'/(v'*v) + 4*(v'*x)*v*v'/(v'*v)^2 | x: (n); v: (n)
hessian  | tr(inv(X)) | X | kron(X^-2, inv(X)) + kron(inv(X), X^-2) |  | X: (n,n) symmetric
hessian  | det(X) | X | det(X)*(vec(inv(X)')*vec(inv(X)')' - commutation(n, n)*kron(inv(X)', inv(X))) | det(X)*(vec(inv(X)')*vec(inv(X)')' - commutation(n,n)*kron(inv(X)', inv(X))) | X: (n,n)
grad     | x'*A*x/4 + norm(x)^2/2 + b'*x | x | (I + (A + A')/4)*x + b |  | A: (n,n); x: (n); b: (n)
hessian  | x'*A*x/2 + sum(exp(x)) | x | diag(exp(x)) + (A + A')/2 |  | A: (n,n); x: (n)
hessian  | (x'*A*x)*(x'*B*x) | x | 2*((x'*A*x)*B + (x'*B*x)*A + 2*(A*x*x'*B + B*x*x'*A)) |  | A: (n,n) symmetric; B: (n,n) symmetric; x: (n)
grad     | -m*p/2*log(2*pi) - p/2*logdet(U) - m/2*logdet(V) - tr(inv(V)*(X - M)'*inv(U)*(X - M))/2 | M | inv(U)*(X - M)*inv(V) |  | X: (m,p); M: (m,p); U: (m,m) spd; V: (p,p) spd
grad     | -m/2*logdet(V) - tr(inv(V)*(X - A*B)'*inv(U)*(X - A*B))/2 | A | inv(U)*(X - A*B)*inv(V)*B' |  | X: (m,p); A: (m,k); B: (k,p); U: (m,m) spd; V: (p,p) spd
hessian  | -tr(inv(V)*(X - M)'*inv(U)*(X - M))/2 | M | -kron(inv(V), inv(U)) |  | X: (m,p); M: (m,p); U: (m,m) spd; V: (p,p) spd
grad     | -n/2*(logdet(L*L' + diag(s)) + tr(inv(L*L' + diag(s))*S)) | L | n*inv(L*L' + diag(s))*(S*inv(L*L' + diag(s)) - I)*L | -n*inv(L*L' + diag(s))*(L*L' + diag(s) - S)*inv(L*L' + diag(s))*L | L: (p,k); s: (p) positive; S: (p,p) spd
grad     | -n/2*(logdet(L*L' + diag(s)) + tr(inv(L*L' + diag(s))*S)) | s | n*diag((inv(L*L' + diag(s))*S - I)*inv(L*L' + diag(s)))/2 | -n/2*diag(inv(L*L' + diag(s))*(L*L' + diag(s) - S)*inv(L*L' + diag(s))) | L: (p,k); s: (p) positive; S: (p,p) spd
grad     | logdet(F*F' + s*I) + tr(inv(F*F' + s*I)*C) | s | tr((I - C*inv(F*F' + s*I))*inv(F*F' + s*I)) | tr(inv(F*F' + s*I)*(F*F' + s*I - C)*inv(F*F' + s*I)) | F: (p,k); s: scalar positive; C: (p,p) spd
grad     | tr(P - K*H*P - P*H'*K' + K*(H*P*H' + R)*K') | K | 2*((K*H*P - P)*H' + K*R) | 2*(K*(H*P*H' + R) - P*H') | K: (n,m); H: (m,n); P: (n,n) spd; R: (m,m) spd
jacobian | P*H'*inv(H*P*H' + R)*z | z | P*H'*inv(H*P*H' + R) |  | H: (m,n); P: (n,n) spd; R: (m,m) spd; z: (m)
grad     | tr((I - K*H)*P) | K | -P*H' |  | K: (n,m); H: (m,n); P: (n,n) spd
grad     | (z - H*x)'*inv(R)*(z - H*x)/2 + (x - m)'*inv(P)*(x - m)/2 | x | inv(P)*(x - m) - H'*inv(R)*(z - H*x) |  | z: (k); H: (k,n); R: (k,k) spd; x: (n); m: (n); P: (n,n) spd
hessian  | (z - H*x)'*inv(R)*(z - H*x)/2 + (x - m)'*inv(P)*(x - m)/2 | x | H'*inv(R)*H + inv(P) |  | z: (k); H: (k,n); R: (k,k) spd; x: (n); m: (n); P: (n,n) spd
grad     | logdet(sum(i = 1..m, w[i]*x_i*x_i')) | w | diag(x*inv(x'*diag(w)*x)*x') |  | w: (m) positive; x_i: (n), i = 1..m
grad     | tr(A*inv(X'*diag(w)*X)) | w | -diag(X*inv(X'*diag(w)*X)*A*inv(X'*diag(w)*X)*X') |  | X: (m,n); w: (m) positive; A: (n,n) symmetric
hessian  | tr(inv(X'*diag(w)*X)) | w | 2*(X*inv(X'*diag(w)*X)*X').*(X*(X'*diag(w)*X)^-2*X') |  | X: (m,n); w: (m) positive
grad     | logdet(X'*X) | X | 2*pinv(X)' | 2*X*inv(X'*X) | X: (m,n)
grad     | norm((I - H)*y)^2/(n - tr(H))^2 | y | 2*(I - H)^2*y/(n - tr(H))^2 |  | H: (n,n) symmetric; y: (n)
grad     | norm(y - X*inv(X'*X + l*I)*X'*y)^2/n | l | 2*l*y'*X*(X'*X + l*I)^-3*X'*y/n |  | X: (n,p); y: (n); l: scalar positive
grad     | tr(X*inv(X'*X + l*I)*X') | l | -tr(X*(X'*X + l*I)^-2*X') |  | X: (n,p); l: scalar positive
grad     | sum(log(cosh(w'*X)))/n | w | X*tanh(X'*w)/n |  | X: (p,n); w: (p)
grad     | mean(exp(-(X'*w).^2/2)) | w | -X*((X'*w).*exp(-(X'*w).^2/2))/n |  | X: (p,n); w: (p)
grad     | mean((w'*X).^4) - 3*norm(w)^4 | w | 4*(X*(X'*w).^3/n - 3*norm(w)^2*w) | 4*X*(X'*w).^3/n - 12*norm(w)^2*w | X: (p,n); w: (p)
grad     | tr(G'*softmax_rows(X*A*X')*X) | A | X'*((G*X' - diag(softmax_rows(X*A*X')*X*G')*ones(n)').*softmax_rows(X*A*X'))*X | X'*(softmax_rows(X*A*X').*(G*X' - rowsum(softmax_rows(X*A*X').*(G*X'))*ones(n)'))*X | X: (n,d); A: (d,d); G: (n,d)
jacobian | V'*softmax(K*q) | q | V'*(diag(softmax(K*q)) - softmax(K*q)*softmax(K*q)')*K |  | V: (n,p); K: (n,d); q: (d)
grad     | g'*(V'*softmax(K*q/sqrt(d))) | q | K'*((V*g - softmax(K*q/sqrt(d))'*V*g).*softmax(K*q/sqrt(d)))/sqrt(d) | K'*((diag(softmax(K*q/sqrt(d))) - softmax(K*q/sqrt(d))*softmax(K*q/sqrt(d))')*V*g)/sqrt(d) | V: (n,p); K: (n,m); q: (m); g: (p); d: scalar positive
grad     | a'*(g.*((x - mean(x))/norm(x - mean(x)))) | g | a.*(x - mean(x))/norm(x - mean(x)) |  | a: (n); g: (n); x: (n)
hessian  | norm(y - X*inv(X'*X)*X'*y)^2 | y | 2*(I - X*pinv(X)) | 2*(I - X*inv(X'*X)*X') | X: (m,n); y: (m)
grad     | tr(A*X*inv(X'*X)*X') | X | 2*(I - X*pinv(X))*A*pinv(X)' | 2*(I - X*inv(X'*X)*X')*A*X*inv(X'*X) | X: (m,n); A: (m,m) symmetric
grad     | norm(A - X*pinv(X)*A)^2 | X | 2*(X*pinv(X) - I)*A*(pinv(X)*A)' | -2*(I - X*pinv(X))*A*A'*pinv(X)' | X: (m,n); A: (m,p)
grad     | tr(U'*A*U*inv(U'*U)) | U | 2*(I - U*pinv(U))*A*pinv(U)' | 2*(I - U*inv(U'*U)*U')*A*U*inv(U'*U) | A: (n,n) symmetric; U: (n,k)
grad     | tr(S) - 2*tr(sqrtm(sqrtm(S)*T*sqrtm(S))) | T | -sqrtm(S)*inv(sqrtm(sqrtm(S)*T*sqrtm(S)))*sqrtm(S) |  | S: (n,n) spd; T: (n,n) spd
grad     | norm(m - u)^2 + tr(S + T - 2*sqrtm(sqrtm(T)*S*sqrtm(T))) | m | 2*(m - u) |  | m: (n); u: (n); S: (n,n) spd; T: (n,n) spd
grad     | -(logdet(V) + logdet(X'*inv(V)*X) + (y - X*b)'*inv(V)*(y - X*b))/2 | b | X'*inv(V)*(y - X*b) |  | V: (n,n) spd; X: (n,p); y: (n); b: (p)
grad     | logdet(X'*inv(V)*X) | V | -inv(V)*X*inv(X'*inv(V)*X)*X'*inv(V) |  | V: (n,n) spd; X: (n,p)
grad     | logdet(s*K + I) + y'*inv(s*K + I)*y | s | tr(K*(I - inv(s*K + I)*y*y')*inv(s*K + I)) | tr(K*inv(s*K + I)) - y'*inv(s*K + I)*K*inv(s*K + I)*y | K: (n,n) spd; s: scalar positive; y: (n)
grad     | log(a*exp(-(x - m)'*inv(S)*(x - m)/2) + b*exp(-(x - u)'*inv(T)*(x - u)/2)) | m | a*exp(-(x - m)'*inv(S)*(x - m)/2)*inv(S)*(x - m)/(a*exp(-(x - m)'*inv(S)*(x - m)/2) + b*exp(-(x - u)'*inv(T)*(x - u)/2)) |  | x: (n); m: (n); u: (n); S: (n,n) spd; T: (n,n) spd; a: scalar positive; b: scalar positive
grad     | logsumexp(log(w) + z) | w | softmax(log(w) + z)./w |  | w: (k) positive; z: (k)
grad     | norm(X - Z*M)^2 + l*norm(M)^2 | M | 2*(l*M - Z'*(X - Z*M)) |  | X: (n,d); Z: (n,k); M: (k,d); l: scalar
grad     | tr(W'*S*W) - tr(L*(W'*W - I)) | W | 2*(S*W - W*L) |  | S: (n,n) symmetric; W: (n,k); L: (k,k) symmetric
grad     | w'*A*w/(w'*w) | w | (A + A' - 2*(w'*A*w)*I/(w'*w))*w/(w'*w) | (A + A' - 2*(w'*A*w)/(w'*w)*I)*w/(w'*w) | A: (n,n); w: (n)
grad     | (a'*x)^2/(x'*x) | x | 2*(a'*x)*(a - (a'*x)*x/(x'*x))/(x'*x) | 2*(a'*x)*(a - (a'*x)/(x'*x)*x)/(x'*x) | a: (n); x: (n)
hessian  | exp(-x'*A*x/2) | x | exp(-x'*A*x/2)*(A*x*x'*A - A) |  | A: (n,n) spd; x: (n)
grad     | det(I + X'*A*X) | X | 2*det(I + X'*A*X)*A*X*inv(I + X'*A*X) |  | A: (m,m) symmetric; X: (m,n)
grad     | tr(X'*A*X*B) + tr(C'*X) | X | 2*A*X*B + C |  | A: (m,m) symmetric; B: (n,n) symmetric; X: (m,n); C: (m,n)
grad     | norm(A*X + X*B - C)^2/2 | X | A'*(A*X + X*B - C) + (A*X + X*B - C)*B' |  | A: (m,m); B: (n,n); X: (m,n); C: (m,n)
grad     | y'*log(p) + (1 - y)'*log(1 - p) | p | (y - p)./(p.*(1 - p)) |  | y: (n); p: (n) positive
grad     | -y'*log(sigmoid(X*w)) - (1 - y)'*log(1 - sigmoid(X*w)) + l/2*norm(w)^2 | w | X'*(sigmoid(X*w) - y) + l*w |  | X: (m,n); y: (m); w: (n); l: scalar
hessian  | sum(exp(X*w)) - y'*X*w | w | X'*diag(exp(X*w))*X |  | X: (m,n); y: (m); w: (n)
grad     | sum(exp(X*w)) - y'*X*w | w | X'*(exp(X*w) - y) |  | X: (m,n); y: (m); w: (n)
grad     | sum(sqrt(rowsum(X.^2))) | X | inv(diag(sqrt(rowsum(X.^2))))*X | diag(1./sqrt(rowsum(X.^2)))*X | X: (m,n)
grad     | norm(X'*X - I)^2/4 | X | X*(X'*X - I) |  | X: (m,n)
grad     | a'*inv(A'*A)*a | A | -2*pinv(A)'*a*a'*inv(A'*A) | -2*A*inv(A'*A)*a*a'*inv(A'*A) | A: (m,n); a: (n)
jacobian | inv(A'*A)*A'*b | b | pinv(A) | inv(A'*A)*A' | A: (m,n); b: (m)
jacobian | A*x/norm(A*x) | x | (I - A*x*(A*x)'/norm(A*x)^2)*A/norm(A*x) |  | A: (m,n); x: (n)
grad     | tr(expm(A*X)) | X | (expm(A*X)*A)' |  | A: (n,n); X: (n,n)
grad     | x'*expm(t*A)*y | t | x'*A*expm(t*A)*y |  | x: (n); y: (n); A: (n,n); t: scalar
grad     | sum(log(1 + exp(D*x))) + norm1(x) | x | D'*sigmoid(D*x) + sign(x) |  | D: (m,n); x: (n)
grad     | norm(x - y)^2*exp(-norm(x - y)^2/2) | x | exp(-norm(x - y)^2/2)*(2 - norm(x - y)^2)*(x - y) | (2 - norm(x - y)^2)*exp(-norm(x - y)^2/2)*(x - y) | x: (n); y: (n)
hessian  | exp(-norm(x - y)^2/(2*s^2)) | x | exp(-norm(x - y)^2/(2*s^2))*((x - y)*(x - y)' - s^2*I)/s^4 | exp(-norm(x - y)^2/(2*s^2))*((x - y)*(x - y)'/s^2 - I)/s^2 | x: (n); y: (n); s: scalar
grad     | -log(1 - norm(x)^2) | x | 2*x/(1 - norm(x)^2) |  | x: (n)
hessian  | t*c'*x - sum(log(b - A*x)) | x | A'*inv(diag((b - A*x).^2))*A | A'*diag(1./(b - A*x).^2)*A | A: (m,n); b: (m); x: (n); c: (n); t: scalar
grad     | logdet(C) - tr(C*S) | C | inv(C) - S |  | C: (n,n) spd; S: (n,n) symmetric
grad     | y'*A*x/norm(A*x) | x | A'*(y - (y'*A*x)*A*x/norm(A*x)^2)/norm(A*x) | A'*(I - A*x*(A*x)'/norm(A*x)^2)*y/norm(A*x) | A: (m,n); y: (m); x: (n)
jacobian | (A*x - b)/norm(A*x - b) | x | (I - (A*x - b)*(A*x - b)'/norm(A*x - b)^2)*A/norm(A*x - b) |  | A: (m,n); x: (n); b: (m)
grad     | norm((I - x*x'/norm(x)^2)*y)^2 | y | 2*(I - x*x'/norm(x)^2)*y |  | x: (n); y: (n)
grad     | sum(G.*softmax_rows(X - b*ones(n)'/2)) | X | (G - rowsum(G.*softmax_rows(X))*ones(n)').*softmax_rows(X) | softmax_rows(X).*(G - rowsum(G.*softmax_rows(X))*ones(n)') | X: (m,n); b: (m); G: (m,n)
grad     | sum(vec(A).*vec(X)) | X | A |  | A: (m,n); X: (m,n)
hessian  | y'*inv(I + l*K)*y | l | 2*y'*inv(I + l*K)*K*inv(I + l*K)*K*inv(I + l*K)*y |  | y: (n); K: (n,n) symmetric; l: scalar
""".strip().splitlines()


@pytest.mark.parametrize("line", ROWS, ids=lambda line: " ".join(line.split(" | ")[1:3]))
def test_an_answer_has_the_form_of_the_book(line: str) -> None:
    order, expression, by, answer, book, where = (part.strip() for part in line.split(" | "))
    d = derived(order, expression, by, where)
    assert d.text() == answer
    assert mc.parse(d.text(), where=where) is d.expr
    assert not book or mc.equal(answer, book, where=where)
    assert d.check().ok


# typed | by | answer, in the order of the names as they were typed
ORDERED = """
x'*Q*x/2 + c'*x + l'*(A*x - b) | x | (Q + Q')*x/2 + c + A'*l
l'*(A*x - b) + c'*x + x'*Q*x/2 | x | A'*l + c + (Q + Q')*x/2
tr(A*X^3)                      | X | (A*X^2 + X*A*X + X^2*A)'
log(1 + x'*A*x)                | x | (A + A')*x/(1 + x'*A*x)
log(x'*A*x + 1)                | x | (A + A')*x/(x'*A*x + 1)
norm(A - X*Y')^2/2             | Y | -(A - X*Y')'*X
tr(A*(B.*C))                   | B | A'.*C
"""


@pytest.mark.parametrize("row", ORDERED.strip().splitlines())
def test_the_order_is_the_authors(row: str) -> None:
    expression, by, answer = (part.strip() for part in row.split(" | "))
    where = "x: (n); l: (m); b: (m); A: (m, n)" if "l'" in expression else "x: (n)"
    assert mc.grad(expression, by, where=where).text() == answer


# LaTeX of an answer | Unicode of its differential
TYPESET = r"""
grad | norm(x - mu)^2 | mu | 2 (\mu - x) | df = 2 (μ − x)ᵀ dμ
grad | x_hat'*A*x_hat | x_hat | (A + A^{\top}) \hat{x} | df = x_hatᵀ (A + Aᵀ) dx_hat
grad | norm(y - X*b)^2/(2*s^2) | b | -\frac{1}{s^{2}} X^{\top} (y - X b) | df = −(y − X b)ᵀ X db/s²
jacobian | X*W*X' | X | K_{m,m} (X W \otimes I_{m}) + X W^{\top} \otimes I_{m} | dY = X W (dX)ᵀ + (dX) W Xᵀ
hessian | norm(x) | x | \frac{1}{\|x\|} \left(I - \frac{x x^{\top}}{\|x\|^{2}}\right) | H[dx] = (dx − (xᵀ dx) x/‖x‖²)/‖x‖
jacobian | A*g(t*b) | t | A (b \odot g'(t b)) | dy = A (b ⊙ g′(t b)) dt
"""


@pytest.mark.parametrize("row", TYPESET.strip().splitlines())
def test_it_is_typeset_as_on_paper(row: str) -> None:
    order, expression, by, answer, differential = (part.strip() for part in row.split(" | "))
    d = getattr(mc, order)(expression, by, where="t: scalar; b: (n)" if by == "t" else "x: (n)" if order == "hessian" else "")
    assert (d.latex(), d.differential.unicode()) == (answer, differential)


def test_what_nobody_typed_is_explained() -> None:
    assert mc.jacobian("X'", "X", where="X: (m, n)").legend[0] == "K(m,n) vec A = vec Aᵀ for A (m, n)"
    assert mc.grad("normnuc(X)", "X").legend[0].startswith("polar(X) = ")
    assert not any(line.startswith("polar") for line in mc.grad("tr(A'*polar(A))", "A").legend)
    assert not mc.grad("norm(A*x - b)^2", "x", where="A: (m, n)").legend


def test_a_derivation_begins_as_typed_and_shows_the_vec_form() -> None:
    steps = mc.jacobian("X*B + A*X'", "X", where="X: (n, n)").steps()
    assert steps[0].unicode == "Y = X B + A Xᵀ"
    assert steps[-2].unicode.startswith("vec dY = ") and steps[-2].unicode.endswith(" vec(dX)")


# expression ; variable ; declarations ; the first line
BEGINS = """
x'*x*(a'*x)                        ; x ; x: (n)                 ; f = (xᵀ x) (aᵀ x)
a'*X'*b                            ; X ; X: (m, n)              ; f = aᵀ Xᵀ b
sum(X.*X)                          ; X ; X: (m, n)              ; f = 𝟏ᵀ (X ⊙ X) 𝟏
tr(kron(X, X))                     ; X ; X: (n, n)              ; f = tr(X ⊗ X)
tr(X'*X) + x'*x*2 - x'*x           ; X ; x: (n); X: (m, n)      ; f = tr(Xᵀ X) + 2 xᵀ x − xᵀ x
-a'*x + b'*x                       ; x ; x: (n)                 ; f = −aᵀ x + bᵀ x
t*(a - x)'*b/2/t                   ; x ; x: (n); t: scalar      ; f = t·(a − x)ᵀ b/(2 t)
logdet(inv(X))                     ; X ; X: (n, n)              ; f = logdet(X⁻¹)
tr((A*B)'*X)                       ; X ; A: (n, m); B: (m, n)   ; f = tr((A B)ᵀ X)
exp(-A'*y)'*p                      ; y ; A: (m, n)              ; f = exp(z)ᵀ p,  z = −Aᵀ y
tr(inv(B + X'*C*X + D*X + X'*D'))  ; X ; X: (m, n); B: (n, n)   ; f = tr(S⁻¹),  S = B + Xᵀ C X + Mᵀ + M,  M = Xᵀ Dᵀ
sum(i = 1..n, (y[i] - X[i,:]*w)^2) ; w ; X: (n, p); y: (n)      ; f = ∑_{i=1}^n (y[i] − (X w)[i])² = 𝟏ᵀ r.^2,  r = y − X w
"""


@pytest.mark.parametrize("row", BEGINS.strip().splitlines())
def test_a_derivation_begins_with_what_was_typed(row: str) -> None:
    expression, by, where, first = (part.strip() for part in re.split(r"  +; | ; ", row))
    assert mc.grad(expression, by, where=where).steps()[0].unicode == first


BOLD = [
    (r"\|\mathbf{A}\mathbf{x} - \mathbf{b}\|^2", "x", "", r"2 \mathbf{A}^{\top} (\mathbf{A} \mathbf{x} - \mathbf{b})"),
    (r"(\mathbf{x} - \boldsymbol{\mu})^\top \mathbf{S} (\mathbf{x} - \boldsymbol{\mu})", "mu", "S: (n, n) symmetric", r"-2 \mathbf{S} (\mathbf{x} - \boldsymbol{\mu})"),
    (r"\mathbf{w}^\top x", "w", "x: (n)", "x"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "by", "where", "latex"), BOLD)
def test_bold_letters_stay_bold(expression: str, by: str, where: str, latex: str) -> None:
    assert mc.grad(expression, by, where=where).latex() == latex


def test_a_quotient_is_differentiated_by_its_rule() -> None:
    steps = mc.grad("x'*A*x/(x'*x)", "x").steps()
    assert [step.rule for step in steps][1].startswith("quotient rule")


def test_a_differential_by_several_variables_has_a_total() -> None:
    found = mc.differential("norm(X - D*R)^2", "D,R")
    assert found.total.text() == "df = -2*tr((X - D*R)'*(D*dR + dD*R))"
    assert found.text().splitlines() == [found[0].text(), found[1].text(), found.total.text()]
