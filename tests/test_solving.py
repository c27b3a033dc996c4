"""Stationary points: the answers of the books, what is refused, and objectives made at random of known ones."""

from __future__ import annotations

import json
import re
from random import Random

import numpy as np
import pytest

import matcalc as mc
from matcalc.cli import main
from matcalc.expr import Op, substitute, variables
from matcalc.operators.elementwise_functions import ELEMENTWISE

LS = "A: (m, n); b: (m); x: (n)"

# objective, variables, constraints, declarations, answer (by variable, parted by |), kind, global, conditions, options
CLOSED = [
    ("norm(A*x - b)^2", "x", "", LS, "pinv(A)*b", "minimum", True, ["A'*A invertible"]),
    ("norm(A*x - b)^2 + λ*norm(x)^2", "x", "", f"{LS}; λ: scalar positive", "inv(A'*A + λ*I)*A'*b", "minimum", True, []),
    ("norm(A*X*B - C)^2", "X", "", "A: (m, n); X: (n, p); B: (p, q); C: (m, q)", "inv(A'*A)*A'*C*B'*inv(B*B')", "minimum", True, ["A'*A invertible", "B*B' invertible"]),
    ("logdet(S) + tr(inv(S)*C)", "S", "", "S: (n, n) spd; C: (n, n) spd", "C", "minimum", False, []),
    ("norm(X - A)^2", "X", "", "X: (n, n) symmetric; A: (n, n)", "(A + A')/2", "minimum", True, []),
    ("norm(X - A)^2", "X", "", "X: (n, n) skew; A: (n, n)", "(A - A')/2", "minimum", True, []),
    ("norm(X - A)^2", "X", "", "X: (n, n) lower; A: (n, n)", "tril(A)", "minimum", True, []),
    ("x'*A*x/2 + b'*x", "x", "", "A: (n, n) symmetric; b: (n); x: (n)", "-inv(A)*b", "stationary", False, ["A invertible", "minimum where A is positive definite"]),
    ("n/2*log(v) + sum((x - μ).^2)/(2*v)", "μ,v", "", "x: (n); μ: scalar; v: scalar positive", "mean(x) | sum((x - mean(x)).^2)/n", "minimum", False, None),
    ("w'*S*w", "w", "sum(w) = 1", "S: (n, n) spd; w: (n)", "inv(S)*ones(n)/sum(inv(S))", "minimum", True, []),
    ("norm(x)^2", "x", "A*x = b", "A: (p, n); b: (p); x: (n)", "A'*inv(A*A')*b", "minimum", True, ["A*A' invertible"]),
    ("s'*p - τ*sum(p.*log(p))", "p", "sum(p) = 1", "s: (n); p: (n) positive; τ: scalar positive", "softmax(s/τ)", "maximum", True, []),
    ("tr(H*R) + T*tr(R*logm(R))", "R", "tr(R) = 1", "R: (n, n) spd; H: (n, n) symmetric; T: scalar positive", "expm(-H/T)/tr(expm(-H/T))", "minimum", True, []),
    ("inner(C, P) + ε*sum(P.*log(P))", "P", "P*ones(n) = a", "C: (m, n); P: (m, n) positive; a: (m) positive; ε: scalar positive", "diag(a./rowsum(exp(-C/ε)))*exp(-C/ε)", "minimum", True, []),
    ("norm(x - v)^2/2 - t*sum(log(x))", "x", "", "x: (n) positive; v: (n); t: scalar positive", "(v + sqrt(v.^2 + 4*t))/2", "minimum", True, []),
    ("sum(softplus(z)) - y'*z", "z", "", "y: (n) positive; z: (n)", "log(y./(1 - y))", "minimum", True, ["1 - y positive"]),
    ("p*k^α - r*k", "k", "", "p: scalar positive; r: scalar positive; k: scalar positive; α: scalar positive", "(r/(p*α))^(1/(α - 1))", "stationary", False, ["α - 1 nonzero", "minimum where α - 1 is positive"]),
    ("norm(A*Q - B)^2", "Q", "Q'*Q = I", "A: (m, n); B: (m, n); Q: (n, n)", "polar(A'*B)", "minimum", True, ["A'*B invertible"]),
    ("norm(x - a)^2/2 + λ*norm1(x)", "x", "", "x: (n); a: (n); λ: scalar positive", "sign(a).*relu(abs(a) - λ)", "minimum", True, []),
    ("norm(x - a)^2/2 + λ*norm(x)", "x", "", "x: (n); a: (n); λ: scalar positive", "relu(1 - λ/norm(a))*a", "minimum", True, []),
    ("norm(x - y)^2", "x", "norm(x) = ρ", "x: (n); y: (n); ρ: scalar positive", "ρ*y/norm(y)", "minimum", True, ["y nonzero"]),
    ("tr(A*X) + tr(B*inv(X))", "X", "", "X: (n, n) spd; A: (n, n) spd; B: (n, n) spd", "inv(sqrtm(A))*sqrtm(sqrtm(A)*B*sqrtm(A))*inv(sqrtm(A))", "minimum", True, []),
    ("norm(X - A)^2/2 - logdet(X)", "X", "", "X: (n, n) spd; A: (n, n) symmetric", "(A + sqrtm(A*A + 4*I))/2", "minimum", True, []),
    ("logdet(D) + tr(inv(D)*C)", "D", "", "D: (n, n) diagonal positive; C: (n, n) spd", "diag(diag(C))", "minimum", False, []),
    ("sum(softplus(x)) - p'*x", "x", "", "x: (n); p: (n)", "log(p./(1 - p))", "minimum", True, None),
    ("norm(x - a)^2/2 + λ*norm1(x - c)", "x", "", "x: (n); a: (n); c: (n); λ: scalar positive", "c + sign(a - c).*relu(abs(a - c) - λ)", "minimum", True, []),
    ("norm(x - v)^2", "x", "", "x: (n) nonnegative; v: (n)", "relu(v)", "minimum", True, []),
    ("tr(expm(X)) - tr(A*X)", "X", "", "X: (n, n) symmetric; A: (n, n) spd", "logm(A)", "minimum", True, None),
    ("tr(X'*X) + (tr(A'*X) - b)^2", "X", "", "X: (m, n); A: (m, n); b: scalar", "b*A/(norm(A)^2 + 1)", "minimum", True, []),
    ("prod(x)", "x", "sum(x) = 1", "x: (n) positive", "ones(n)/n", "maximum", False, []),
    ("sum(sqrt(1 + x.^2)) - a'*x", "x", "", "x: (n); a: (n)", "a./sqrt(1 - a.^2)", "minimum", True, None),
    ("sum(C.*P) + ε*sum(P.*log(P))", "P", "P*ones(n) = a", "P: (m, n) positive; C: (m, n); a: (m) positive; ε: scalar positive", "diag(a)*softmax_rows(-C/ε)", "minimum", True, None),
    ("norm(X)^2", "X", "A*X*B = C", "X: (n, m); A: (p, n); B: (m, q); C: (p, q)", "pinv(A)*C*pinv(B)", "minimum", True, ["A*A' invertible", "B'*B invertible"]),
    ("a*cos(t) + b*sin(t)", "t", "", "a: scalar; b: scalar; t: scalar", "atan2(b, a)", "maximum", False, None),
    ("w'*S*w", "w", "mu'*w = r", "S: (n, n) spd; w: (n)", "r*inv(S)*mu/(mu'*inv(S)*mu)", "minimum", True, ["mu nonzero"]),
    ("norm(A*x - b)^2", "x", "c'*x = d", "A: (m, n)", "pinv(A)*b - (c'*pinv(A)*b - d)*inv(A'*A)*c/(c'*inv(A'*A)*c)", "minimum", True, None),
    ("norm(x - a)^2", "x", "norm(x) = 1", "x: (n); a: (n)", "a/norm(a)", "minimum", True, ["a nonzero"]),
    ("(x - a)'*B*(x - a)", "x", "x'*B*x = 1", "x: (n); a: (n); B: (n, n) spd", "a/sqrt(a'*B*a)", "minimum", True, ["a nonzero"]),
    ("sum((y - a - b*x).^2)", "a,b", "", "x: (n); y: (n); a: scalar; b: scalar", "y'*(x'*x - sum(x)*x)/(n*x'*x - sum(x)^2) | x'*(n*y - sum(y))/(n*x'*x - sum(x)^2)", "minimum", True, ["n*x'*x - sum(x)^2 nonzero"]),
    ("norm(A*x - b)^2 + norm(C*z - d)^2", "x,z", "x = z", "A: (m, n); C: (p, n); x: (n); z: (n)", "inv(A'*A + C'*C)*(A'*b + C'*d) | inv(A'*A + C'*C)*(A'*b + C'*d)", "minimum", True, ["A'*A + C'*C invertible"]),
    ("tr(C*X) - logdet(X) + tr(B*inv(X))", "X", "", "X: (n, n) spd; C: (n, n) spd; B: (n, n) spd", "inv(sqrtm(C))*(I + sqrtm(I + 4*sqrtm(C)*B*sqrtm(C)))*inv(sqrtm(C))/2", "minimum", True, []),
    ("tr(inv(X))", "X", "tr(X) = 1", "X: (n, n) spd", "eye(n)/n", "minimum", True, []),
    ("tr(S*logm(S)) - tr(S*A)", "S", "tr(S) = 1", "S: (n, n) spd; A: (n, n) symmetric", "expm(A)/tr(expm(A))", "minimum", None, []),
    ("prod(x)", "x", "c'*x = b", "x: (n) positive; c: (n) positive; b: scalar positive", "b./(n*c)", "maximum", False, []),
    ("λ*norm1(x) + μ/2*norm(x)^2 + norm(x - v)^2/2", "x", "", "x: (n); v: (n); λ: scalar positive; μ: scalar positive", "sign(v).*relu(abs(v) - λ)/(μ + 1)", "minimum", True, []),
    ("y*(a'*x)^2/(x'*B*x)", "x", "", "x: (n); a: (n); y: scalar positive; B: (n, n) spd", "inv(B)*a", "maximum", True, ["a nonzero"]),
    ("norm(y*x*a - b)^2", "x", "", "x: scalar; a: (n); b: (n); y: scalar", "a'*b/(y*(a'*a))", "minimum", True, ["a nonzero", "y nonzero"]),
    ("abs(a'*x - b) + norm(x - v)^2/2", "x", "", "x: (n); v: (n); a: (n); b: scalar", "(sign(a'*v - b)*relu(abs(a'*v - b) - a'*a) + b - a'*v)*a/(a'*a) + v", "minimum", True, ["a nonzero"]),
    ("λ*relu(1 - y*(a'*w)) + norm(w - v)^2/2", "w", "", "w: (n); v: (n); a: (n); y: scalar; λ: scalar positive", "v - (relu(1 - y*(a'*v) - λ*y^2*(a'*a)) - relu(y*(a'*v) - 1) - (1 - y*(a'*v)))*a/(y*(a'*a))", "minimum", True, ["a nonzero", "y nonzero"]),
    ("λ*sum(sqrt(colsum(X.^2))) + norm(X - V)^2/2", "X", "", "X: (m, n); V: (m, n); λ: scalar positive", "V*diag(relu(1 - λ./sqrt(colsum(V.^2))))", "minimum", True, None),
    ("norm(X - G)^2 + λ*norm1(X)", "X", "", "X: (n, n) symmetric; G: (n, n); λ: scalar positive", "sign(G + G').*relu(abs(G + G') - λ)/2", "minimum", True, []),
    ("norm(X - G)^2 + λ*norm1(X)", "X", "", "X: (n, n) lower; G: (n, n); λ: scalar positive", "sign(tril(G)).*relu(abs(tril(G)) - λ/2)", "minimum", True, []),
    ("norm(X - G)^2 + λ*norm1(X)", "X", "", "X: (n, n) nonnegative; G: (n, n); λ: scalar positive", "relu(G - λ/2)", "minimum", True, []),
    ("norm(X - G)^2", "X", "", "X: (n, n) psd; G: (n, n)", "((G + G')/2 + sqrtm(((G + G')/2)^2))/2", "minimum", True, []),
    ("b'*x - x'*A*x/2", "x", "", "A: (n, n) symmetric; b: (n); x: (n)", "inv(A)*b", "stationary", False, ["A invertible", "maximum where A is positive definite"]),
    ("tr(X^3)/3 - tr(A*X)", "X", "", "X: (n, n) spd; A: (n, n) spd", "sqrtm(A)", "minimum", True, []),
    ("-tr(R*logm(R))", "R", "tr(R) = 1", "R: (n, n) spd", "eye(n)/n", "maximum", True, []),
    ("logdet(X)", "X", "norm(X)^2 = a", "X: (n, n) spd; a: scalar positive", "sqrt(a/n)*eye(n)", "maximum", False, []),
    ("logdet(A + X)", "X", "tr(X) = 0", "X: (n, n) symmetric; A: (n, n) spd", "tr(A)*eye(n)/n - A", "maximum", None, None),
    ("norm(inv(X) - A)^2", "X", "", "X: (n, n) spd; A: (n, n) spd", "inv(A)", "minimum", True, []),
    ("a'*x - b*sqrt(1 + x'*x)", "x", "", "a: (n); x: (n); b: scalar positive", "a/sqrt(b^2 - a'*a)", "maximum", True, ["b^2 - a'*a positive"]),
    ("sum(a.*x)", "x", "prod(x) = 1", "a: (n) positive; x: (n) positive", "prod(a)^(1/n)./a", "minimum", False, []),
    ("sum(w.*exp(-x))", "x", "sum(x) = s", "x: (n); w: (n) positive; s: scalar", "log(w) - (sum(log(w)) - s)/n", "minimum", True, []),
    ("r'*w/sqrt(w'*S*w)", "w", "sum(w) = 1", "S: (n, n) spd; r: (n); w: (n)", "inv(S)*r/sum(inv(S)*r)", "stationary", False, None),
    ("(a'*x)^2", "x", "x'*B*x = 1", "a: (n); B: (n, n) spd; x: (n)", "inv(B)*a/sqrt(a'*inv(B)*a)", "maximum", True, ["a nonzero"]),
    ("λ*norm1(A*x) + norm(x - v)^2/2", "x", "", "x: (n); v: (n); A: (n, n) orthogonal; λ: scalar positive", "A'*(sign(A*v).*relu(abs(A*v) - λ))", "minimum", True, []),
    ("norm(x - F*s)^2", "s", "", "x: (n); F: (n, k) stiefel; s: (k)", "F'*x", "minimum", True, []),
    ("inner(N, log(P))", "P", "P*ones(n) = ones(m)", "N: (m, n) positive; P: (m, n) positive", "diag(1./rowsum(N))*N", "maximum", True, []),
    ("norm(w)^2/2 + γ/2*norm(e)^2", "w,c,e", "y = X*w + c*ones(m) + e", "w: (n); e: (m); X: (m, n); y: (m); c: scalar; γ: scalar positive", "γ*inv(I + γ*X'*(I - ones(m, m)/m)*X)*X'*(y - mean(y)) | mean(y - X*γ*inv(I + γ*X'*(I - ones(m, m)/m)*X)*X'*(y - mean(y))) | y - mean(y) - (I - ones(m, m)/m)*X*γ*inv(I + γ*X'*(I - ones(m, m)/m)*X)*X'*(y - mean(y))", "minimum", True, []),
    ("(a - 1)*log(p) + (b - 1)*log(1 - p)", "p", "", "p: scalar positive; a: scalar; b: scalar", "(a - 1)/(a + b - 2)", "stationary", False, ["(b - 1)/(a + b - 2) positive", "(a - 1)/(a + b - 2) positive", "maximum where (a + b - 2)^3/((a - 1)*(b - 1)) is positive"]),
    ("n*log(θ) + (θ - 1)*sum(log(x))", "θ", "", "θ: scalar positive; x: (n) positive", "-n/sum(log(x))", "maximum", True, ["sum(log(x)) negative"]),
    ("a*exp(-x) + b*exp(x)", "x", "", "x: scalar; a: scalar positive; b: scalar positive", "log(a/b)/2", "minimum", True, []),
    ("norm(x.*y - z)^2 + λ*norm(x)^2", "x", "", "x: (n); y: (n); z: (n); λ: scalar positive", "y.*z./(y.^2 + λ)", "minimum", True, []),
    ("norm(x - y)^2 + λ*norm(D*x - z)^2 + μ*norm(z)^2", "x,z", "", "D: (p, n); x: (n); z: (p); λ: scalar positive; μ: scalar positive", "inv(I + λ*μ*D'*D/(λ + μ))*y | λ*D*inv(λ*μ*D'*D + (λ + μ)*I)*y", "minimum", True, []),
    ("x'*P*x/2 + u'*R*u/2", "x,u", "x = A*s + B*u", "P: (n, n) spd; R: (m, m) spd; A: (n, n); B: (n, m); s: (n)", "(A - B*inv(R + B'*P*B)*B'*P*A)*s | -inv(R + B'*P*B)*B'*P*A*s", "minimum", True, []),
    ("norm(X - A)^2 + λ*norm(X - X')^2", "X", "", "X: (n, n); A: (n, n); λ: scalar positive", "(A + 2*λ*(A + A'))/(4*λ + 1)", "minimum", None, []),
    ("norm(x)^4/4 - b'*x", "x", "", "x: (n); b: (n)", "b/norm(b)^(2/3)", "minimum", True, ["b nonzero"]),
    ("log(1 + norm(A*x - b)^2)", "x", "", LS, "pinv(A)*b", "minimum", True, ["A'*A invertible"]),
    ("norm(x)^2", "x", "a'*x = 1; b'*x = 2; c'*x = 3", "x: (n); a: (n); b: (n); c: (n)", "pinv([a, b, c])'*[1; 2; 3]", "minimum", True, ["[a, b, c]'*[a, b, c] invertible"]),
    ("norm(D - A)^2", "D", "tr(D) = 1", "D: (n, n) diagonal; A: (n, n)", "diag(diag(A) - (tr(A) - 1)/n*ones(n))", "minimum", True, []),
    ("b/q + a*q", "q", "", "a: scalar positive; b: scalar positive; q: scalar positive", "sqrt(b/a)", "minimum", True, []),
    ("norm(X*R + ones(m)*t' - Y)^2", "R,t", "R'*R = I", "X: (m, n); Y: (m, n); R: (n, n); t: (n)", "polar(X'*(I - ones(m, m)/m)*Y) | colsum(Y - X*polar(X'*(I - ones(m, m)/m)*Y))/m", "minimum", True, ["X'*(I - ones(m, m)/m)*Y invertible"]),
    ("norm(s*X*R - Y)^2", "R,s", "R'*R = I", "X: (m, n); Y: (m, n); R: (n, n); s: scalar positive", "polar(X'*Y) | tr(Y'*X*polar(X'*Y))/norm(X*polar(X'*Y))^2", "minimum", True, None),
    ("norm(A*Q + B*X - C)^2", "Q,X", "Q'*Q = I", "A: (m, n); C: (m, n); B: (m, k); Q: (n, n); X: (k, n)", "polar(A'*(C - B*pinv(B)*C)) | pinv(B)*(C - A*polar(A'*(C - B*pinv(B)*C)))", "minimum", True, None),
    ("(mu'*w - r)^2/(w'*S*w)", "w", "sum(w) = 1", "S: (n, n) spd; mu: (n); r: scalar; w: (n)", "inv(S)*(mu - r)/sum(inv(S)*(mu - r))", "maximum", False, ["mu - r nonzero", "sum(inv(S)*mu) - r*sum(inv(S)) nonzero"]),
    ("r'*w/sqrt(w'*S*w)", "w", "sum(w) = 1", "S: (n, n) spd; r: (n); w: (n)", "inv(S)*r/sum(inv(S)*r)", "stationary", False, ["r nonzero", "sum(inv(S)*r) nonzero", "maximum where sum(inv(S)*r) is positive, minimum where it is negative"]),
    ("p*log(1 + b*f) + (1 - p)*log(1 - f)", "f", "", "p: scalar positive; b: scalar positive; f: scalar", "(p - 1)/b + p", "maximum", False, ["1 - (p - 1)/b - p positive"]),
    ("sum(log(1 + h.*p))", "p", "sum(p) = P", "h: (n) positive; p: (n)", "(sum(1./h) + P)/n - 1./h", "maximum", True, ["sum(1./h) + P positive"]),
    ("sqrt(x) - a*x", "x", "", "x: scalar positive; a: scalar", "1/(4*a^2)", "maximum", True, ["a positive"]),
    ("a'*x - sum(log(1 - x.^2))", "x", "", "a: (n); x: (n)", "-a./(sqrt(a.^2 + 1) + 1)", "minimum", True, []),
    ("sum(x)", "x", "prod(x) = 1", "x: (n) positive", "ones(n)", "minimum", False, []),
    ("sum((y - a*u - b*x - c).^2)", "a,b,c", "", "u: (m); x: (m); y: (m); a: scalar; b: scalar; c: scalar", "(pinv([u, x, ones(m)])*y)[1] | (pinv([u, x, ones(m)])*y)[2] | (pinv([u, x, ones(m)])*y)[3]", "minimum", True, None),
    ("norm(logm(X) - logm(A))^2", "X", "", "X: (n, n) spd; A: (n, n) spd", "A", "minimum", True, []),
    ("norm(sqrtm(X) - A)^2", "X", "", "X: (n, n) spd; A: (n, n) spd", "A^2", "minimum", False, []),
    ("det(X)", "X", "tr(X) = 1", "X: (n, n) spd", "eye(n)/n", "maximum", False, []),
    ("norm(x - a) + λ*norm1(x - a)", "x", "", "x: (n); a: (n); λ: scalar positive", "a", "minimum", True, []),
    ("-norm1(A*x - b)", "x", "", "A: (n, n) invertible; b: (n); x: (n)", "inv(A)*b", "maximum", True, []),
    ("-log(1 + norm1(x - a))", "x", "", "x: (n); a: (n)", "a", "maximum", True, []),
    ("abs(x^2 - a)", "x", "", "x: scalar; a: scalar positive", "sqrt(a)", "minimum", True, []),
    ("sum(abs(x).^3)/3 - a'*x", "x", "", "x: (n); a: (n)", "sign(a).*sqrt(abs(a))", "minimum", True, []),
    ("sum(abs(x).^p)/p - a'*x", "x", "", "x: (n); a: (n); p: scalar positive", "sign(a).*abs(a).^(1/(p - 1))", "stationary", False, ["p - 1 nonzero", "minimum where p - 1 is positive, maximum where it is negative"]),
    ("exp(norm(x - a)^2)", "x", "A*x = b", "A: (p, n); b: (p); a: (n); x: (n)", "a - pinv(A)*(A*a - b)", "minimum", True, ["A*A' invertible"]),
    ("exp((λ*norm(x) + norm(x - v)^2/2)/5)", "x", "", "x: (n); v: (n); λ: scalar positive", "relu(1 - λ/norm(v))*v", "minimum", True, []),
    ("3 - 2*prod(x)", "x", "sum(x) = 1", "x: (n) positive", "ones(n)/n", "minimum", None, []),
    ("1/(1 + norm(x - a))", "x", "", "x: (n); a: (n)", "a", "maximum", True, []),
    ("c'*x", "x", "sum(x.^2) = 1; sum(x) = 0", "c: (n); x: (n)", "(c - mean(c))/sqrt(sum((c - mean(c)).^2))", "maximum", False, None),
    ("norm(u*x' - A)^2", "x", "", "A: (m, n); u: (m); x: (n) nonnegative", "relu(A'*u/(u'*u))", "minimum", True, ["u nonzero"]),
    ("norm1(A*x)", "x", "", "A: (m, n); x: (n)", "zeros(n)", "minimum", True, []),
    ("norm(x*a - b)^2/2 + λ*abs(x)", "x", "", "x: scalar; a: (n); b: (n); λ: scalar positive", "sign(a'*b)*relu(abs(a'*b) - λ)/(a'*a)", "minimum", True, ["a nonzero"]),
    ("sum((a-1).*log(p))", "p", "sum(p) = 1", "p: (n) positive; a: (n)", "(a - 1)/(sum(a) - n)", "stationary", False, None),  # of a below 1 a minimum
    ("norm(x - a)^2*norm(y - b)^2", "x,y", "", "x: (n); a: (n); y: (p); b: (p)", "a | b", "minimum", True, []),
    ("a'*x + b'*y", "x,y", "x'*x + y'*y = 1", "a: (n); b: (p); x: (n); y: (p)", "a/sqrt(a'*a + b'*b) | b/sqrt(a'*a + b'*b)", "maximum", None, ["a'*a + b'*b nonzero"]),
    ("a'*w", "w", "norm(X*w) = 1", "a: (n); X: (m, n); w: (n)", "inv(X'*X)*a/sqrt(a'*inv(X'*X)*a)", "maximum", True, ["a nonzero", "X'*X invertible"]),
    ("tr(A'*X)", "X", "norm(X) = ρ", "A: (m, n); X: (m, n); ρ: scalar positive", "ρ*A/norm(A)", "maximum", True, ["A nonzero"]),
    ("sum(exp(-a.*x))", "x", "sum(x) = 1", "x: (n); a: (n) positive", "-log(exp((log(a)'*(1./a) - 1)/sum(1./a))./a)./a", "minimum", True, None),
    ("c'*x", "x", "sum(log(x)) = d", "x: (n) positive; c: (n) positive; d: scalar", "exp((sum(log(c)) + d)/n)./c", "minimum", None, []),
    ("tr(C*X)", "X", "logdet(X) = 0", "X: (n, n) spd; C: (n, n) spd", "exp(logdet(C)/n)*inv(C)", "minimum", None, []),
    ("sum(a.*x.^4)", "x", "sum(x) = 1", "x: (n); a: (n) positive", "1./(sum(1./a.^(1/3))*a.^(1/3))", "minimum", True, []),
    ("w*l + r*k", "l,k", "l^a*k^b = y", "l: scalar positive; k: scalar positive; w: scalar positive; r: scalar positive; a: scalar positive; b: scalar positive; y: scalar positive", "(y/(b*w*y^(1/a)/(a*r))^(a*b/(a + b)))^(1/a) | (b*w*y^(1/a)/(a*r))^(a/(a + b))", "minimum", None, []),
    ("p*l^a*k^b - w*l - r*k", "l,k", "", "l: scalar positive; k: scalar positive; p: scalar positive; w: scalar positive; r: scalar positive; a: scalar positive; b: scalar positive", "(r*a^(1 - 1/b)*w^(1/b - 1)/(b*p^(1/b)))^(b/(a + b - 1)) | (w*(r*a^(1 - 1/b)*w^(1/b - 1)/(b*p^(1/b)))^(b*(1 - a)/(a + b - 1))/(a*p))^(1/b)", "stationary", False, None),
    ("logdet((X + A)/2) - logdet(X)/2", "X", "", "X: (n, n) spd; A: (n, n) spd", "A", "minimum", None, []),
    ("tr(X) - 2*tr(sqrtm(X)*B)", "X", "", "X: (n, n) spd; B: (n, n) spd", "B^2", "minimum", True, []),
    ("s*log(p) + t*log(q) + u*log(1 - p - q)", "p,q", "", "p: scalar positive; q: scalar positive; s: scalar positive; t: scalar positive; u: scalar positive", "s/(s + t + u) | t/(s + t + u)", "maximum", True, []),
    ("norm(A*x + B*y - c)^2 + α*norm(x)^2 + β*norm(y)^2", "x,y", "", "A: (m, n); B: (m, p); c: (m); x: (n); y: (p); α: scalar positive; β: scalar positive", "inv(A'*A + α*I)*A'*(c - B*inv(B'*(I - A*inv(A'*A + α*I)*A')*B + β*I)*B'*(c - A*inv(A'*A + α*I)*A'*c)) | inv(B'*(I - A*inv(A'*A + α*I)*A')*B + β*I)*B'*(c - A*inv(A'*A + α*I)*A'*c)", "minimum", True, []),
    ("norm(α*I + β*B - A)^2", "α,β", "", "α: scalar; β: scalar; A: (n, n); B: (n, n)", "tr(A'*(norm(B)^2*I - tr(B)*B))/(n*norm(B)^2 - tr(B)^2) | tr(A*(n*B' - tr(B)*I))/(n*norm(B)^2 - tr(B)^2)", "minimum", True, ["n*norm(B)^2 - tr(B)^2 nonzero"]),
    ("sum(relu(x)) + ρ/2*norm(x - v)^2", "x", "", "x: (n); v: (n); ρ: scalar positive", "relu(v - 1/ρ) - relu(-v)", "minimum", True, []),
    ("sum(y.*(α + x) - exp(α + x))", "α", "", "y: (n) positive; x: (n); α: scalar", "log(sum(y)/sum(exp(x)))", "maximum", True, []),
    ("sum(p.^α.*q.^(1 - α))", "p", "sum(p) = 1", "p: (n) positive; q: (n) positive; α: scalar positive", "q/sum(q)", "stationary", False, ["α - 1 nonzero", "minimum where α - 1 is positive, maximum where it is negative"]),
    ("-log(1 - norm(x)^2) - a'*x", "x", "", "x: (n); a: (n)", "a/(sqrt(norm(a)^2 + 1) + 1)", "minimum", True, []),
    ("norm(X - A)^2", "X", ["X*ones(n) = ones(n)", "X'*ones(n) = ones(n)"], "X: (n, n); A: (n, n)", "A - A*ones(n, n)/n - ones(n, n)*A/n + (sum(A) + n)*ones(n, n)/n^2", "minimum", True, []),
    ("norm(X - A)^2", "X", "X*v = zeros(n)", "X: (n, n) skew; A: (n, n) skew; v: (n)", "(I - v*v'/(v'*v))*A*(I - v*v'/(v'*v))", "minimum", True, ["v nonzero"]),
    ("α*norm1(x) + β*norm(x) + norm(x - v)^2/2", "x", "", "x: (n); v: (n); α: scalar positive; β: scalar positive", "relu(1 - β/norm(sign(v).*relu(abs(v) - α)))*(sign(v).*relu(abs(v) - α))", "minimum", True, []),
    ("norm(A*Q - B)^2", "Q", "Q'*Q = c*I", "A: (m, n); B: (m, n); Q: (n, n); c: scalar positive", "sqrt(c)*polar(A'*B)", "minimum", True, ["A'*B invertible"]),
    ("sum((x - a).^3)", "x", "", "x: (n); a: (n)", "a", "saddle", False, []),
    ("sum(log(cosh(x))) - a'*x", "x", "", "x: (n); a: (n)", "atanh(a)", "minimum", True, ["a in (−1, 1)"]),
    ("norm(A*Q - B)^2 + norm(C*R - D)^2", "Q,R", "Q'*Q = I; R'*R = I", "A: (m, n); B: (m, n); Q: (n, n); C: (p, k); D: (p, k); R: (k, k)", "polar(A'*B) | polar(C'*D)", "minimum", True, ["A'*B invertible", "C'*D invertible"]),
    ("x^α*exp(-β*x)", "x", "", "x: scalar positive; α: scalar positive; β: scalar positive", "α/β", "maximum", False, []),
    ("p'*r + τ*sum(p.*log(q./p))", "p", "sum(p) = 1", "p: (n) positive; q: (n) positive; r: (n); τ: scalar positive", "q.*exp(r/τ)/(q'*exp(r/τ))", "maximum", True, []),
    ("norm(S - x*x')^2", "S", "", "S: (n, n); x: (n)", "x*x'", "minimum", True, []),
    ("norm(S - x*x')^2 + norm(S)^2", "S", "", "S: (n, n) symmetric; x: (n)", "x*x'/2", "minimum", True, []),
    ("sum(a.*sqrt(p))", "p", "sum(p) = 1", "p: (n) positive; a: (n) positive", "a.^2/norm(a)^2", "maximum", True, []),
    ("norm(A*x - b)^4", "x", "", LS, "pinv(A)*b", "minimum", True, ["A'*A invertible"]),
    ("norm(x - a)^4", "x", "", "x: (n); a: (n)", "a", "minimum", True, []),
    ("norm(x - a)^p", "x", "", "x: (n); a: (n); p: scalar", "a", "minimum", False, ["p positive"]),
    ("((x - a)'*P*(x - a))^2", "x", "", "x: (n); a: (n); P: (n, n) spd", "a", "minimum", True, []),
    ("tr(X*inv(A)) + tr(A*inv(X))", "X", "", "A: (n, n) spd; X: (n, n) spd", "A", "minimum", True, []),
    ("tr(X*A*X)/2 - c*logdet(X)", "X", "", "A: (n, n) spd; X: (n, n) spd; c: scalar positive", "sqrt(c)*inv(sqrtm(A))", "minimum", True, []),
    ("tr(X*A*X)/2 - tr(A*A*X) - logdet(X)", "X", "", "A: (n, n) spd; X: (n, n) spd", "(A + inv(A)*sqrtm(4*A + A*A*A*A))/2", "minimum", True, []),
    ("tr(A*X*A*X)/2 - logdet(X)", "X", "", "A: (n, n) spd; X: (n, n) spd", "inv(A)", "minimum", True, []),
    ("tr(X*X*X)/3 - logdet(X)", "X", "", "X: (n, n) spd", "eye(n)", "minimum", True, []),
]  # fmt: skip


