r"""Objectives as authors typeset and type them, with the same in NumPy by hand: what was read is what they mean.

Of each: the text, its declarations, the variable (none where the text says it: the first of the values), values, the objective of these values.
"""

from __future__ import annotations

import numpy as np
from numpy import exp, log, sqrt
from numpy import trace as tr
from numpy.linalg import det, inv, norm, slogdet
from scipy.linalg import expm
from scipy.special import gamma, ndtr

R = np.random.default_rng(5)


def N(*shape):
    return R.normal(size=shape) if shape else float(R.normal())


def P(*shape):
    return R.uniform(0.3, 1.6, size=shape) if shape else float(R.uniform(0.3, 1.6))


def S(n, count=None):
    """Positive definite, or so many of them."""
    if count:
        return np.array([S(n) for _ in range(count)])
    a = R.normal(size=(n, n))
    return a @ a.T + n * np.eye(n)


def Sy(n):
    a = R.normal(size=(n, n))
    return a + a.T


def ld(a):
    return slogdet(a)[1]


def sg(z):
    return 1 / (1 + np.exp(-z))


def rl(z):
    return np.maximum(z, 0)


def lse(z):
    return np.log(np.sum(np.exp(z)))


xw = {"X": N(5, 3), "w": N(3), "y": N(5)}