def solved(row: tuple) -> mc.Solution:
    f, wrt, constraints, where, _, kind = row[:6]
    return mc.solve(f, wrt, where=where, subject_to=constraints or None, want="maximum" if kind == "maximum" else "minimum")


@pytest.mark.parametrize("row", CLOSED, ids=lambda row: f"{row[0]} by {row[1]} {row[2]}")
def test_answers_of_the_books(row: tuple) -> None:
    s, answers = solved(row), row[4].split(" | ")
    assert s.form == "closed"
    for name, answer in zip(row[1].split(","), answers, strict=True):
        part = s[name]
        assert mc.equal(part.text(), answer, where=row[3])
        assert mc.parse(part.text(), where=row[3]) is part.expr
        part.compile("numpy")
    assert s.kind == row[5] and row[6] in (s.is_global, None)
    if row[7] is not None:
        assert list(s.conditions) == row[7]
    assert s.check().ok
    if s.value is not None:
        f = mc.parse(row[0], where=row[3])
        assert mc.equal(s.value, substitute(f, {x: s[x.data[0]].expr for x in variables(f) if x.data[0] in row[1].split(",")}))
    assert len(s.steps()) >= 3 and s.steps()[0].rule == "the objective"


PLANS = [
    ("norm(Q*A*Q' - B)^2", "Q", "", "A: (n, n) symmetric; B: (n, n) symmetric; Q: (n, n) orthogonal", "minimum", "eigenvector", "B*Q*A*Q' = Q*A*Q'*B, the eigenvalues of B and of A in the same order"),
    ("tr(W'*A*W*K)", "W", "W'*W = I", "A: (n, n) symmetric; K: (k, k) symmetric; W: (n, k)", "maximum", "eigenvector", "A*W*K*W' = W*K*W'*A, the eigenvalues of A and of K in the same order"),
    ("tr(inv(W'*W)*W'*A*W)", "W", "", "A: (n, n) symmetric; W: (n, k)", "maximum", "eigenvector", "A*W = W*Λ, Λ the k largest"),
    ("norm(X - u*v')^2", "u,v", "norm(v) = 1", "X: (m, n); u: (m); v: (n)", "minimum", "eigenvector", "X'*X*v = λ*v, λ the largest; u = X*v"),
    ("norm(X - U*V')^2", "U,V", "U'*U = I", "X: (m, n); U: (m, k); V: (n, k)", "minimum", "eigenvector", "X*X'*U = U*Λ, Λ the k largest; V = X'*U"),
    ("tr(V'*A*V*D)", "V", "V'*V = I", "A: (n, n) symmetric; V: (n, k); D: (k, k) diagonal", "maximum", "eigenvector", "A*V = V*Λ, the largest of Λ where D is largest"),
    ("tr(W'*S*W)", "W", "W'*W = I", "S: (n, n) symmetric; W: (n, k)", "maximum", "eigenvector", "S*W = W*Λ, Λ the k largest"),
    ("x'*A*x", "x", "x'*B*x = 1", "A: (n, n) symmetric; B: (n, n) spd; x: (n)", "minimum", "eigenvector", "A*x = λ*B*x, λ the smallest"),
    ("norm(A - x*x')^2", "x", "", "A: (n, n) symmetric; x: (n)", "minimum", "eigenvector", "A*x = λ*x, λ the largest, x'*x = λ where that is positive"),
    ("norm(A - X*X')^2", "X", "", "A: (n, n) symmetric; X: (n, k)", "minimum", "eigenvector", "A*X = X*Λ, Λ the k largest, X'*X = Λ where that is positive"),
    ("tr(U'*A*U) + tr(V'*B*V)", "U,V", "U'*U = I; V'*V = I", "A: (n, n) symmetric; B: (m, m) symmetric; U: (n, k); V: (m, l)", "maximum", "eigenvector", "A*U = U*Λ, Λ the k largest; B*V = V*Θ, Θ the l largest"),
    ("u'*A*u - v'*B*v", "u,v", "u'*u = 1; v'*v = 1", "A: (n, n) symmetric; B: (m, m) symmetric; u: (n); v: (m)", "maximum", "eigenvector", "A*u = λ*u, λ the largest; B*v = ν*v, ν the smallest"),
    ("c*x'*A*x", "x", "x'*x = 1", "A: (n, n) symmetric; c: scalar positive", "maximum", "eigenvector", "A*x = λ*x, λ the largest"),
    ("c*x'*A*x", "x", "x'*x = 1", "A: (n, n) symmetric; c: scalar", "maximum", "eigenvector", "c*A*x = λ*x, λ the largest"),
    ("-tr(W'*X'*X*W)/n", "W", "W'*W = I", "X: (n, p); W: (p, k)", "maximum", "eigenvector", "X'*X*W = W*Λ, Λ the k smallest"),
    ("x'*A*x/(x'*x)", "x", "", "A: (n, n) symmetric; x: (n)", "maximum", "eigenvector", "A*x = λ*x, λ the largest"),
    ("tr(W*S*W')", "W", "W*W' = I", "S: (n, n) symmetric; W: (k, n)", "maximum", "eigenvector", "S*W' = W'*Λ, Λ the k largest"),
    ("norm(X - X*w*w')^2", "w", "w'*w = 1", "X: (m, n); w: (n)", "minimum", "eigenvector", "X'*X*w = λ*w, λ the largest"),
    ("u'*A*v", "u,v", "norm(u) = 1; norm(v) = 1", "A: (m, n); u: (m); v: (n)", "maximum", "eigenvector", "A*A'*u = λ*u, λ the largest; v ∝ A'*u"),
    ("tr(U'*A*V)", "U,V", "U'*U = I; V'*V = I", "A: (m, n); U: (m, k); V: (n, k)", "maximum", "eigenvector", "A*A'*U = U*Λ, Λ the k largest; V ∝ A'*U, column by column"),
    ("norm(X*w - Y*v)^2", "w,v", "norm(X*w) = 1; norm(Y*v) = 1", "X: (m, n); Y: (m, p); w: (n); v: (p)", "minimum", "eigenvector", "X'*Y*pinv(Y)*X*w = λ*X'*X*w, λ the largest; Y'*Y*v ∝ Y'*X*w"),
    ("norm(A - U*V')^2", "U,V", "", "A: (m, n); U: (m, k); V: (n, k)", "minimum", "eigenvector", "A'*A*V = V*Λ, Λ the k largest; U = A*V"),
    ("norm(A - X*Y)^2", "X,Y", "", "A: (m, n); X: (m, k); Y: (k, n)", "minimum", "eigenvector", "A'*A*Y' = Y'*Λ, Λ the k largest; X = A*Y'"),
    ("norm(A - U'*V)^2", "U,V", "", "A: (m, n); U: (k, m); V: (k, n)", "minimum", "eigenvector", "A'*A*V' = V'*Λ, Λ the k largest; U = V*A'"),
    ("tr(X'*A*X)/2 + tr(X*B*X')/2 - tr(C'*X)", "X", "", "A: (n, n) spd; B: (p, p) spd; X: (n, p); C: (n, p)", "minimum", "linear", "A*X + X*B = C"),
    ("norm(A*X*B - C)^2 + λ*norm(X)^2", "X", "", "A: (m, n); B: (p, q); X: (n, p); C: (m, q); λ: scalar positive", "minimum", "linear", "A'*(A*X*B - C)*B' + λ*X = 0"),
]  # fmt: skip


@pytest.mark.parametrize("row", PLANS, ids=lambda row: row[0])
def test_equations_with_what_is_taken_of_them(row: tuple) -> None:
    f, wrt, constraints, where, want, form, text = row
    s = mc.solve(f, wrt, where=where, subject_to=constraints or None, want=want)
    assert (s.form, s.kind, s.is_global, s.expr, s.text()) == (form, want, True, None, text)
    assert s.check().ok and s.multipliers is None


def test_two_constraints_in_the_form_of_the_books() -> None:
    s = mc.solve("w'*S*w/2", "w", where="S: (n, n) spd; mu: (n); r: scalar", subject_to=["mu'*w = r", "sum(w) = 1"])
    assert s.text() == "inv(S)*((r*sum(inv(S)) - sum(inv(S)*mu))*mu + mu'*inv(S)*(mu - r))/(sum(inv(S))*(mu'*inv(S)*mu) - sum(inv(S)*mu)^2)"
    assert s.read_as == "wᵀ S w/2 subject to μᵀ w − r = 0, 𝟏ᵀ w − 1 = 0 · S (n, n) spd · μ (n) · r scalar · w (n) inferred: transposed"


def test_eigenvectors_as_a_program() -> None:
    np = pytest.importorskip("numpy")
    s = mc.solve("tr(W'*S*W)", "W", where="S: (n, n) symmetric; W: (n, k)", subject_to="W'*W = I", want="maximum")
    a = np.diag([1.0, 3.0, 2.0])
    assert np.allclose(s.compile("numpy")(S=a, k=2), [[0, 0], [1, 0], [0, 1]])