# fmt: off
PASTED = (
    (r"\min_{w \in \mathbb{R}^d} \frac{1}{n}\sum_{i=1}^n \log\left(1+\exp\left(-y_i w^\top x_i\right)\right) + \frac{\lambda}{2}\|w\|_2^2", "", "w", {"x": N(5,3),"y": N(5),"w": N(3),"lambda_": .3,"n": 5}, lambda x,y,w,lambda_,n: np.mean(log(1+exp(-y*(x@w))))+.5*lambda_*w@w),
    (r"\mathcal{L}(W_1,W_2)=\frac{1}{2}\|Y-W_2W_1X\|_F^2", "", "W_1", {"Y": N(4,6),"W_2": N(4,2),"W_1": N(2,3),"X": N(3,6)}, lambda Y,W_2,W_1,X: .5*norm(Y-W_2@W_1@X)**2),
    (r"\mathcal{L}_q = -\log \frac{\exp(q \cdot k_+ / \tau)}{\sum_{i=0}^{K} \exp(q \cdot k_i / \tau)}", "k_+: (d); k_i: (d), i = 0..K; q: (d); tau: scalar", "q", {"q": N(3),"k_plus": N(3),"k": N(5,3),"tau": .7,"K": 4}, lambda q,k_plus,k,tau,K: -q@k_plus/tau+lse(k@q/tau)),
    (r"\frac{1}{2} \sum_{j=1}^J \left(1 + \log ((\sigma_j)^2) - (\mu_j)^2 - (\sigma_j)^2 \right)", "", "sigma", {"mu": N(4),"sigma": P(4),"J": 4}, lambda mu,sigma,J: .5*np.sum(1+log(sigma**2)-mu**2-sigma**2)),
    (r"L = \sum_i^N \left[ \|f_i^a - f_i^p\|_2^2 - \|f_i^a - f_i^n\|_2^2 + \alpha \right]_+", "f_i^a: (d), i = 1..N; f_i^p: (d), i = 1..N; f_i^n: (d), i=1..N; alpha: scalar", "f_a", {"f_a": N(4,3),"f_p": N(4,3),"f_n": N(4,3),"alpha": .2}, lambda f_a,f_p,f_n,alpha: np.sum(rl(np.sum((f_a-f_p)**2,1)-np.sum((f_a-f_n)**2,1)+alpha))),
    (r"\max\left(\|a-p\|_2^2-\|a-n\|_2^2+\alpha,\, 0\right)", "", "a", {"a": N(3),"p": N(3),"n": N(3),"alpha": 9.}, lambda a,p,n,alpha: max(0,norm(a-p)**2-norm(a-n)**2+alpha)),
    (r"\mathrm{FL}(p_t) = -\alpha_t (1-p_t)^\gamma \log(p_t)", "", "p_t", {"p_t": .4,"alpha_t": .3,"gamma": 2.}, lambda p_t,alpha_t,gamma: -alpha_t*(1-p_t)**gamma*log(p_t)),
    (r"\min_{q, p} \sum_{(u,i) \in \kappa} (r_{ui} - q_i^T p_u)^2 + \lambda (\|q_i\|^2 + \|p_u\|^2)", "kappa: set (n, m); r: (n, m); q_i: (f), i = 1..m; p_u: (f), u = 1..n; lambda: scalar", "q", {"kappa": (R.random((4,5))>.4).astype(float),"r": N(4,5),"q": N(5,2),"p": N(4,2),"lambda_": .3}, lambda kappa,r,q,p,lambda_: np.sum(kappa*((r-p@q.T)**2+lambda_*(np.sum(q**2,1)[None]+np.sum(p**2,1)[:,None])))),
    (r"\frac{1}{2}||X-WH||_{\mathrm{Fro}}^2 = \frac{1}{2} \sum_{i,j} (X_{ij} - {(WH)}_{ij})^2", "", "W", {"X": N(4,3),"W": N(4,2),"H": N(2,3)}, lambda X,W,H: .5*norm(X-W@H)**2),
    (r"\min_{w} { \frac{1}{2n_{\text{samples}}} ||X w - y||_2 ^ 2 + \alpha \rho ||w||_1 + \frac{\alpha(1-\rho)}{2} ||w||_2 ^ 2}", "", "w", {"X": N(5,3),"w": N(3),"y": N(5),"alpha": .2,"rho": .4,"n_samples": 5}, lambda X,w,y,alpha,rho,n_samples: norm(X@w-y)**2/2/n_samples+alpha*rho*np.abs(w).sum()+.5*alpha*(1-rho)*w@w),
    (r"\min_{W} { \frac{1}{2n_{\text{samples}}} ||X W - Y||_{\text{Fro}} ^ 2 + \alpha ||W||_{21}}", "", "W", {"X": N(5,3),"W": N(3,2),"Y": N(5,2),"alpha": .2,"n_samples": 5}, lambda X,W,Y,alpha,n_samples: norm(X@W-Y)**2/2/n_samples+alpha*np.sum(norm(W,axis=1))),
    (r"\min_{w, \sigma} {\sum_{i=1}^n\left(\sigma + H_{\epsilon}\left(\frac{X_{i}w - y_{i}}{\sigma}\right)\sigma\right) + \alpha {||w||_2}^2}", "H_epsilon(z) = huber(z, epsilon); X: (n, p); w: (p); y: (n)", "w", {"X": N(5,3),"w": N(3),"y": N(5),"alpha": .2,"sigma": 1.3,"epsilon": 1.1,"n": 5}, lambda X,w,y,alpha,sigma,epsilon,n: np.sum(sigma+sigma*np.where(abs((X@w-y)/sigma)<epsilon,.5*((X@w-y)/sigma)**2,epsilon*abs((X@w-y)/sigma)-.5*epsilon**2))+alpha*w@w),
    (r"\min_ {w, b} \frac{1}{2} w^T w + C \sum_{i=1}^{n}\max(0, 1 - y_i (w^T x_i + b))", "", "w", {"w": N(3),"x": N(5,3),"y": N(5),"b": .1,"C": .7}, lambda w,x,y,b,C: .5*w@w+C*np.sum(rl(1-y*(x@w+b)))),
    (r"\min_{\alpha} \frac{1}{2} \alpha^T Q \alpha - e^T \alpha", "", "alpha", {"alpha": N(3),"Q": N(3,3),"e": N(3)}, lambda alpha,Q,e: .5*alpha@Q@alpha-e@alpha),
    (r"\log p(\mathbf{y}|X) = -\tfrac{1}{2}\mathbf{y}^\top K_y^{-1}\mathbf{y} - \tfrac{1}{2}\log|K_y| - \tfrac{n}{2}\log 2\pi", "", "K_y", {"y": N(3),"K_y": S(3),"n": 3}, lambda y,K_y,n: -.5*y@inv(K_y)@y-.5*ld(K_y)-n/2*log(2*np.pi)),
    (r"J(\mathbf{w}) = \frac{\mathbf{w}^T \mathbf{S}_B \mathbf{w}}{\mathbf{w}^T \mathbf{S}_W \mathbf{w}}", "", "w", {"w": N(3),"S_B": S(3),"S_W": S(3)}, lambda w,S_B,S_W: w@S_B@w/(w@S_W@w)),
    (r"\rho = \frac{w_x^T C_{xy} w_y}{\sqrt{w_x^T C_{xx} w_x w_y^T C_{yy} w_y}}", "", "w_x", {"w_x": N(3),"w_y": N(2),"C_xy": N(3,2),"C_xx": S(3),"C_yy": S(2)}, lambda w_x,w_y,C_xy,C_xx,C_yy: w_x@C_xy@w_y/sqrt(w_x@C_xx@w_x*(w_y@C_yy@w_y))),
    (r"C = \sum_i \sum_{j} p_{ij} \log \frac{p_{ij}}{q_{ij}}", "", "q", {"p": P(3,4),"q": P(3,4)}, lambda p,q: np.sum(p*log(p/q))),
    (r"J(\theta)=\frac{1}{2}\sum_{i=1}^{n}\left(\theta^T x^{(i)}-y^{(i)}\right)^2", "", "theta", {"theta": N(3),"x": N(5,3),"y": N(5)}, lambda theta,x,y: .5*np.sum((x@theta-y)**2)),
    (r"\ell(\theta) = \sum_{i=1}^n y^{(i)} \log h(x^{(i)})+(1-y^{(i)})\log(1-h(x^{(i)}))", "h(u) = sigmoid(theta'*u); theta: (d); x_i: (d), i = 1..n; y: (n)", "theta", {"theta": N(3),"x": N(5,3),"y": P(5)}, lambda theta,x,y: np.sum(y*log(sg(x@theta))+(1-y)*log(1-sg(x@theta)))),
    (r"\frac{1}{2} \sum_{i,j=1}^{n} w_{ij} \left\| f_i - f_j \right\|^2", "", "f", {"w": N(4,4),"f": N(4,2)}, lambda w,f: .5*np.sum(w*np.sum((f[:,None]-f[None])**2,2))),
    (r"\mathcal{Q}(F)=\frac{1}{2}\left(\sum_{i, j=1}^{n} W_{i j}\left\|\frac{1}{\sqrt{D_{i i}}} F_{i}-\frac{1}{\sqrt{D_{j j}}} F_{j}\right\|^{2}+\mu \sum_{i=1}^{n}\left\|F_{i}-Y_{i}\right\|^{2}\right)", "W: (n, n); D: (n, n); F: (n, c); Y: (n, c); mu: scalar", "F", {"W": N(4,4),"D": S(4),"F": N(4,2),"Y": N(4,2),"mu": .4}, lambda W,D,F,Y,mu: .5*(np.sum(W*np.sum(((F/sqrt(np.diag(D))[:,None])[:,None]-(F/sqrt(np.diag(D))[:,None])[None])**2,2))+mu*norm(F-Y)**2)),
    (r"\min_{D \in \mathcal{C}, \alpha \in \mathbb{R}^{k \times n}} \frac{1}{n} \sum_{i=1}^{n} \left( \frac{1}{2} \| x_i - D \alpha_i \|_2^2 + \lambda \| \alpha_i \|_1 \right)", "", "D", {"x": N(5,3),"D": N(3,2),"alpha": N(5,2),"lambda_": .4,"n": 5}, lambda x,D,alpha,lambda_,n: np.mean(.5*np.sum((x-alpha@D.T)**2,1)+lambda_*np.sum(abs(alpha),1))),
    (r"\min_{D} \frac{1}{n} \sum_{i=1}^{n} \left( \frac{1}{2} \| x_i - D \alpha_i \|_2^2 + \lambda \| \alpha_i \|_1 \right)", "", "alpha", {"x": N(5,3),"D": N(3,2),"alpha": N(5,2),"lambda_": .4,"n": 5}, lambda x,D,alpha,lambda_,n: np.mean(.5*np.sum((x-alpha@D.T)**2,1)+lambda_*np.sum(abs(alpha),1))),
    (r"l(L, S, Y) = \|L\|_* + \lambda\|S\|_1 + \langle Y, M - L - S \rangle + \frac{\mu}{2} \|M - L - S\|_F^2", "", "S", {"L": N(3,3),"S": N(3,3),"Y": N(3,3),"M": N(3,3),"lambda_": .2,"mu": .7}, lambda L,S,Y,M,lambda_,mu: norm(L,'nuc')+lambda_*abs(S).sum()+np.sum(Y*(M-L-S))+mu/2*norm(M-L-S)**2),
    (r"\log\det\Theta-\operatorname{tr}(S\Theta)-\rho\|\Theta\|_1", "", "Theta", {"Theta": S(3),"S": S(3),"rho": .3}, lambda Theta,S,rho: ld(Theta)-tr(S@Theta)-rho*abs(Theta).sum()),
    (r"\max_w \; w^T \mu - \frac{\gamma}{2} w^T \Sigma w \quad \text{s.t. } \mathbf{1}^T w = 1", "", "w", {"w": N(3),"mu": N(3),"Sigma": S(3),"gamma": 2.}, lambda w,mu,Sigma,gamma: w@mu-gamma/2*w@Sigma@w),
    (r"J = \sum_{k=0}^{N-1} \left( \|x_k - x_{ref}\|_Q^2 + \|u_k\|_R^2 \right) + \|x_N - x_{ref}\|_P^2", "x_k: (n), k = 0..N; u_k: (m), k = 0..N-1; x_ref: (n); Q: (n, n); R: (m, m); P: (n, n)", "u", {"x": N(5,3),"u": N(4,2),"x_ref": N(3),"Q": S(3),"R": S(2),"P": S(3),"N": 4}, lambda x,u,x_ref,Q,R,P,N: sum((x[k]-x_ref)@Q@(x[k]-x_ref)+u[k]@R@u[k] for k in range(4))+(x[4]-x_ref)@P@(x[4]-x_ref)),
    (r"J = \sum_{k=0}^{N-1} \left( x_k^T Q x_k + u_k^T R u_k \right) + x_N^T Q_f x_N", "x_k: (n), k = 0..N; u_k: (m), k = 0..N-1; Q: (n, n); R: (m, m); Q_f: (n, n)", "x", {"x": N(5,3),"u": N(4,2),"Q": S(3),"R": S(2),"Q_f": S(3),"N": 4}, lambda x,u,Q,R,Q_f,N: sum((x[k])@Q@(x[k])+u[k]@R@u[k] for k in range(4))+x[4]@Q_f@x[4]),
    (r"-\frac{1}{2}\sum_{t=1}^{T}\left(\log|S_t| + v_t^\top S_t^{-1} v_t\right)", "v_t: (d), t=1..T; S_t: (d,d) spd, t=1..T", "S", {"v": N(4,3),"S": S(3,4)}, lambda v,S: -.5*sum(ld(S[t])+v[t]@inv(S[t])@v[t] for t in range(4))),
    (r"-\frac{1}{2}\sum_{t=1}^{T}\left(\log|S_t| + v_t^\top S_t^{-1} v_t\right)", "", "S", {"v": N(4,3),"S": S(3,4)}, lambda v,S: -.5*sum(ld(S[t])+v[t]@inv(S[t])@v[t] for t in range(4))),
    (r"E(R, t) = \sum_{i=1}^{N} \| R p_i + t - q_i \|^2", "", "t", {"R": N(3,3),"p": N(4,3),"q": N(4,3),"t": N(3)}, lambda R,p,q,t: np.sum((p@R.T+t-q)**2)),
    (r"J(\mathbf{R}) = \frac{1}{2} \sum_{k=1}^{N} a_k\| \mathbf{w}_k - \mathbf{R} \mathbf{v}_k \|^2", "", "R", {"a": N(4),"w": N(4,3),"R": N(3,3),"v": N(4,3)}, lambda a,w,R,v: .5*np.sum(a*np.sum((w-v@R.T)**2,1))),
    (r"F(\mathbf{x}) = \sum_{\langle i,j\rangle \in \mathcal{C}} \mathbf{e}_{ij}^T \Omega_{ij} \mathbf{e}_{ij}", "e_ij: (d), i=1..n, j=1..n; Omega_ij: (d,d), i=1..n, j=1..n; C: set (n, n)", "e", {"e": N(3,3,2),"Omega": N(3,3,2,2),"C": (R.random((3,3))>.5)*1.}, lambda e,Omega,C: sum(C[i,j]*e[i,j]@Omega[i,j]@e[i,j] for i in range(3) for j in range(3))),
    (r"\ln p(\mathbf{X}|\boldsymbol{\pi},\boldsymbol{\mu},\boldsymbol{\Sigma}) = \sum_{n=1}^{N} \ln \left\{ \sum_{k=1}^{K} \pi_k \mathcal{N}(\mathbf{x}_n|\boldsymbol{\mu}_k,\boldsymbol{\Sigma}_k)\right\}", "x_n: (D), n=1..N; pi: (K); mu_k: (D), k=1..K; Sigma_k: (D,D) spd, k=1..K", "pi", {"x": N(5,2),"pi": P(3),"mu": N(3,2),"Sigma": S(2,3)}, lambda x,pi,mu,Sigma: np.sum(log(sum(pi[k]*exp(-.5*np.einsum('ni,ij,nj->n',x-mu[k],inv(Sigma[k]),x-mu[k]))/sqrt((2*np.pi)**2*det(Sigma[k])) for k in range(3))))),
    (r"\sum_{n=1}^{N} \ln \left\{ \sum_{k=1}^{K} \pi_k \mathcal{N}(\mathbf{x}_n|\boldsymbol{\mu}_k,\boldsymbol{\Sigma}_k)\right\}", "", "mu", {"x": N(5,2),"pi": P(3),"mu": N(3,2),"Sigma": S(2,3)}, lambda x,pi,mu,Sigma: np.sum(log(sum(pi[k]*exp(-.5*np.einsum('ni,ij,nj->n',x-mu[k],inv(Sigma[k]),x-mu[k]))/sqrt((2*np.pi)**2*det(Sigma[k])) for k in range(3))))),
    (r"\frac{1}{2}\sum_{n=1}^{N}\{t_n-\mathbf{w}^{\mathrm T}\boldsymbol\phi_n\}^2+\frac{\lambda}{2}\mathbf{w}^{\mathrm T}\mathbf{w}", "", "w", {"t": N(5),"w": N(3),"phi": N(5,3),"lambda_": .3}, lambda t,w,phi,lambda_: .5*np.sum((t-phi@w)**2)+lambda_/2*w@w),
    (r"E(\mathbf{w}) = -\sum_{n=1}^{N}\{t_n\ln y_n+(1-t_n)\ln(1-y_n)\}", "", "y", {"t": P(5),"y": P(5)/2}, lambda t,y: -np.sum(t*log(y)+(1-t)*log(1-y))),
    (r"E = -\sum_{n=1}^{N}\sum_{k=1}^{K} t_{nk}\ln y_{nk}", "", "y", {"t": P(5,2),"y": P(5,2)/2}, lambda t,y: -np.sum(t*log(y))),
    (r"\ln p(\mathbf{t}|\boldsymbol\theta)=-\frac{1}{2}\ln|\mathbf{C}_N|-\frac{1}{2}\mathbf{t}^{\mathrm T}\mathbf{C}_N^{-1}\mathbf{t}-\frac{N}{2}\ln(2\pi).", "", "C_N", {"t": N(3),"C_N": S(3),"N": 3}, lambda t,C_N,N: -.5*ld(C_N)-.5*t@inv(C_N)@t),
    (r"-\frac{N}{2}\left\{D\ln(2\pi)+\ln|\mathbf{C}|+\operatorname{Tr}\left(\mathbf{C}^{-1}\mathbf{S}\right)\right\}", "C = W*W' + sigma^2*eye(D); W: (D, M); S: (D, D) symmetric", "W", {"W": N(3,2),"S": S(3),"sigma": .8,"N": 5.,"D": 3}, lambda W,S,sigma,N,D: -N/2*(D*log(2*np.pi)+ld(W@W.T+sigma**2*np.eye(3))+tr(inv(W@W.T+sigma**2*np.eye(3))@S))),
    (r"p(\mathbf{X}\mid\mathbf{M}, \mathbf{U}, \mathbf{V}) = \frac{\exp\left( -\frac{1}{2} \, \mathrm{tr}\left[ \mathbf{V}^{-1} (\mathbf{X} - \mathbf{M})^{T} \mathbf{U}^{-1} (\mathbf{X} - \mathbf{M}) \right] \right)}{(2\pi)^{np/2} |\mathbf{V}|^{n/2} |\mathbf{U}|^{p/2}}", "X: (n, p); M: (n, p); U: (n, n) spd; V: (p, p) spd", "M", {"X": N(3,2),"M": N(3,2),"U": S(3),"V": S(2)}, lambda X,M,U,V: exp(-.5*tr(inv(V)@(X-M).T@inv(U)@(X-M)))/((2*np.pi)**3*det(V)**1.5*det(U))),
    (r"f_{\mathbf X}(x_1,\ldots,x_k) = \frac{\exp\left(-\frac 1 2 \left({\mathbf x} - {\boldsymbol\mu}\right)^\mathrm{T}{\boldsymbol\Sigma}^{-1}\left({\mathbf x}-{\boldsymbol\mu}\right)\right)}{\sqrt{(2\pi)^k |\boldsymbol\Sigma|}}", "", "mu", {"x": N(3),"mu": N(3),"Sigma": S(3),"k": 3.}, lambda x,mu,Sigma,k: exp(-.5*(x-mu)@inv(Sigma)@(x-mu))/sqrt((2*np.pi)**k*det(Sigma))),
    (r"D_\text{KL}(\mathcal{N}_0 \parallel \mathcal{N}_1) = \frac{1}{2}\left( \operatorname{tr}\left(\Sigma_1^{-1}\Sigma_0\right) - k + \left(\mu_1-\mu_0\right)^\mathsf{T} \Sigma_1^{-1}\left(\mu_1-\mu_0\right) + \ln\left(\frac{\det\Sigma_1}{\det\Sigma_0}\right)\right)", "", "Sigma_1", {"Sigma_1": S(3),"Sigma_0": S(3),"mu_1": N(3),"mu_0": N(3),"k": 3.}, lambda Sigma_1,Sigma_0,mu_1,mu_0,k: .5*(tr(inv(Sigma_1)@Sigma_0)-k+(mu_1-mu_0)@inv(Sigma_1)@(mu_1-mu_0)+ld(Sigma_1)-ld(Sigma_0))),
    (r"\sum_{i,j} P_{i,j} C_{i,j} + \varepsilon \sum_{i,j} P_{i,j} (\log P_{i,j} - 1)", "", "P", {"P": P(3,4),"C": N(3,4),"varepsilon": .3,"epsilon": .3}, lambda P,C,varepsilon,epsilon: np.sum(P*C)+.3*np.sum(P*(log(P)-1))),
    (r"J(\beta) = \left(\frac{1}{n}\sum_{i=1}^n z_i(y_i-x_i'\beta)\right)' W \left(\frac{1}{n}\sum_{i=1}^n z_i(y_i-x_i'\beta)\right)", "z_i: (l), i=1..n; y: (n); x_i: (k), i=1..n; W: (l,l); beta: (k)", "beta", {"z": N(5,2),"y": N(5),"x": N(5,3),"W": S(2),"beta": N(3),"n": 5}, lambda z,y,x,W,beta,n: (z.T@(y-x@beta)/5)@W@(z.T@(y-x@beta)/5)),
    (r"J(\beta) = \left(\frac{1}{n}\sum_{i=1}^n z_i(y_i-x_i'\beta)\right)' W \left(\frac{1}{n}\sum_{i=1}^n z_i(y_i-x_i'\beta)\right)", "", "beta", {"z": N(5,2),"y": N(5),"x": N(5,3),"W": S(2),"beta": N(3),"n": 5}, lambda z,y,x,W,beta,n: (z.T@(y-x@beta)/5)@W@(z.T@(y-x@beta)/5)),
    (r"(y-X\beta)'Z(Z'Z)^{-1}Z'(y-X\beta)", "", "beta", {"y": N(5),"X": N(5,2),"beta": N(2),"Z": N(5,3)}, lambda y,X,beta,Z: (y-X@beta)@Z@inv(Z.T@Z)@Z.T@(y-X@beta)),
    (r"S(\beta) = (y-X\beta)'\Omega^{-1}(y-X\beta)", "", "beta", {"y": N(5),"X": N(5,2),"beta": N(2),"Omega": S(5)}, lambda y,X,beta,Omega: (y-X@beta)@inv(Omega)@(y-X@beta)),
    (r"\ln L(\beta) = \sum_{i=1}^{n} \left[ y_i \ln \Phi(x_i'\beta) + (1-y_i) \ln (1-\Phi(x_i'\beta)) \right]", "Phi = normcdf; x_i: (k), i=1..n; y: (n); beta: (k)", "beta", {"y": P(5),"x": N(5,2)/2,"beta": N(2)}, lambda y,x,beta: np.sum(y*log(ndtr(x@beta))+(1-y)*log(1-ndtr(x@beta)))),
    (r"\ln L(\beta) = \sum_{i=1}^{n} \left[ y_i \ln \Phi(x_i'\beta) + (1-y_i) \ln (1-\Phi(x_i'\beta)) \right]", "", "beta", {"y": P(5),"x": N(5,2)/2,"beta": N(2)}, lambda y,x,beta: np.sum(y*log(ndtr(x@beta))+(1-y)*log(1-ndtr(x@beta)))),
    (r"\ell(\beta) = \sum_{i=1}^n \sum_{j=1}^J d_{ij} \ln \frac{\exp(x_{ij}'\beta)}{\sum_{k=1}^J \exp(x_{ik}'\beta)}", "x_ij: (p), i=1..n, j=1..J; d: (n,J); beta: (p)", "beta", {"x": N(4,3,2),"d": P(4,3),"beta": N(2)}, lambda x,d,beta: np.sum(d*(x@beta-log(np.sum(exp(x@beta),1))[:,None]))),
    (r"\ell(\beta) = \sum_{i=1}^n \sum_{j=1}^J d_{ij} \ln \frac{\exp(x_{ij}'\beta)}{\sum_{k=1}^J \exp(x_{ik}'\beta)}", "", "beta", {"x": N(4,3,2),"d": P(4,3),"beta": N(2)}, lambda x,d,beta: np.sum(d*(x@beta-log(np.sum(exp(x@beta),1))[:,None]))),
    (r"\ln L = -\frac{n}{2}\ln(2\pi\sigma^2) + \ln|I_n-\rho W| - \frac{1}{2\sigma^2}(y-\rho Wy-X\beta)'(y-\rho Wy-X\beta)", "", "rho", {"W": N(4,4)/4,"y": N(4),"X": N(4,2),"beta": N(2),"rho": .3,"sigma": 1.2,"n": 4}, lambda W,y,X,beta,rho,sigma,n: -n/2*log(2*np.pi*sigma**2)+ld(np.eye(4)-rho*W)-norm(y-rho*W@y-X@beta)**2/2/sigma**2),
    (r"\mathcal{L}(\theta) = -\frac{T}{2}\log|\Omega| - \frac{1}{2}\sum_{t=1}^{T}\left[(y_t-\Pi'x_t)'\Omega^{-1}(y_t-\Pi'x_t)\right]", "y_t: (n), t=1..T; x_t: (k), t=1..T; Pi: (k, n); Omega: (n,n) spd", "Pi", {"y": N(5,2),"x": N(5,3),"Pi": N(3,2),"Omega": S(2),"T": 5}, lambda y,x,Pi,Omega,T: -.5*np.einsum('ti,ij,tj',y-x@Pi,inv(Omega),y-x@Pi)),
    (r"\ell = -\frac{1}{2}\sum_{t=1}^{T}\left(\ln 2\pi + \ln\sigma_t^2 + \frac{\epsilon_t^2}{\sigma_t^2}\right)", "", "sigma", {"sigma": P(5),"epsilon": N(5)}, lambda sigma,epsilon: -.5*np.sum(log(sigma**2)+epsilon**2/sigma**2)),
    (r"\ell(\beta) = \sum_{i=1}^n C_i \left( X_i \cdot \beta - \log \sum_{j \in R_i} e^{X_j \cdot \beta} \right)", "X: (n, p); beta: (p); C: (n); R: set (n, n)", "beta", {"X": N(5,2),"beta": N(2),"C": np.array([1.,0,1,1,1]),"R": (R.random((5,5))>.3)*1.+np.eye(5)*0}, lambda X,beta,C,R: np.sum(C*(X@beta-log(R@exp(X@beta))))),
    (r"J(\alpha) = \|y-K\alpha\|^2+\lambda\alpha^TK\alpha", "", "alpha", {"y": N(3),"K": Sy(3),"alpha": N(3),"lambda_": .2}, lambda y,K,alpha,lambda_: norm(y-K@alpha)**2+lambda_*alpha@K@alpha),
    (r"\max_\alpha \sum_{i=1}^n\alpha_i-\frac{1}{2}\sum_{i=1}^n\sum_{j=1}^n\alpha_i\alpha_jy_iy_j\langle x_i,x_j\rangle", "", "alpha", {"alpha": N(4),"y": N(4),"x": N(4,3)}, lambda alpha,y,x: alpha.sum()-.5*(alpha*y)@(x@x.T)@(alpha*y)),
    (r"\frac{1}{2}\|y-x\|_2^2+\lambda\|Dx\|_1", "", "x", {"y": N(4),"x": N(4),"D": N(3,4),"lambda_": .3}, lambda y,x,D,lambda_: .5*norm(y-x)**2+lambda_*abs(D@x).sum()),
    (r"\frac12\sum_{i=1}^n (x_i-y_i)^2 + \lambda\sum_{i=1}^{n-1} |x_{i+1}-x_i|", "", "x", {"y": N(4),"x": N(4),"lambda_": .3,"n": 4}, lambda y,x,lambda_,n: .5*norm(y-x)**2+lambda_*abs(np.diff(x)).sum()),
    (r"f(z) = \frac{1}{4m}\sum_{i=1}^{m}\left(y_i-|\langle a_i, z\rangle|^2\right)^2", "a_i: (n), i=1..m; z: (n); y: (m)", "z", {"a": N(5,3),"z": N(3),"y": N(5),"m": 5}, lambda a,z,y,m: np.sum((y-(a@z)**2)**2)/20),
    (r"f(U) = \frac{1}{2}\sum_{i=1}^{m}\left(\langle A_i,UU^\top\rangle-b_i\right)^2", "", "U", {"A": N(5,3,3),"U": N(3,2),"b": N(5)}, lambda A,U,b: .5*sum((np.sum(A[i]*(U@U.T))-b[i])**2 for i in range(5))),
    (r"\min_{U,V}\frac{1}{2}\left\|\mathcal{P}_{\Omega}\left(M-UV^{\top}\right)\right\|_F^2 + \frac{\lambda}{2}\left(\|U\|_F^2+\|V\|_F^2\right)", "Omega: set (m, n); M: (m, n); U: (m, r); V: (n, r)", "U", {"Omega": (R.random((4,3))>.4)*1.,"M": N(4,3),"U": N(4,2),"V": N(3,2),"lambda_": .2}, lambda Omega,M,U,V,lambda_: .5*norm(Omega*(M-U@V.T))**2+lambda_/2*(norm(U)**2+norm(V)**2)),
    (r"\max_{\|w\|=1} w^TX^TXw", "", "w", {"w": N(3),"X": N(4,3)}, lambda w,X: norm(X@w)**2),
    (r"R = \sum_{i=1}^N \log_2\left(1+\frac{p_i h_i}{\sigma^2}\right)", "", "p", {"p": P(4),"h": P(4),"sigma": .7}, lambda p,h,sigma: np.sum(np.log2(1+p*h/sigma**2))),
    (r"E(s) = -\sum_{i<j} J_{ij} s_i s_j - \sum_i h_i s_i", "", "s", {"J": N(4,4),"s": N(4),"h": N(4)}, lambda J,s,h: -sum(J[i,j]*s[i]*s[j] for i in range(4) for j in range(i+1,4))-h@s),
    (r"E = -\frac{1}{2}\sum_{i,j} w_{ij} s_i s_j + \sum_i \theta_i s_i", "", "s", {"w": N(4,4),"s": N(4),"theta": N(4)}, lambda w,s,theta: -.5*s@w@s+theta@s),
    (r"E = -\mathrm{lse}(\beta, X^T\xi) + \frac{1}{2}\xi^T\xi", "lse(b, u) = logsumexp(b*u)/b; X: (d, N); xi: (d); beta: scalar", "xi", {"X": N(3,4),"xi": N(3),"beta": .8}, lambda X,xi,beta: -lse(beta*X.T@xi)/beta+.5*xi@xi),
    (r"E(v,h) = -a^{\mathrm{T}} v - b^{\mathrm{T}} h - v^{\mathrm{T}} W h", "", "W", {"a": N(3),"v": N(3),"b": N(2),"h": N(2),"W": N(3,2)}, lambda a,v,b,h,W: -a@v-b@h-v@W@h),
    (r"F(v) = -b^\top v - \sum_{j=1}^{m} \log\left(1+e^{c_j + W_j v}\right)", "W: (m, n); v: (n); b: (n); c: (m)", "v", {"b": N(3),"v": N(3),"c": N(4),"W": N(4,3)}, lambda b,v,c,W: -b@v-np.sum(np.logaddexp(0,c+W@v))),
    (r"V = \sum_{i<j} 4\epsilon\left[\left(\frac{\sigma}{r_{ij}}\right)^{12}-\left(\frac{\sigma}{r_{ij}}\right)^{6}\right]", "", "r", {"r": P(3,3)+.5,"epsilon": .3,"sigma": .9}, lambda r,epsilon,sigma: sum(4*epsilon*((sigma/r[i,j])**12-(sigma/r[i,j])**6) for i in range(3) for j in range(i+1,3))),
    (r"U = -\sum_{1 \le i < j \le N} \frac{G m_i m_j}{\left\|\mathbf{r}_i-\mathbf{r}_j\right\|}", "G: scalar; m: (N); r_i: (3), i = 1..N", "r", {"G": 1.5,"m": P(4),"r": N(4,3)}, lambda G,m,r: -sum(G*m[i]*m[j]/norm(r[i]-r[j]) for i in range(4) for j in range(i+1,4))),
    (r"U = -\sum_{1 \le i < j \le N} \frac{G m_i m_j}{\left\|\mathbf{r}_i-\mathbf{r}_j\right\|}", "", "r", {"G": 1.5,"m": P(4),"r": N(4,3)}, lambda G,m,r: -sum(G*m[i]*m[j]/norm(r[i]-r[j]) for i in range(4) for j in range(i+1,4))),
    (r"\mathrm{Stress}(x_1,\ldots,x_n) = \sum_{i<j} \left(d_{ij}-\|x_i-x_j\|\right)^2", "", "x", {"d": P(4,4),"x": N(4,2)}, lambda d,x: sum((d[i,j]-norm(x[i]-x[j]))**2 for i in range(4) for j in range(i+1,4))),
    (r"1-\frac{2\sum_i^N p_ig_i}{\sum_i^N p_i^2+\sum_i^N g_i^2}", "", "p", {"p": P(4),"g": P(4)}, lambda p,g: 1-2*p@g/(p@p+g@g)),
    (r"l_n = - w_n \left[ y_n \cdot \log \sigma(x_n) + (1 - y_n) \cdot \log (1 - \sigma(x_n)) \right]", "sigma = sigmoid; w_n: scalar; y_n: scalar; x_n: scalar", "x_n", {"w_n": .7,"y_n": .3,"x_n": .4}, lambda w_n,y_n,x_n: -w_n*(y_n*log(sg(x_n))+(1-y_n)*log(1-sg(x_n)))),
    (r"\text{similarity} = \dfrac{x_1 \cdot x_2}{\max(\Vert x_1 \Vert _2 \cdot \Vert x_2 \Vert _2, \epsilon)}.", "", "x_1", {"x_1": N(3),"x_2": N(3),"epsilon": 1e-8}, lambda x_1,x_2,epsilon: x_1@x_2/max(norm(x_1)*norm(x_2),epsilon)),
    (r"\text{loss}(x1, x2, y) = \max(0, -y * (x1 - x2) + \text{margin})", "x1: scalar; x2: scalar; y: scalar; margin: scalar", "x1", {"x1": .4,"x2": .9,"y": 1.,"margin": .5}, lambda x1,x2,y,margin: max(0,-y*(x1-x2)+margin)),
    (r"\text{loss} = \frac{1}{2}\left(\log\left(\text{max}\left(\text{var}, \ \text{eps}\right)\right) + \frac{\left(\text{input} - \text{target}\right)^2}{\text{max}\left(\text{var}, \ \text{eps}\right)}\right)", "var: scalar; eps: scalar; input: scalar; target: scalar", "input", {"var": .7,"eps": 1e-6,"input": .3,"target": .8}, lambda var,eps,input,target: .5*(log(max(var,eps))+(input-target)**2/max(var,eps))),
    (r"\mathcal{L}_{BT} \triangleq \sum_i (1-\mathcal{C}_{ii})^2 + \lambda \sum_i \sum_{j\neq i} \mathcal{C}_{ij}^2", "", "C", {"C": N(3,3),"lambda_": .4}, lambda C,lambda_: np.sum((1-np.diag(C))**2)+lambda_*(np.sum(C**2)-np.sum(np.diag(C)**2))),
    (r"\mathcal{D}(p_1,z_2) = -\frac{p_1}{\|p_1\|_2}\cdot\frac{z_2}{\|z_2\|_2}", "", "p_1", {"p_1": N(3),"z_2": N(3)}, lambda p_1,z_2: -p_1@z_2/norm(p_1)/norm(z_2)),
    (r"\sum_{i} \frac{\lambda}{2} F_i (\theta_i - \theta_{A,i}^*)^2", "F: (n); theta: (n); theta_A^*: (n); lambda: scalar", "theta", {"F": P(3),"theta": N(3),"theta_A_star": N(3),"lambda_": .3}, lambda F,theta,theta_A_star,lambda_: .5*lambda_*np.sum(F*(theta-theta_A_star)**2)),
    (r"\min(r A, \mathrm{clip}(r, 1-\epsilon, 1+\epsilon)A)", "r: scalar; A: scalar; epsilon: scalar", "r", {"r": .9,"A": 1.2,"epsilon": .2}, lambda r,A,epsilon: min(r*A,np.clip(r,1-epsilon,1+epsilon)*A)),
    (r"\mathrm{MSBE}(\theta) = \|\Phi\theta - (r+\gamma P\Phi\theta)\|_D^2", "", "theta", {"Phi": N(4,2),"theta": N(2),"r": N(4),"gamma": .9,"P": N(4,4),"D": S(4)}, lambda Phi,theta,r,gamma,P,D: (Phi@theta-r-gamma*P@Phi@theta)@D@(Phi@theta-r-gamma*P@Phi@theta)),
    (r"J = \sum_{i,j=1}^{V} f(X_{ij}) (w_i^T \tilde{w}_j + b_i + \tilde{b}_j - \log X_{ij})^2", "X: (V, V); w_i: (d), i=1..V; w_tilde_j: (d), j=1..V; b: (V); b_tilde: (V); f: elementwise", "w", {"X": P(3,3),"w": N(3,2),"w_tilde": N(3,2),"b": N(3),"b_tilde": N(3),"f": lambda z:z**.75}, lambda X,w,w_tilde,b,b_tilde,f: np.sum(X**.75*(w@w_tilde.T+b[:,None]+b_tilde-log(X))**2)),
    (r"\left[\gamma+\|h+r-t\|_2-\|h'+r-t'\|_2\right]_+", "h: (d); r: (d); t: (d); h': (d); t': (d); gamma: scalar", "r", {"h": N(3),"r": N(3),"t": N(3),"h_prime": N(3),"t_prime": N(3),"gamma": 9.}, lambda h,r,t,h_prime,t_prime,gamma: gamma+norm(h+r-t)-norm(h_prime+r-t_prime)),
    (r"\hat{y}(\mathbf{x}) := w_0 + \sum_{i=1}^{n} w_i x_i + \sum_{i=1}^{n}\sum_{j=i+1}^{n} \langle \mathbf{v}_i, \mathbf{v}_j \rangle x_i x_j", "w_0: scalar; w: (n); x: (n); v_i: (k), i=1..n", "v", {"w_0": .3,"w": N(4),"x": N(4),"v": N(4,2),"n": 4}, lambda w_0,w,x,v,n: w_0+w@x+sum(v[i]@v[j]*x[i]*x[j] for i in range(4) for j in range(i+1,4))),
    (r"R = \arg\min_\Omega \|\Omega A-B\|_F \quad\mathrm{subject\ to}\quad \Omega^T \Omega=I", "", "Omega", {"Omega": N(3,3),"A": N(3,4),"B": N(3,4)}, lambda Omega,A,B: norm(Omega@A-B)),
    (r"\|A\mathbf{x}-\mathbf{b}\|_2^2+\|\Gamma\mathbf{x}\|_2^2", "", "x", {"A": N(4,3),"x": N(3),"b": N(4),"Gamma": N(2,3)}, lambda A,x,b,Gamma: norm(A@x-b)**2+norm(Gamma@x)**2),
    (r"\|A\mathbf{x}-\mathbf{b}\|_P^2+\|\mathbf{x}-\mathbf{x}_0\|_Q^2", "", "x", {"A": N(4,3),"x": N(3),"b": N(4),"P": S(4),"Q": S(3),"x_0": N(3)}, lambda A,x,b,P,Q,x_0: (A@x-b)@P@(A@x-b)+(x-x_0)@Q@(x-x_0)),
    (r"f(X)=\mathrm{tr}(AX^{-1}B)", "", "X", {"A": N(2,3),"X": S(3),"B": N(3,2)}, lambda A,X,B: tr(A@inv(X)@B)),
    (r"\frac{\partial}{\partial X}\log|XX^T|", "", None, {"X": N(2,3)}, lambda X: ld(X@X.T)),
    (r"\mathrm{Tr}\left\{(X^TCX)^{-1}A\right\}", "", "X", {"X": N(3,2),"C": S(3),"A": N(2,2)}, lambda X,C,A: tr(inv(X.T@C@X)@A)),
    (r"\|x\|_\infty + \|x\|_p", "x: (n); p: scalar", "x", {"x": N(4),"p": 3.}, lambda x,p: abs(x).max()+np.sum(abs(x)**p)**(1/p)),
    (r"\frac{1}{2}\|Ax-b\|_2^2 + \lambda \|x\|_\infty", "", "x", {"A": N(4,3),"x": N(3),"b": N(4),"lambda_": .3}, lambda A,x,b,lambda_: .5*norm(A@x-b)**2+lambda_*abs(x).max()),
    (r"\|Ax-b\|_p^p", "", "x", {"A": N(4,3),"x": N(3),"b": N(4),"p": 3.}, lambda A,x,b,p: np.sum(abs(A@x-b)**p)),
    (r"\|x\|_3^3 + \|x\|_4", "", "x", {"x": N(4)}, lambda x: np.sum(abs(x)**3)+np.sum(x**4)**.25),
    (r"\|X\|_2 + \|X\|_{*}", "X: (m, n)", "X", {"X": N(3,2)}, lambda X: norm(X,2)+norm(X,'nuc')),
    (r"\mathrm{max}(s,t)^2", "s: scalar; t: scalar", "s", {"s": .9,"t": .3}, lambda s,t: max(s,t)**2),
    (r"\operatorname{max}(0, 1 - y w^T x)", "y: scalar; w: (n); x: (n)", "w", {"y": -1.,"w": P(3),"x": P(3)}, lambda y,w,x: max(0,1-y*w@x)),
    (r"\max\{0, 1 - y w^T x\} + \max\left\{s, t\right\}", "y: scalar; w: (n); x: (n); s: scalar; t: scalar", "w", {"y": -1.,"w": P(3),"x": P(3),"s": 1.,"t": 2.}, lambda y,w,x,s,t: max(0,1-y*w@x)+max(s,t)),
    (r"n \ln|\Sigma| + \operatorname{tr}\, \Sigma^{-1} S", "", "Sigma", {"n": 5.,"Sigma": S(3),"S": S(3)}, lambda n,Sigma,S: n*ld(Sigma)+tr(inv(Sigma)@S)),
    (r"n \ln|\Psi| + \operatorname{tr} (\Lambda\Lambda^T+\Psi)^{-1} S", "", "Lambda", {"n": 5.,"Psi": S(3),"S": S(3),"Lambda": N(3,2)}, lambda n,Psi,S,Lambda: tr(inv(Lambda@Lambda.T+Psi)@S)),
    (r"\mathbf{y}^T (K_{nm} K_{mm}^{-1} K_{mn} + \sigma^2 I)^{-1} \mathbf{y}", "", "y", {"y": N(4),"K_nm": N(4,2),"K_mm": S(2),"K_mn": N(2,4),"sigma": 3.}, lambda y,K_nm,K_mm,K_mn,sigma: y@inv(K_nm@inv(K_mm)@K_mn+sigma**2*np.eye(4))@y),
    (r"\left|\sum_{k=1}^{n} x_k e^{-2\pi i k t}\right|^2", "x: (n); t: scalar", "x", {"x": N(4),"t": .2}, lambda x,t: abs(np.sum(x*exp(-2j*np.pi*np.arange(1,5)*t)))**2),
    ("0.5*np.linalg.norm(X@w-y)**2 + 0.5*lam*np.dot(w,w)","","w",dict(xw,lam=.3),lambda X,w,y,lam:.5*norm(X@w-y)**2+.5*lam*w@w),
    ("np.mean((X @ w - y)**2)","","w",xw,lambda X,w,y:np.mean((X@w-y)**2)),
    ("np.sum(np.square(X @ w - y)) / N","","w",dict(xw,N=5.),lambda X,w,y,N:np.sum((X@w-y)**2)/N),
    ("-np.mean(y*np.log(p) + (1-y)*np.log(1-p))","","p",{"y": P(4),"p": P(4)/2},lambda y,p:-np.mean(y*log(p)+(1-y)*log(1-p))),
    ("np.sum(np.maximum(0, 1 - y * (X @ w))) + lam * np.sum(w**2)","","w",dict(xw,lam=.2),lambda X,w,y,lam:rl(1-y*(X@w)).sum()+lam*w@w),
    ("np.log(1 + np.exp(-y * (X @ w))).sum()","","w",xw,lambda X,w,y:np.log(1+exp(-y*(X@w))).sum()),
    ("np.trace(A.T @ X @ B)","","X",{"A": N(2,3),"X": N(2,4),"B": N(4,3)},lambda A,X,B:tr(A.T@X@B)),
    ("x @ A @ x - b @ x","","x",{"x": N(3),"A": N(3,3),"b": N(3)},lambda x,A,b:x@A@x-b@x),
    ("x.T.dot(A).dot(x)","","x",{"x": N(3),"A": N(3,3)},lambda x,A:x@A@x),
    ("x.dot(A).dot(x)","","x",{"x": N(3),"A": N(3,3)},lambda x,A:x@A@x),
    ("np.linalg.slogdet(S)[1] + np.trace(np.linalg.inv(S) @ C)","","S",{"S": S(3),"C": N(3,3)},lambda S,C:ld(S)+tr(inv(S)@C)),
    ("-0.5 * (x - mu).T @ np.linalg.inv(Sigma) @ (x - mu)","","mu",{"x": N(3),"mu": N(3),"Sigma": S(3)},lambda x,mu,Sigma:-.5*(x-mu)@inv(Sigma)@(x-mu)),
    ("np.linalg.norm(X - U @ V.T, 'fro')**2","","U",{"X": N(4,3),"U": N(4,2),"V": N(3,2)},lambda X,U,V:norm(X-U@V.T)**2),
    ("np.abs(x).sum() + np.linalg.norm(x, 2) + np.linalg.norm(x, np.inf)","","x",{"x": N(4)},lambda x:abs(x).sum()+norm(x)+abs(x).max()),
    ("np.sum(W1 @ np.tanh(W2 @ x + b))","","W2",{"W1": N(2,4),"W2": N(4,3),"x": N(3),"b": N(4)},lambda W1,W2,x,b:np.sum(W1@np.tanh(W2@x+b))),
    ("np.sqrt(np.sum((x - y)**2))","","x",{"x": N(3),"y": N(3)},lambda x,y:norm(x-y)),
    ("np.sum(A * B)","","A",{"A": N(3,2),"B": N(3,2)},lambda A,B:np.sum(A*B)),
    ("np.outer(u, v).sum() + np.inner(u, v)","","u",{"u": N(3),"v": N(3)},lambda u,v:u.sum()*v.sum()+u@v),
    ("torch.nn.functional.mse_loss(X @ w, y)","","w",xw,lambda X,w,y:np.mean((X@w-y)**2)),
    ("(x - x.mean()).pow(2).sum()","","x",{"x": N(4)},lambda x:np.sum((x-x.mean())**2)),
    ("torch.logsumexp(z, dim=0) - z[k]","","z",{"z": N(4),"k": 2},lambda z,k:lse(z)-z[k-1]),
    ("F.softplus(-y * (X @ w)).mean()","","w",xw,lambda X,w,y:np.mean(np.logaddexp(0,-y*(X@w)))),
    ("torch.norm(A @ x - b)**2 + lam * torch.norm(x, p=1)","","x",{"A": N(4,3),"x": N(3),"b": N(4),"lam": .3},lambda A,x,b,lam:norm(A@x-b)**2+lam*abs(x).sum()),
    ("torch.sum(F.relu(X @ W1) @ W2)","","W1",{"X": N(4,3),"W1": N(3,2),"W2": N(2,2)},lambda X,W1,W2:np.sum(rl(X@W1)@W2)),
    ("jnp.sum(jax.nn.softplus(X @ w)) - jnp.vdot(y, X @ w)","","w",xw,lambda X,w,y:np.sum(np.logaddexp(0,X@w))-y@(X@w)),
    ("t(y - X %*% b) %*% (y - X %*% b)","","b",{"y": N(4),"X": N(4,2),"b": N(2)},lambda y,X,b:norm(y-X@b)**2),
    ("sum((y - X %*% beta)^2) + lambda * sum(beta^2)","","beta",{"y": N(4),"X": N(4,2),"beta": N(2),"lambda_": .3},lambda y,X,beta,lambda_:norm(y-X@beta)**2+lambda_*beta@beta),
    ("log(det(S)) + sum(diag(solve(S) %*% A))","","S",{"S": S(3),"A": N(3,3)},lambda S,A:ld(S)+tr(inv(S)@A)),
    ("crossprod(y - X %*% b)","","b",{"y": N(4),"X": N(4,2),"b": N(2)},lambda y,X,b:norm(y-X@b)**2),
    ("0.5*norm(A*x-b,2)^2 + lambda*norm(x,1)","","x",{"A": N(4,3),"x": N(3),"b": N(4),"lambda_": .3},lambda A,x,b,lambda_:.5*norm(A@x-b)**2+lambda_*abs(x).sum()),
    ("(A*x-b)'*(A*x-b)","","x",{"A": N(4,3),"x": N(3),"b": N(4)},lambda A,x,b:norm(A@x-b)**2),
    ("sum(sum((X - W*H).^2))","","W",{"X": N(4,3),"W": N(4,2),"H": N(2,3)},lambda X,W,H:norm(X-W@H)**2),
    ("norm(X - U*S*V', 'fro')^2","","S",{"X": N(4,3),"U": N(4,2),"S": N(2,2),"V": N(3,2)},lambda X,U,S,V:norm(X-U@S@V.T)**2),
    ("trace(X'*A*X) - 2*sum(sum(X.*B))","","X",{"X": N(3,2),"A": N(3,3),"B": N(3,2)},lambda X,A,B:tr(X.T@A@X)-2*np.sum(X*B)),
    ("x'*inv(A)*x + norm(x,Inf)","","x",{"x": N(3),"A": S(3)},lambda x,A:x@inv(A)@x+abs(x).max()),
    ("y'*(K\\y) + log(det(K))","","K",{"y": N(3),"K": S(3)},lambda y,K:y@inv(K)@y+ld(K)),
    ("-1/m*(y'*log(sigmoid(X*theta)) + (1-y)'*log(1-sigmoid(X*theta)))","","theta",{"X": N(4,3),"theta": N(3),"y": P(4),"m": 4.},lambda X,theta,y,m:-1/m*(y@log(sg(X@theta))+(1-y)@log(1-sg(X@theta)))),
    ("sum(abs2, A*x .- b)","","x",{"A": N(4,3),"x": N(3),"b": N(4)},lambda A,x,b:norm(A@x-b)**2),
    ("sum(log.(1 .+ exp.(-y .* (X*w))))","","w",xw,lambda X,w,y:np.log(1+exp(-y*(X@w))).sum()),
    ("tr(A*X) + logdet(X) + norm(X)^2","","X",{"A": N(3,3),"X": S(3)},lambda A,X:tr(A@X)+ld(X)+norm(X)**2),
    ("x'A*x + b⋅x","","x",{"x": N(3),"A": N(3,3),"b": N(3)},lambda x,A,b:x@A@x+b@x),
    ("Sum[Log[1 + Exp[-y[[i]] w.x[[i]]]], {i, n}]","","w",{"y": N(5),"w": N(3),"x": N(5,3)},lambda y,w,x:np.sum(log(1+exp(-y*(x@w))))),
    ("Sum[(y[[i]] - w.x[[i]])^2, {i, 1, n}] + lambda Norm[w]^2","","w",{"y": N(5),"w": N(3),"x": N(5,3),"lambda_": .3},lambda y,w,x,lambda_:np.sum((y-x@w)**2)+lambda_*w@w),
    ("Tr[Transpose[X].A.X]","","X",{"X": N(3,2),"A": N(3,3)},lambda X,A:tr(X.T@A@X)),
    ("Log[Det[X]] + Tr[Inverse[X].B]","","X",{"X": S(3),"B": N(3,3)},lambda X,B:ld(X)+tr(inv(X)@B)),
    ("Total[(A.x - b)^2]","","x",{"A": N(4,3),"x": N(3),"b": N(4)},lambda A,x,b:norm(A@x-b)**2),
    ("log det(X) + trace(X^-1 S)","","X",{"X": S(3),"S": S(3)},lambda X,S:ld(X)+tr(inv(X)@S)),
    ("||Y - X B||_F^2 + lambda ||B||_{2,1}","","B",{"Y": N(4,2),"X": N(4,3),"B": N(3,2),"lambda_": .3},lambda Y,X,B,lambda_:norm(Y-X@B)**2+lambda_*np.sum(norm(B,axis=1))),
    ("minimize ||Ax - b||_2^2 + lambda ||x||_inf","","x",{"A": N(4,3),"x": N(3),"b": N(4),"lambda_": .3},lambda A,x,b,lambda_:norm(A@x-b)**2+lambda_*abs(x).max()),
    ("sum_i log(1 + exp(-y_i w^T x_i))","","w",{"y": N(5),"w": N(3),"x": N(5,3)},lambda y,w,x:np.sum(log(1+exp(-y*(x@w))))),
    ("sum_{i,j} w_ij ||x_i - x_j||^2","","x",{"w": N(4,4),"x": N(4,2)},lambda w,x:np.sum(w*np.sum((x[:,None]-x[None])**2,2))),
    ("max(0, 1 - y w'x) + C||w||^2","y: scalar; C: scalar; w: (n); x: (n)","w",{"y": -1.,"C": .3,"w": P(3),"x": P(3)},lambda y,C,w,x:max(0,1-y*w@x)+C*w@w),
    ("gradient of x^T A x + b^T x + c with respect to x","",None,{"x": N(3),"A": N(3,3),"b": N(3),"c": .2},lambda x,A,b,c:x@A@x+b@x),
    ("d/dW 1/2 ||W x - y||^2","",None,{"W": N(2,3),"x": N(3),"y": N(2)},lambda W,x,y:.5*norm(W@x-y)**2),
    ("xᵀAx / xᵀx","","x",{"x": N(3),"A": N(3,3)},lambda x,A:x@A@x/(x@x)),
    ("-y^T log(softmax(Wx + b))","","W",{"y": N(3),"W": N(3,4),"x": N(4),"b": N(3)},lambda y,W,x,b:-y@(W@x+b-lse(W@x+b))),
    ("tr((A - XB)(A - XB)^T)","","X",{"A": N(3,4),"X": N(3,2),"B": N(2,4)},lambda A,X,B:norm(A-X@B)**2),
    ("sum(log(1 + exp(-y .* (X*w))))/n + lambda/2*w'*w","","w",dict(xw,lambda_=.2,n=5),lambda X,w,y,lambda_,n:np.log(1+exp(-y*(X@w))).sum()/n+lambda_/2*w@w),
    ("norm(x,3)^3 + norm(x, p)","p: scalar","x",{"x": N(4),"p": 2.5},lambda x,p:np.sum(abs(x)**3)+np.sum(abs(x)**p)**(1/p)),
    ("min(s,t) + max(s, t, 0)","s: scalar; t: scalar","s",{"s": .9,"t": .3},lambda s,t:min(s,t)+max(s,t,0)),
    ("sum(triu(A)) + norm(tril(A,-1))^2","A: (n,n)","A",{"A": N(3,3)},lambda A:np.triu(A).sum()+norm(np.tril(A,-1))**2),
    ("f(x) = 1/2 x^T Q x - c^T x s.t. Ax <= b","","x",{"Q": N(3,3),"x": N(3),"c": N(3)},lambda Q,x,c:.5*x@Q@x-c@x),
    ("lambda*(||w||^2 + ||v||^2)","","w",{"lambda_": .3,"w": N(3),"v": N(2)},lambda lambda_,w,v:lambda_*(w@w+v@v)),
    (r"\lambda(\|w\|^2 + \|v\|^2)","","w",{"lambda_": .3,"w": N(3),"v": N(2)},lambda lambda_,w,v:lambda_*(w@w+v@v)),
    (r"\|Xw-y\|^2 + \alpha(w^T w + 1)","","w",dict(xw,alpha=.3),lambda X,w,y,alpha:norm(X@w-y)**2+alpha*(w@w+1)),
    (r"\mu(\log\det X) - \lambda(1 - \mathrm{tr} X)","","X",{"mu": .4,"X": S(3),"lambda_": .2},lambda mu,X,lambda_:mu*ld(X)-lambda_*(1-tr(X))),
    # an index as a number, from 0, in parentheses
    (r"\sum_{t=0}^{T} \gamma^t r_t", "", "r", {"r": N(5), "gamma": 0.8, "T": 4}, lambda r, gamma, T: np.sum(gamma ** np.arange(5) * r)),
    (r"\sum_{k=1}^{N} \lambda^{N-k} (y_k - \theta^T \varphi_k)^2", "", "theta", {"lambda_": 0.9, "y": N(4), "theta": N(2), "varphi": N(4, 2), "N": 4}, lambda lambda_, y, theta, varphi, N: np.sum(lambda_ ** (4 - np.arange(1, 5)) * (y - varphi @ theta) ** 2)),
    (r"\sum_{t=1}^{T} (y_t - a - b t)^2", "", "b", {"y": N(4), "a": 0.3, "b": 0.7}, lambda y, a, b: np.sum((y - a - b * np.arange(1, 5)) ** 2)),
    (r"J = \sum_{k=0}^{N-1} ( x_k^T Q x_k + u_k^T R u_k ) + x_N^T P x_N", "", "x", {"x": N(4, 2), "u": N(3, 2), "Q": N(2, 2), "R": N(2, 2), "P": N(2, 2), "N": 3}, lambda x, u, Q, R, P, N: sum(x[k] @ Q @ x[k] for k in range(3)) + x[3] @ P @ x[3]),
    (r"\sum_{t=1}^{N} \|x_{t} - A x_{t-1}\|^2 + \|x_0\|^2", "", "A", {"x": N(5, 2), "A": N(2, 2), "N": 4}, lambda x, A, N: np.sum((x[1:] - x[:-1] @ A.T) ** 2)),
    (r"\sum_{n=0}^{N-1} |x[n] - \hat{x}[n]|^2", "", "x_hat", {"x": N(4), "x_hat": N(4), "N": 4}, lambda x, x_hat, N: np.sum((x - x_hat) ** 2)),
    (r"\sum_{t=1}^{T} x(t)^T Q x(t)", "", "x", {"x": N(4, 2), "Q": N(2, 2)}, lambda x, Q: np.einsum("ti,ij,tj", x, Q, x)),
    (r"\sum_{v}\sum_{u \in N(v)} \|h_v - h_u\|^2", "", "h", {"h": N(3, 2), "N": np.array([[0.0, 1, 0], [1, 0, 1], [0, 1, 0]])}, lambda h, N: sum(N[v, u] * norm(h[v] - h[u]) ** 2 for v in range(3) for u in range(3))),
    (r"\frac{\lambda}{2}\sum_{i,j} (1 - \delta_{ij}) \rho_{ij}^2", "", "rho", {"lambda_": 0.3, "rho": N(3, 3)}, lambda lambda_, rho: lambda_ / 2 * (np.sum(rho**2) - np.sum(np.diag(rho) ** 2))),
    ("Σ_{i=1}^n (y_i − wᵀx_i)²", "", "w", {"y": N(4), "w": N(2), "x": N(4, 2)}, lambda y, w, x: np.sum((y - x @ w) ** 2)),
    ("(1/n) Σ_i (y_i − wᵀx_i)²", "", "w", {"y": N(4), "w": N(2), "x": N(4, 2), "n": 4}, lambda y, w, x, n: np.mean((y - x @ w) ** 2)),
    # families that nobody declares
    (r"\frac{1}{2}\sum_{l=1}^{L}\|W^{(l)}\|_F^2", "", "W", {"W": N(3, 2, 2)}, lambda W: 0.5 * np.sum(W**2)),
    (r"\sum_k n_k \log|\Sigma_k| + n_k \operatorname{tr}(\Sigma_k^{-1} S_k)", "", "Sigma", {"n": P(2), "Sigma": S(2, 2), "S": S(2, 2)}, lambda n, Sigma, S: sum(n[k] * (ld(Sigma[k]) + tr(inv(Sigma[k]) @ S[k])) for k in range(2))),
    (r"\sum_i \|y_i - A_i x\|^2", "", "x", {"y": N(3, 2), "A": N(3, 2, 2), "x": N(2)}, lambda y, A, x: sum(norm(y[i] - A[i] @ x) ** 2 for i in range(3))),
    # functions of matrices, of numbers
    (r"\|e^{A} - B\|_F^2", "", "A", {"A": N(3, 3) / 2, "B": N(3, 3)}, lambda A, B: norm(expm(A) - B) ** 2),
    (r"f(X) = -\log\det(X) + \mathbf{tr}(CX)", "", "X", {"X": S(3), "C": N(3, 3)}, lambda X, C: tr(C @ X) - ld(X)),
    (r"\frac{\Gamma(\alpha+\beta)}{\Gamma(\alpha)\Gamma(\beta)} x^{\alpha-1}(1-x)^{\beta-1}", "", "alpha", {"alpha": 1.3, "beta": 2.1, "x": 0.4}, lambda alpha, beta, x: gamma(alpha + beta) / gamma(alpha) / gamma(beta) * x ** (alpha - 1) * (1 - x) ** (beta - 1)),
    (r"\sum_{t=1}^{T} \log \mathcal{N}(y_t; C x_t, R)", "", "C", {"y": N(4, 2), "C": N(2, 3), "x": N(4, 3), "R": S(2)}, lambda y, C, x, R: -0.5 * np.einsum("ti,ij,tj", y - x @ C.T, inv(R), y - x @ C.T)),
    ("Total[Log[1 + Exp[-y (X.w)]]]", "", "w", {"y": N(4), "X": N(4, 2), "w": N(2)}, lambda y, X, w: np.sum(log(1 + exp(-y * (X @ w))))),
    ("y'[I - X(X'X)^{-1}X']y", "", "y", {"y": N(4), "X": N(4, 2)}, lambda y, X: y @ y - y @ X @ inv(X.T @ X) @ X.T @ y),
    ("torch.clamp(x, min=0).sum() + np.clip(x, 0, 1).sum()", "", "x", {"x": N(4)}, lambda x: rl(x).sum() + np.clip(x, 0, 1).sum()),
    # from NumPy, R, Julia, Mathematica: what is added to a matrix is added to its rows
    ("np.sum((np.tanh(X @ W1 + b1) @ W2 + b2 - Y)**2)", "", "b1", {"X": N(4, 3), "W1": N(3, 2), "b1": N(2), "W2": N(2, 3), "b2": N(3), "Y": N(4, 3)}, lambda X, W1, b1, W2, b2, Y: np.sum((np.tanh(X @ W1 + b1) @ W2 + b2 - Y) ** 2)),
    ("((X - X.mean(axis=0))**2).sum()", "", "X", {"X": N(4, 3)}, lambda X: np.sum((X - X.mean(axis=0)) ** 2)),
    ("((X - X.mean(axis=1, keepdims=True))**3).sum()", "", "X", {"X": N(4, 3)}, lambda X: np.sum((X - X.mean(axis=1, keepdims=True)) ** 3)),
    ("np.mean((X - mu)**4)", "X: (n, d); mu: (d)", "mu", {"X": N(4, 3), "mu": N(3)}, lambda X, mu: np.mean((X - mu) ** 4)),
    ("mean(abs2, A*x .- b)", "", "x", {"A": N(4, 3), "x": N(3), "b": N(4)}, lambda A, x, b: np.mean((A @ x - b) ** 2)),
    ("norm_1(x) + norm_2(x)^2", "", "x", {"x": N(4)}, lambda x: np.sum(np.abs(x)) + x @ x),
    ("Tr{A^T X} + Tr{X^T X}", "", "X", {"A": N(4, 3), "X": N(4, 3)}, lambda A, X: tr(A.T @ X) + tr(X.T @ X)),
    ("sum(plogis(X %*% b)) + sum(pnorm(X %*% b))", "", "b", {"X": N(4, 3), "b": N(3)}, lambda X, b: np.sum(1 / (1 + exp(-X @ b))) + np.sum(ndtr(X @ b))),
    ("np.sum((w * X - Y)**2) + np.sum((X / s)**2)", "w: (n); s: (n)", "w", {"w": N(3), "X": N(4, 3), "Y": N(4, 3), "s": P(3)}, lambda w, X, Y, s: np.sum((w * X - Y) ** 2) + np.sum((X / s) ** 2)),
    ("np.sum(np.exp(-(X - c)**2))", "", "c", {"X": N(4, 3), "c": N(3)}, lambda X, c: np.sum(exp(-((X - c) ** 2)))),
    # definitions before the objective, behind it, of what has entries
    ("e = y - X*b; e'*e", "", "b", {"b": N(3), "y": N(4), "X": N(4, 3)}, lambda b, y, X: np.sum((y - X @ b) ** 2)),
    ("z = W*x + b; a = tanh(z); L = norm(a - y)^2", "", "W", {"W": N(4, 3), "x": N(3), "b": N(4), "y": N(4)}, lambda W, x, b, y: norm(np.tanh(W @ x + b) - y) ** 2),
    (r"-\sum_{c=1}^{C} y_c \log \hat{y}_c, \quad \hat{y} = \mathrm{softmax}(Wx + b)", "", "W", {"y": P(4), "W": N(4, 3), "x": N(3), "b": N(4)}, lambda y, W, x, b: -y @ log(exp(W @ x + b) / np.sum(exp(W @ x + b)))),
    # sums whose index stands in the names only; sums that stand apart
    ("sum (y_i - x_i'b)^2", "", "b", {"y": N(4), "x": N(4, 3), "b": N(3)}, lambda y, x, b: np.sum((y - x @ b) ** 2)),
    ("sum of squared errors: sum (y_i - (a + b*x_i))^2", "a: scalar; b: scalar; x: (n); y: (n)", "b", {"y": N(4), "x": N(4), "a": 0.4, "b": 0.7}, lambda y, x, a, b: np.sum((y - a - b * x) ** 2)),
    ("-sum(y_i*log(p_i) + (1-y_i)*log(1-p_i))", "", "p", {"y": N(4), "p": np.array([0.2, 0.4, 0.7, 0.9])}, lambda y, p: -np.sum(y * log(p) + (1 - y) * log(1 - p))),
    ("find d/dw of sum (y - Xw)^2", "", None, {"w": N(3), "y": N(4), "X": N(4, 3)}, lambda w, y, X: np.sum((y - X @ w) ** 2)),
    (r"\log(\sum_j \exp(w_j^T x)) - w_k^T x", "", "w", {"w": N(4, 3), "x": N(3), "k": 2}, lambda w, x, k: log(np.sum(exp(w @ x))) - w[k - 1] @ x),
    # declarations and questions around the formula
    ("f(X) = tr(X^T A X), X is n by p, A is n by n", "", "X", {"X": N(4, 3), "A": N(4, 4)}, lambda X, A: tr(X.T @ A @ X)),
    ("A is an n x n matrix, x is a vector: x^T A^2 x", "", "x", {"A": N(3, 3), "x": N(3)}, lambda A, x: x @ A @ A @ x),
    ("for A in R^{m x n}, x in R^n: ||A x||^2", "", "x", {"A": N(4, 3), "x": N(3)}, lambda A, x: norm(A @ x) ** 2),
    ("if A is symmetric, what is the derivative of x'Ax with respect to x?", "", None, {"x": N(3), "A": Sy(3)}, lambda x, A: x @ A @ x),
    ("partial derivative of (x-mu)^T S^{-1} (x-mu) wrt S where S is symmetric", "", None, {"S": S(3), "x": N(3), "mu": N(3)}, lambda S, x, mu: (x - mu) @ inv(S) @ (x - mu)),
    ("I want to minimize ||Y - XB||_F^2 + lambda ||B||_F^2 over B", "", None, {"B": N(3, 2), "Y": N(4, 2), "X": N(4, 3), "lambda_": 0.3}, lambda B, Y, X, lambda_: norm(Y - X @ B) ** 2 + lambda_ * norm(B) ** 2),
    ("let e = y - Xb, minimize e'e wrt b", "", None, {"b": N(3), "y": N(4), "X": N(4, 3)}, lambda b, y, X: np.sum((y - X @ b) ** 2)),
    ("f(x) = x'*A*x. Find the gradient of f.", "", "x", {"x": N(3), "A": N(3, 3)}, lambda x, A: x @ A @ x),
    ("x'*A*x; A symmetric, x is a vector", "", "x", {"x": N(3), "A": Sy(3)}, lambda x, A: x @ A @ x),
    # capitals that are numbers or vectors
    (r"Y = A K^\alpha L^{1-\alpha}", "", "K", {"A": P(), "K": P(), "L": P(), "alpha": 0.3}, lambda A, K, L, alpha: A * K**alpha * L ** (1 - alpha)),
    ("N*x'*P*x", "", "x", {"N": 3.0, "x": N(3), "P": N(3, 3)}, lambda N, x, P: N * x @ P @ x),
    (r"\frac{1}{4N^2M^2}\sum_{i,j}(G_{ij}-A_{ij})^2", "", "G", {"N": 2.0, "M": 1.5, "G": N(3, 3), "A": N(3, 3)}, lambda N, M, G, A: np.sum((G - A) ** 2) / (4 * N**2 * M**2)),
    (r"(\Pi-\mu)^T(\tau\Sigma)^{-1}(\Pi-\mu)+(Q-P\mu)^T\Omega^{-1}(Q-P\mu)", "", "mu", {"Pi": N(3), "mu": N(3), "tau": P(), "Sigma": N(3, 3), "Q": N(2), "P": N(2, 3), "Omega": N(2, 2)}, lambda Pi, mu, tau, Sigma, Q, P, Omega: (Pi - mu) @ inv(tau * Sigma) @ (Pi - mu) + (Q - P @ mu) @ inv(Omega) @ (Q - P @ mu)),
    # marks and functions of papers
    (r"\[ \ell(\Sigma) = -\log|\Sigma| - \mathrm{tr}(S\Sigma^{-1}) \]", "", "Sigma", {"S": N(3, 3), "Sigma": S(3)}, lambda S, Sigma: -ld(Sigma) - tr(S @ inv(Sigma))),
    (r"\nabla_x \|Ax-b\|^2 = 0", "", None, {"x": N(3), "A": N(4, 3), "b": N(4)}, lambda x, A, b: norm(A @ x - b) ** 2),
    (r"P(\theta)=\frac{1}{\mathbf a^T(\theta)\mathbf R^{-1}\mathbf a(\theta)}", "a(theta) = a; a: (n); R: (n, n)", "a", {"a": N(3), "R": S(3)}, lambda a, R: 1 / (a @ inv(R) @ a)),
    (r"\overline{\mathrm{BE}}(w) = \|\Pi(R+\gamma P\Phi w)-\Phi w\|_D^2", "Pi: (n, n); R: (n); P: (n, n); Phi: (n, d); D: (n, n) diagonal", "w", {"Pi": N(3, 3), "R": N(3), "P": N(3, 3), "Phi": N(3, 2), "D": np.diag(P(3)), "w": N(2), "gamma": 0.9}, lambda Pi, R, P, Phi, D, w, gamma: (Pi @ (R + gamma * P @ Phi @ w) - Phi @ w) @ D @ (Pi @ (R + gamma * P @ Phi @ w) - Phi @ w)),
    (r"\log\mathcal N(\mathbf y\mid\mathbf 0,\sigma^2\mathbf I+\mathbf Q)", "Q: (n, n) spd", "sigma", {"y": N(3), "Q": S(3), "sigma": 0.7}, lambda y, Q, sigma: -0.5 * (y @ inv(Q + sigma**2 * np.eye(3)) @ y + ld(Q + sigma**2 * np.eye(3)))),
    (r"L_i=-f_{y_i}+\log\sum_je^{f_j}", "y_i: integer; f: (K)", "f", {"f": N(4), "y_i": 2}, lambda f, y_i: -f[y_i - 1] + log(np.sum(exp(f)))),
    (r"\left\|y-\sum_{j=1}^JX_j\beta_j\right\|^2+\lambda\sum_{j=1}^J\|\beta_j\|", "", "beta", {"y": N(4), "X": N(2, 4, 3), "beta": N(2, 3), "lambda_": 0.4}, lambda y, X, beta, lambda_: norm(y - np.einsum("jnd,jd->n", X, beta)) ** 2 + lambda_ * np.sum(norm(beta, axis=1))),
    (r"\sum_{i,j} W_{ij}(R_{ij}-U_i^TV_j)^2+\lambda\sum_{i}\|U_i\|_{Fro}^2", "", "U", {"W": N(4, 5), "R": N(4, 5), "U": N(4, 3), "V": N(5, 3), "lambda_": 0.4}, lambda W, R, U, V, lambda_: np.sum(W * (R - U @ V.T) ** 2) + lambda_ * np.sum(U**2)),
    (r"-\frac12\sum_{t=2}^T(x_t-Ax_{t-1})^\top Q^{-1}(x_t-Ax_{t-1})-\frac{T-1}{2}\log|Q|", "x_t: (d), t = 1..T", "Q", {"x": N(5, 2), "A": N(2, 2), "Q": S(2)}, lambda x, A, Q: -0.5 * np.einsum("ti,ij,tj", x[1:] - x[:-1] @ A.T, inv(Q), x[1:] - x[:-1] @ A.T) - 2 * ld(Q)),
    (r"\|x_{t+1} - A x_t\|^2", "", "A", {"x": N(5, 2), "A": N(2, 2), "t": 3}, lambda x, A, t: norm(x[t] - A @ x[t - 1]) ** 2),
    (r"(x-y)^T\Gamma(x-y)", "", "x", {"x": N(3), "y": N(3), "Gamma": N(3, 3)}, lambda x, y, Gamma: (x - y) @ Gamma @ (x - y)),
    (r"\max(0, 1 - y(w^T x + b))", "", "w", {"y": 0.3, "w": P(3), "x": P(3), "b": 0.1}, lambda y, w, x, b: rl(1 - y * (w @ x + b))),
    (r"\log\mid\Sigma\mid + \mid x - \mu\mid^2", "", "mu", {"Sigma": S(3), "x": N(3), "mu": N(3)}, lambda Sigma, x, mu: ld(Sigma) + norm(x - mu) ** 2),
)