def test_eigenproblems_apart_as_one_program() -> None:
    where = "A: (n, n) symmetric; B: (m, m) symmetric; u: (n); V: (m, 2)"
    s = mc.solve("u'*A*u - tr(V'*B*V)", "u,V", where=where, subject_to=["u'*u = 1", "V'*V = I"], want="maximum")
    a, b = np.diag([3.0, 1.0, 2.0]), np.diag([5.0, 4.0, 1.0, 7.0])
    u, v = s.compile()(A=a, B=b)
    assert np.allclose(u, [1, 0, 0]) and np.allclose(v, np.eye(4)[:, [2, 1]])
    assert np.allclose(s["V"].compile()(A=a, B=b), v)
    assert sorted(p.kind for p in s.all) == ["maximum", "minimum", "saddle", "saddle"] and s.check().ok


def test_a_double_root_is_one_point() -> None:
    assert len(mc.solve("sum(sigmoid(x)) - sum(x)/4", "x", "x: (n)").all) == 1


def test_several_points_each_with_its_kind() -> None:
    s = mc.solve("t^3 - 3*a^2*t", "t", where="t: scalar; a: scalar positive")
    assert {p.text(): p.kind for p in s.all} == {"a": "minimum", "-a": "maximum"}
    assert s.text() == "a" and mc.solve("t^3 - 3*a^2*t", "t", where="t: scalar; a: scalar positive", want="maximum").text() == "-a"


# objective ; variables ; what they are subject to ; the kinds of the points, where the second derivative is zero at one of them
FLAT = """
x^3*exp(-x)                   ; x   ;            ; 0: saddle, 3: maximum
x^5*exp(-x)                   ; x   ;            ; 0: saddle, 5: maximum
x^4*exp(-x)                   ; x   ;            ; 0: minimum, 4: maximum
-x^4*exp(-x)                  ; x   ;            ; 0: maximum, 4: minimum
x^3*(x - 4)                   ; x   ;            ; 0: saddle, 3: minimum
x^5 - 5*x^4                   ; x   ;            ; 0: maximum, 4: minimum
(x - 2)^2*(x - 5)^3           ; x   ;            ; 16/5: minimum, 2: maximum, 5: saddle
x^2*(1 - x)^3                 ; x   ;            ; 0: minimum, 1: saddle, 2/5: maximum
x^10 - x^12                   ; x   ;            ; -sqrt(5/6): maximum, 0: minimum, sqrt(5/6): maximum
log(1 + x^3)                  ; x   ;            ; 0: saddle
abs(x)^3                      ; x   ;            ; 0: minimum
sum(x.^3.*exp(-x))            ; x   ;            ; 3*ones(n): maximum, zeros(n): saddle
sum(x.^4) - sum(x.^3)         ; x   ;            ; 3*ones(n)/4: minimum, zeros(n): saddle
sum(x.^3)                     ; x   ; sum(x) = 0 ; zeros(n): saddle
x^3 + y                       ; x,y ; y = x^4    ; -3/4 81/256: minimum, 0 0: saddle
x^2 + y^3                     ; x,y ;            ; 0 0: saddle
x^4 + y^2 + x^2*y             ; x,y ;            ; 0 0: minimum
(y - x^2)*(y - 2*x^2)         ; x,y ;            ; 0 0: saddle
(x - y^2)^2 - y^6             ; x,y ;            ; 0 0: saddle
"""