# What is asked back: the text, its declarations, the variable, one of the words of the message.
ASKED = (
    (r"L^{CLIP}(\theta) = \hat{\mathbb{E}}_t\left[\min(r_t(\theta)\hat{A}_t, \mathrm{clip}(r_t(\theta), 1-\epsilon, 1+\epsilon)\hat{A}_t)\right]", "", "theta", "mean over samples"),
    (r"\mathbb{E}\left[\|x - \hat{x}\|^2\right]", "", "x_hat", "mean over samples"),
    (r"\mathbb{E}_{x\sim p}[(y - w^\top x)^2]", "", "w", "mean over samples"),
    ("np.einsum('ij,jk->ik', A, B).sum()","","A","einsum"),
    ("E[(x - mu)^2]","","mu","mean over samples"),
    ("E[||x - A z||^2]","x: (n) random","A","mean over samples"),
    ("sum(triu(A, 2))","","A","triu","entries"),
    (r"\sum_{i} \frac{-1}{|P(i)|} \sum_{p \in P(i)} z_i z_p", "", "z", "a set of pairs is P_i"),
    (r"\frac{1}{|B|}\sum_{i\in B} \ell(x_i)", "", "x", "how many"),
    (r"\sum_{ijk} (X_{ijk} - a_i b_j c_k)^2", "", "a", "three indices"),
    (r"\|y-X\beta\|_2^2+\lambda\sum_{g=1}^G \|\beta_g\|_2", "", "beta", "is a family"),
    (r"\sum_{t=0}^{\infty} \beta^{t} \ln c_t", "", "c", "without end"),
    (r"\|\mathcal{A}(X) - b\|_2^2", "", "X", "define it"),
    (r"\|f\|_{\mathcal{H}}^2", "", "f", "alpha'*K*alpha"),
    (r"\|X\|_\infty", "", "X", "largest sum of a row"),
    (r"\sum_i \sigma_i(X)^2", "", "X", "normnuc"),
    (r"\frac{1}{2} \dot{q}^T M(q) \dot{q}", "", "M", "define it"),
    (r"(1-\alpha) H(y, \sigma(z_s)) + 1", "", "z_s", "H(u, v) ="),
    (r"x_+^{2} \alpha", "x: scalar", "x", "positive part"),
    (r"\sum_{i:C_i=1} x_i^2", "", "x", "0/1 array"),
    ("F.cross_entropy(logits, target)", "", "logits", "logsumexp"),
    ("torch.clamp(x, max=0).sum()", "", "x", "min(x, c)"),
    ("x cross y", "", "x", "words"),
    ("np.linalg.norm(x - y, axis=1).sum()", "", "x", "norm21"),
    ("log_3(x)", "x: scalar", "x", "log(x)/log(3)"),
    ("A(:)'*B(:)", "", "A", "vec(A)", "vec(X)"),
    (r"\mathrm{Tr}(\rho H)", "", "rho", "rho: (n, n)"),
    ("np.sum(X * w)", "", "w", "w: (n) or w: scalar"),
    ("torch.mean((torch.relu(X @ W1 + b1) @ W2 + b2 - y)**2)", "", "W1", "y: (m, n)"),
    (r"\|y-h*x\|_2^2+\lambda\|x\|_1", "", "x", "convolution"),
    ("np.mean((y - x @ w)**2)", "", "w", "x: (n, p)"),
    (r"\sum_j \log g(w_j^Tx) + \log|W|", "", "W", "W: (m, n)"),
    (r"\sum_{i,j}\alpha_i\alpha_jK(x_i,x_j)", "", "alpha", "K(u, v) ="),
    (r"\|x^a - x^p\|^2", "", "x^a", "x^a: (n)"),
    (r"\sum_{i=1}^nH_\delta(y_i-x_i^\top\beta)", "", "beta", "huber(u, delta)"),
    (r"\sum_n (t_n - \mathbf w^T\boldsymbol\phi(\mathbf x_n))^2", "", "w", "phi: (d) -> (M)"),
    ("mean((y_i - w'x_i)^2)", "", "w", "1/n sum_i"),
    (r"\|\mu_t - \alpha_{t-1} x_t\|^2", "", "x", "no sum binds"),
    (r"\|X-A(C\odot B)^T\|_F^2", "C: (k, r); B: (j, r)", "A", "khatrirao"),
    ("tr(X^k)", "", "X", "X: scalar"),
    ("sum(vecnorm(X).^2)", "", "X", "norm21"),
    ("np.linalg.multi_dot([A, B, C])", "", "B", "A*B*C"),
    ("-sum(dnorm(y, X %*% b, s, log=TRUE))", "", "b", "logarithm of the density"),
    ("gradiant of ||x||^2", "", "x", "gradient"),
    ("x'*A*x, where A symetric", "", "x", "symmetric"),
    ("A x over b", "", "x", "words"),
    (r"\begin{align} e &= y - Xb\\ L &= e^T e \end{align}", "", "b", "defined in where"),
    (r"\documentclass{article}\begin{document} $x^T A x$ \end{document}", "", "x", "one formula"),
    ("x'*A*x", "and the rest", "x", "begins with a name"),
)