@pytest.mark.parametrize("line", FLAT.strip().splitlines(), ids=lambda line: line.split(" ; ")[0].strip())
def test_where_the_second_derivative_is_zero_the_values_around_decide(line: str) -> None:
    f, by, given, kinds = (part.strip() for part in line.split(" ; "))
    s = mc.solve(f, by, where="x: (n)" if "sum" in f else "x: scalar", subject_to=given or None)
    found = {" ".join(p[name].text() for name in by.split(",")): p.kind for p in s.all}
    assert ", ".join(f"{at}: {found[at]}" for at in sorted(found)) == kinds


@pytest.mark.parametrize(("f", "conditions"), [
    ("a*x^4", ("minimum where a is positive",)),
    ("-a*exp(x^4)", ("maximum where a is positive",)),
    ("(a - b)*(x - 1)^6", ("minimum where a - b is positive",)),
    ("a*abs(x)^3", ()),  # whose third derivative jumps
])  # fmt: skip
def test_the_first_derivative_that_does_not_vanish_says_when(f: str, conditions: tuple[str, ...]) -> None:
    s = mc.solve(f, "x", where="x: scalar; a: scalar; b: scalar")
    assert (s.kind, s.conditions) == ("stationary", conditions)


def test_what_is_allowed_alone_counts_beside_a_flat_point() -> None:
    assert mc.solve("x^3", "x", where="x: scalar nonnegative").kind == "minimum"
    assert mc.solve("x^3", "x", where="x: scalar").kind == "saddle"


# objective ; variables ; declarations ; what the saddle is among positive definite matrices
AMONG = r"""
logdet(A) + tr(inv(A)*X)                                    ; A   ;                       ; minimum among spd A where X is spd
\log\det A + \operatorname{tr}(A^{-1}X)                     ; A   ;                       ; minimum among spd A where X is spd
-logdet(A) - tr(inv(A)*X)                                   ; A   ;                       ; maximum among spd A where X is spd
logdet(S) + tr(inv(S)*C)                                    ; S   ; S: (n, n) symmetric; C: (n, n) symmetric ; minimum among spd S where C is spd
\langle S, X\rangle - \log\det X                            ; X   ;                       ; global minimum among spd X where S is spd
logdet(X) - tr(A*X)                                         ; X   ; A: (n, n) invertible  ; global maximum among spd X where A is spd
tr(inv(T)*S) + (m-u)'*inv(T)*(m-u) + logdet(T) - logdet(S)  ; T   ;                       ; minimum among spd T where S is spd
tr(inv(T)*S) - logdet(S) + logdet(T)                        ; S   ;                       ; global minimum among spd S where T is spd
logdet(P) - tr(P*S) + logdet(Q) - tr(Q*S)                   ; P,Q ;                       ; global maximum among spd P and Q where S is spd
logdet(X) + tr(A*X)                                         ; X   ;                       ;
tr(X) - logdet(X + A)                                       ; X   ; A: (n, n)             ;
"""


@pytest.mark.parametrize("line", AMONG.strip().splitlines(), ids=lambda line: " ".join(line.split(" ; ")[0:2]))
def test_a_saddle_among_all_matrices_may_be_a_minimum_among_positive_definite_ones(line: str) -> None:
    f, by, where, among = (part.strip() for part in re.split(r" ;(?= |$)", line))
    s = mc.solve(f, by, where=where)
    assert [c for c in s.conditions if "among" in c] == [among] * bool(among) and s.kind in ("saddle", "stationary")


@pytest.mark.parametrize(("f", "where", "condition"), [
    (r"\frac{x^T y}{\max(\|x\|\|y\|, \epsilon)}", "", "norm(y) - epsilon positive"),
    ("x'*y/max(norm(x)*norm(y), 1/1000)", "", "norm(y) - 1/1000 positive"),
])  # fmt: skip
def test_of_an_objective_made_of_pieces_one_piece_is_a_condition(f: str, where: str, condition: str) -> None:
    s = mc.solve(f, "x", where=where, want="maximum")
    assert (s.text(), s.kind, s.is_global) == ("y/norm(y)", "maximum", False) and condition in s.conditions
    assert not any("every multiple" in note for note in s.notes)


@pytest.mark.parametrize(("f", "answer"), [
    (r"\min_P \|P-C\|_F^2 \text{ s.t. } P1=a", "(a - rowsum(C))*ones(n)'/n + C"),
    (r"\min_P \|P-C\|_F^2 \text{ s.t. } P^T1=b", "ones(m)*(b' - ones(m)'*C)/m + C"),
    (r"\min_x \|x-a\|^2 \text{ s.t. } x^T1=1", "a - (sum(a) - 1)/n"),
    ("min norm(x - a)^2 s.t. x'1 = 1", "a - (sum(a) - 1)/n"),
])  # fmt: skip
def test_conditions_are_in_the_notation_of_the_text(f: str, answer: str) -> None:
    by = "P" if "P" in f else "x"
    s = mc.solve(f, by)
    assert mc.equal(s.expr, mc.parse(answer, "P: (m, n); C: (m, n); a: (m); b: (n)" if by == "P" else "a: (n)")) and s.kind == "minimum"


def test_a_quotient_has_no_value_where_its_kink_is() -> None:
    s = mc.solve("abs(w'*h)^2/(w'*R*w)", "w", where="R: (n, n) spd")  # at w = 0
    assert (s.text(), s.kind) == ("inv(R)*h", "maximum")


def test_multipliers_value_and_program_of_sizes() -> None:
    s = mc.solve("w'*S*w", "w", where="S: (n, n) spd", subject_to="sum(w) = 1")
    assert [repr(m) for m in s.multipliers or ()] == ["−2/(𝟏ᵀ S⁻¹ 𝟏)"] and repr(s.value) == "1/(𝟏ᵀ S⁻¹ 𝟏)"
    f = mc.solve("norm(x)^2", "x", where="x: (n)", subject_to="sum(x) = 1").compile("numpy")
    assert f(n=4).tolist() == [0.25] * 4


REFUSED = [
    ("sum(log(1 + exp(-y.*(X*w))))", "w", None, "X: (m, n); y: (m); w: (n)", "no closed form of `X'*(y.*sigmoid(-y.*(X*w))) = 0`", "X'*(y.*sigmoid(-y.*(X*w))) = 0"),
    ("a'*x", "x", None, "a: (n); x: (n)", "there is no stationary point", "a = 0"),
    ("exp(a'*x)", "x", None, "a: (n); x: (n)", "there is no stationary point", "a = 0"),
    ("sum(exp(x))", "x", None, "x: (n)", "there is no stationary point", "exp(x) = 0"),
    ("x'*A*x/2 + b'*x", "x", "x'*x = 1", "A: (n, n) symmetric; b: (n); x: (n)", "secular", None),
    ("norm(x)^2", "x", "a'*y = 1", "x: (n); a: (n); y: (n)", "mentions none of the variables x", None),
    ("norm(x)^2", "x", ["ones(n)'*x = 1", "sum(x) = 2"], "x: (n)", "cannot both hold", None),
    ("norm(x)^2", "x", "x = s", "x: (n); s: scalar", "the sides of a constraint have one shape, not (n, 1) and (1, 1)", None),
    ("tr(P) - tr(inv(P)*A)", "P", None, "P: (n, n) spd; A: (n, n) spd", "there is no stationary point", "I + inv(P)*A*inv(P) = 0"),
    ("norm(A*X - G)^2", "X", None, "X: (n, n) lower; A: (n, n) invertible; G: (n, n)", "no closed form", None),  # inv(A)*G is not lower
    ("(a - x*y)^2", "x,y", None, "x: scalar; y: scalar", "y = a/x is stationary for every x", None),  # and a saddle at zero
    ("norm(A*x + A*y - b)^2", "x,y", None, "A: (m, n); x: (n); y: (n)", "x = pinv(A)*(b - A*y) is stationary for every y", None),
    ("(x*y*z - 1)^2", "x,y,z", None, "x: scalar; y: scalar; z: scalar", "y = 1/(x*z) is stationary for every x, z", None),
    ("norm(W.*(X - G))^2", "X", None, "X: (n, n) symmetric; W: (n, n) positive; G: (n, n)", "no closed form", None),
    ("norm(X - G)^2 + λ*normnuc(X)", "X", None, "X: (n, n) lower; G: (n, n); λ: scalar positive", "no closed form", None),
    ("x'*A*x", "x", None, "A: (n, n) skew; x: (n)", "every point is stationary", None),
    ("tr(A*X*A*X)/2 - logdet(X)", "X", None, "A: (n, n) symmetric; X: (n, n) spd", "no closed form", None),  # there are others that do not commute
    ("tr(X*A*X) + tr(B*X) - logdet(X)", "X", None, "A: (n, n) spd; B: (n, n) spd; X: (n, n) spd", "no closed form", None),
    ("norm(x)^2", "x", ["sum(x) = 1", "2*sum(x) = 2"], "x: (n)", "say the same", None),
]  # fmt: skip


@pytest.mark.parametrize("f, wrt, constraints, where, message, equation", REFUSED, ids=lambda v: str(v)[:40])
def test_what_is_refused(f: str, wrt: str, constraints: object, where: str, message: str, equation: str | None) -> None:
    with pytest.raises((mc.UnsupportedError, mc.ShapeError)) as raised:
        mc.solve(f, wrt, where=where, subject_to=constraints)
    assert message in str(raised.value)
    if equation is not None:
        assert raised.value.equation == equation  # type: ignore[attr-defined]


# --- objectives made of known ones ---------------------------------------------------------------------------------

WHERE = "A: (m, n); B: (k, n); P: (n, n) spd; a: (n); b: (m); c: (n); d: (k); x: (n); λ: scalar positive; μ: scalar positive"
CONVEX = (
    "norm(A*{x} - b)^2",
    "λ*norm({x})^2",
    "{x}'*P*{x}",
    "norm({x} - a)^2",
    "μ*norm(B*{x} - d)^2",
    "c'*{x}",
    "λ*{x}'*P*{x} - a'*{x}",
    "sum(({x} - c).^2)",
)
INSIDE = ("x", "(x - a)", "(x + λ*c)", "(2*x - a)", "(a - x)")
SUBJECT = ("", "sum(x) = 1", "c'*x = λ", "B*x = d", "sum(x) = 0; a'*x = 1")


def composed(seed: int) -> tuple[str, str]:
    """A sum of scaled quadratic functions, each of an affine function of x, that has one stationary point; and constraints."""
    random = Random(seed)
    terms = [
        random.choice(("", "2*", "μ*", "1/3*")) + random.choice(CONVEX).replace("{x}", random.choice(INSIDE))
        for _ in range(random.randint(1, 3))
    ]
    return " + ".join([*terms, random.choice(("λ*norm(x)^2", "norm(x - c)^2/2", "x'*P*x"))]), random.choice(SUBJECT)


@pytest.mark.parametrize("seed", range(40))
def test_composed_objectives(seed: int) -> None:
    np = pytest.importorskip("numpy")
    f, constraints = composed(seed)
    s = mc.solve(f, "x", where=WHERE, subject_to=constraints or None)
    assert (s.kind, s.form) == ("minimum", "closed")
    rng = np.random.default_rng(seed)
    data = {
        "A": rng.normal(size=(5, 4)),
        "B": rng.normal(size=(2, 4)),
        "b": rng.normal(size=5),
        "d": rng.normal(size=2),
        "λ": 0.7,
        "μ": 1.3,
    }
    data |= {"P": np.diag([1.0, 2, 3, 4]) + 0.1, "a": rng.normal(size=4), "c": rng.normal(size=4)}
    at = s.compile("numpy")(**data, n=4)
    rows = {"": np.zeros((0, 4)), "sum(x) = 1": np.ones((1, 4)), "c'*x = λ": data["c"][None], "B*x = d": data["B"]}
    free = rows.get(constraints, np.array([np.ones(4), data["a"]]))
    basis = np.linalg.svd(free)[2][np.linalg.matrix_rank(free) :] if len(free) else np.eye(4)
    for direction in basis:
        for step in (0.1, -0.1):
            assert mc.evaluate(f, WHERE, **data, x=at + step * direction) > mc.evaluate(f, WHERE, **data, x=at)
    for c in filter(None, constraints.split(";")):
        left, right = c.split("=")
        assert np.allclose(mc.evaluate(f"{left} - ({right})", WHERE, **data, x=at), 0, atol=1e-9)


BENT = ("sum(softplus({x})) - r'*({x})", "sum(cosh({x})) - a'*({x})", "sum(exp({x})) - w'*({x})", "({x})'*P*({x}) - a'*({x})", "sum(w.*({x} - c).^2)", "norm(A*({x}) - b)^2 + λ*norm({x})^2")  # fmt: skip
MOVED = ("x", "(M*x + c)", "(M*x)", "(2*x)", "(a - x)", "(x./w)", "(x.*w)")
AROUND = ("{f}", "λ*({f})", "-({f})", "exp({f})", "log(1 + exp({f}))", "sqrt(1 + exp({f}))", "({f})/λ + a'*P*a")
BENT_WHERE = f"{WHERE}; M: (n, n) invertible; w: (n) positive; r: (n) positive"


@pytest.mark.parametrize("seed", range(20))
def test_composed_with_functions(seed: int) -> None:
    np = pytest.importorskip("numpy")
    random, rng = Random(seed), np.random.default_rng(seed)
    f = random.choice(AROUND).replace("{f}", random.choice(BENT).replace("{x}", random.choice(MOVED)))
    s = mc.solve(f, "x", where=BENT_WHERE)
    assert s.kind == ("maximum" if f.startswith("-") else "minimum")
    data = {"A": rng.normal(size=(5, 4)), "b": rng.normal(size=5), "λ": 0.7, "M": rng.normal(size=(4, 4)), "P": np.eye(4) + 0.1}
    data |= {"a": rng.normal(size=4), "c": rng.normal(size=4), "w": rng.uniform(0.5, 2, 4), "r": rng.uniform(0.1, 0.9, 4)}
    at = s.compile("numpy")(**data, n=4)
    g = mc.grad(f, "x", where=BENT_WHERE).compile("numpy")
    assert np.abs(g(**data, x=at)).max() <= 1e-8 * (1 + np.abs(g(**data, x=at + 0.1)).max())


@pytest.mark.parametrize("op", [op for op in ELEMENTWISE if op.inverse], ids=lambda op: op.name)
def test_inverses_of_functions(op: Op) -> None:
    for x in (0.3, 0.7, 0.95) if op.name != "acosh" else (1.2, 2.0, 5.0):
        y = mc.evaluate(f"{op.name}(x)", "x: scalar", x=x)
        assert mc.evaluate(op.inverse, "x: scalar", x=float(y)) == pytest.approx(x)


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", "norm(A*x - b)^2", "--wrt", "x", "--where", "A: (m, n)", "--to", "text", "--check"]) == 0
    out = capsys.readouterr()
    assert out.out == "pinv(A)*b\n" and "minimum, global" in out.err and "check: ok" in out.err
    assert main(["solve", "w'*S*w", "--wrt", "w", "--where", "S: (n, n) spd", "--subject-to", "sum(w) = 1", "--to", "json", "--steps"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["kind"], made["form"], made["value"]) == ("minimum", "closed", "1/sum(inv(S))") and made["steps"]
    assert main(["solve", "a'*x", "--wrt", "x"]) == 2


# set ; the answer to the nearest point, or nothing where points of that set are not solved for
SETS = """
X: (n, k) stiefel; A: (n, k)             | polar(A)
X: (n, n) orthogonal; A: (n, n)          | polar(A)
X: (n) simplex; A: (n)                   | A - (sum(A) - 1)/n
X: (n, n) rotation; A: (n, n)            |
X: (n, k) grassmann; A: (n, k)           |
X: (n, k) oblique; A: (n, k)             |
X: (m, n) sphere; A: (m, n)              |
X: (m, n) rank k; A: (m, n)              |
X: (n, n) projector; A: (n, n)           |
"""


@pytest.mark.parametrize("line", SETS.strip().splitlines())
def test_a_declared_set_holds_or_is_refused(line: str) -> None:
    where, answer = (part.strip() for part in line.split("|"))
    if answer:
        assert mc.equal(mc.solve("norm(X - A)^2", "X", where=where).text(), answer, where=where.partition(";")[2])
    else:
        with pytest.raises(mc.UnsupportedError):
            mc.solve("norm(X - A)^2", "X", where=where)


def test_a_name_of_a_constraint_is_used() -> None:
    s = mc.solve("w'*S*w", "w", "S: (n, n) spd; a: (n); c: (n)", subject_to="a'*w = 1")
    assert s.notes == ("c is declared but not used",)


def test_a_kind_without_a_proof_is_said() -> None:
    note = "that this is a saddle was seen at samples of the data; it is not proved"
    assert note in mc.solve("logdet(X) - tr(A*X)", "X", where="X: (n, n); A: (n, n) invertible").notes
    for f, by, where, kind in (
        ("logdet(S) + tr(inv(S)*C)", "S", "S: (n, n) spd; C: (n, n) spd", "minimum"),  # by the Hessian there, though f is not convex
        ("x'*P*x/2 + y'*A*x - y'*Q*y/2", "x,y", "P: (n, n) spd; Q: (p, p) spd; A: (p, n); x: (n); y: (p)", "saddle"),
        ("a'*x + b'*y + x'*A*y", "x,y", "A: (n, n) invertible; x: (n); y: (n)", "saddle"),
        ("sum(log(v) + s./v)", "v", "v: (n) positive; s: (n) positive", "minimum"),
    ):
        s = mc.solve(f, by.split(","), where=where)
        assert s.kind == kind and not any("samples" in n for n in s.notes)


@pytest.mark.parametrize(("f", "where", "constraints", "answer", "conditions"), [
    ("tr((X-A)'*W*(X-A))", "W: (n, n) spd", "X = X'", "W X + X W = Aᵀ W + W A", ()),
    ("norm(X - A)^2", "", "X - X' = 0", "(A + Aᵀ)/2", ()),  # by a skew multiplier
    ("norm(X - A)^2", "A: (n, n)", ["X' = X", "tr(X) = 1"], "(A + Aᵀ)/2 − (tr(A) − 1) I/n", ()),
    ("norm(X-A)^2", "J: (n, n) symmetric", "J*X = X'*J", "X = A − J sylvester(J², J², J A − Aᵀ J)", ("J invertible",)),
])  # fmt: skip
def test_symmetry_is_a_constraint(f: str, where: str, constraints: str | list[str], answer: str, conditions: tuple[str, ...]) -> None:
    s = mc.solve(f, "X", where=where, subject_to=constraints)
    assert (s.unicode(), s.kind, s.conditions) == (answer, "minimum", conditions) and s.check(seed=5).ok


# the text ; variable ; declarations ; the answer, its kind, what else must hold
STIPULATED = r"""
\min_w w^T\Sigma w \quad \text{subject to} \quad w^T\mathbf{1}=1 ; w ; Sigma: (n, n) spd ; Σ⁻¹ 𝟏/(𝟏ᵀ Σ⁻¹ 𝟏) ; minimum ;
\max_W \operatorname{tr}(W^TSW) \text{ s.t. } W^TW=I ; W ; S: (n, n) symmetric; W: (n, k) ; S W = W Λ, Λ the k largest ; maximum ;
\max_{w^Tw=1} w^T A w ; w ; A: (n, n) symmetric ; A w = λ w, λ the largest ; maximum ;
\min_{w: Xw=y} \|w\|^2 ; w ; X: (m, n) ; X⁺ y ; minimum ; X*X' invertible
\min_x \|Ax-b\|^2 \;\text{s.t.}\; x \ge 0 ; x ; A: (m, n) ; A⁺ b ; minimum ; pinv(A)*b nonnegative
\max_\theta \log\det\theta - \operatorname{tr}(S\theta) \text{ s.t. } \theta \succ 0 ; theta ; S: (n, n) spd ; S⁻¹ ; maximum ;
\begin{aligned}\min_w\ & w^T S w \\ \text{s.t. } & \mathbf{1}^T w = 1 \\ & a^T w = 0\end{aligned} ; w ; S: (n, n) spd; a: (n) ; S⁻¹ ((aᵀ S⁻¹ a) 𝟏 − (𝟏ᵀ S⁻¹ a) a)/((𝟏ᵀ S⁻¹ 𝟏) (aᵀ S⁻¹ a) − (𝟏ᵀ S⁻¹ a)²) ; minimum ;
minimize x'*A*x subject to b'*x = 1 ; x ; A: (n, n) spd ; A⁻¹ b/(bᵀ A⁻¹ b) ; minimum ; b nonzero
maximize c'*x - x'*Q*x/2 ; x ; Q: (n, n) spd ; Q⁻¹ c ; maximum ;
\min_X \|X - A\|_F^2 \text{ s.t. } X = X^\top ; X ;  ; (A + Aᵀ)/2 ; minimum ;
\min_X \|AX - B\|_F^2 \text{ s.t. } X^T = -X ; X ; A: (m, n) ; Aᵀ A X + X Aᵀ A = Aᵀ B − Bᵀ A ; minimum ; A'*A invertible
minimize tr((X-A)'*W*(X-A)) subject to X = X', tr(X) = 1 ; X ; W: (n, n) spd; A: (n, n) symmetric ; A − (tr(A) − 1) W⁻¹/tr(W⁻¹) ; minimum ;
w^T\Sigma w \to \min, \quad \mu^Tw = r ; w ; Sigma: (n, n) spd ; r Σ⁻¹ μ/(μᵀ Σ⁻¹ μ) ; minimum ;
\log\det X - \operatorname{tr}(SX) \to \max ; X ; S: (n, n) spd; X: (n, n) spd ; S⁻¹ ; maximum ;
\max_w w^TBw, \quad w^TWw = 1 ; w ; W: (n, n) spd; B: (n, n) symmetric ; B w = λ W w, λ the largest ; maximum ;
\begin{aligned} \min_x\ & x^TQx \\ & \mathbf 1^Tx = 1\end{aligned} ; x ; Q: (n, n) spd ; Q⁻¹ 𝟏/(𝟏ᵀ Q⁻¹ 𝟏) ; minimum ;
\min_x \|x - a\|^2, \quad Cx = d, \quad C \in \mathbb{R}^{m\times n} ; x ;  ; C⁺ (d − C a) + a ; minimum ;
"""


@pytest.mark.parametrize("line", STIPULATED.strip().splitlines())
def test_what_the_text_says_it_is_subject_to_counts(line: str) -> None:
    text, by, where, answer, kind, condition = (part.strip() for part in re.split(r" ;(?= |$)", line))
    s = mc.solve(text, by, where=where)
    assert (s.unicode(), s.kind) == (answer, kind) and {condition} - {""} <= set(s.conditions)
    assert s.check(seed=3).ok
    assert not any(n.startswith("left out: ") for n in s.notes)


@pytest.mark.parametrize("text", [
    r"\min_{x \in \Delta} c^T x", r"\arg\min_{x \in S}\frac12\|x-y\|_2^2", r"\min_{x\in\mathcal C}\|x-y\|^2", r"\min_{w \in W}\|Xw-y\|^2",
    r"\min_x \|x-y\|^2, \quad x \in \mathcal{S}", "min_{x in C} norm(x - y)^2", "minimize norm(x - y)^2 over x in C", r"\min_{w} \|w\|^2 \text{ s.t. } y_i w^T x_i \ge 1, i = 1, \ldots, n", "minimize norm(A*x - b)^2 subject to norm1(x) <= 1",
    r"\begin{aligned}\max_a\ & 1^T a - a^T Q a \\ \text{s.t. } & 0\le a_i\le C \\ & \sum_i a_i y_i=0\end{aligned}",
])  # fmt: skip
def test_a_condition_that_is_no_equation_is_not_left_out(text: str) -> None:
    for ask in (mc.solve, mc.minimizer):
        with pytest.raises(mc.MatcalcError, match=r"which is no equation|asks for a maximum"):
            str(ask(text, None))
    mc.derivative(text)  # of which conditions are left out


def test_given_constraints_stand_before_those_of_the_text() -> None:
    s = mc.solve("minimize x'*A*x subject to b'*x = 1", "x", where="A: (n, n) spd", subject_to="c'*x = 1")
    assert s.unicode() == "A⁻¹ c/(cᵀ A⁻¹ c)"
    with pytest.raises(mc.ParseError, match="asks for a maximum"):
        mc.minimize("maximize -norm(x - a)^2", "x", a=[1.0])


def test_labels_are_drawn_from_what_they_may_be() -> None:
    s = mc.solve(r"\sum_i \|x_i - c_{y_i}\|^2", "c")
    assert s.kind == "minimum"
    assert s.check().ok


def test_a_definition_that_ends_with_the_letter_of_the_variable_is_no_condition() -> None:
    assert repr(mc.solve(r"\min_a \|a - b\|^2, \quad \sigma = 2")) == "b"
    assert "C" in repr(mc.solve(r"\min_x \|x - b\|^2, \quad Cx = d"))
