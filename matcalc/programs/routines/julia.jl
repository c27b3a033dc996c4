# Routines of programs in Julia: a program has the text of those that it uses.

# The array with so many axes, new ones of length 1 first.
front(x, from, to) = reshape(x, ntuple(_ -> 1, to - from)..., size(x)...)

# The products of matrices along the first axis of arrays with three; one matrix stands for all.
function stacked(a, b)
    pages = [a[min(k, end), :, :] * b[min(k, end), :, :] for k in 1:max(size(a, 1), size(b, 1))]
    return permutedims(cat(pages..., dims=3), (3, 1, 2))
end

# The second of two axes as the third.
middle(x) = reshape(x, size(x, 1), 1, size(x, 2))

# The first two axes in each other's place.
swapped_first(x) = permutedims(x, (2, 1, 3))

# The sums of an array over its first axis, with the columns of a as weights.
function first_times(a, x)
    p, q, r = size(x)
    return reshape(a * reshape(x, p, q * r), size(a, 1), q, r)
end

# K a: row (i, j) where row (j, i) was, j counting to p.
commuted(a, p) = a[vec(permutedims(reshape(1:size(a, 1), :, p))), :]

# The matrix of the blocks Diag(w[:, i, j]), of size m; of diagonal matrices with one number where w has one matrix.
function of_blocks(w, m)
    p, q = size(w, 2), size(w, 3)
    h = zeros(p * m, q * m)
    for j in 1:q, i in 1:p, k in 1:m
        h[(i - 1) * m + k, (j - 1) * m + k] = w[min(k, end), i, j]
    end
    return h
end

# The block diagonal matrix of m blocks w[k, :, :], or of one m times.
function of_outer_blocks(w, m)
    p, q = size(w, 2), size(w, 3)
    h = zeros(p * m, q * m)
    for k in 1:m
        h[((k - 1) * p + 1):(k * p), ((k - 1) * q + 1):(k * q)] = w[min(k, end), :, :]
    end
    return h
end

# The matrices x[k, :, :] + Diag(d[k, :]).
function plus_diagonals(x, d)
    h = float.(x)
    for k in axes(h, 1), i in 1:min(size(h, 2), size(h, 3))
        h[k, i, i] += ndims(d) == 0 ? d : d[size(d, 1) == 1 ? 1 : k, size(d, 2) == 1 ? 1 : i]
    end
    return h
end

# The matrix of the blocks x' Diag(w[:, i, j]) y.
function gram(x, w, y)
    a, b, p, q = size(x, 2), size(y, 2), size(w, 2), size(w, 3)
    h = zeros(p * a, q * b)
    for j in 1:q, i in 1:p
        h[((i - 1) * a + 1):(i * a), ((j - 1) * b + 1):(j * b)] = x' * (w[:, i, j] .* y)
    end
    return h
end

# The block diagonal matrix of the blocks x' Diag(w[:, i]) y.
function block_diagonal_gram(x, w, y)
    a, b, p = size(x, 2), size(y, 2), size(w, 2)
    h = zeros(p * a, p * b)
    for i in 1:p
        h[((i - 1) * a + 1):(i * a), ((i - 1) * b + 1):(i * b)] = x' * (w[:, i] .* y)
    end
    return h
end

# The matrices a Diag(p[k, :]) b, along the first axis.
function inside(a, p, b)
    pages = [a * (p[k, :] .* b) for k in axes(p, 1)]
    return permutedims(cat(pages..., dims=3), (3, 1, 2))
end

# The Kronecker product column by column.
khatri_rao(x, y) = reduce(hcat, [kron(x[:, j], y[:, j]) for j in axes(x, 2)])

# The inner product of x with each block of y.
function blockinner(x, y)
    p, q = size(x)
    return [dot(x, y[((i - 1) * p + 1):(i * p), ((j - 1) * q + 1):(j * q)]) for i in 1:(size(y, 1) ÷ p), j in 1:(size(y, 2) ÷ q)]
end

# The sum of the blocks of y, weighted by the entries of x.
function blocksum(x, y)
    p, q = size(y) .÷ size(x)
    return sum(x[i, j] * y[((i - 1) * p + 1):(i * p), ((j - 1) * q + 1):(j * q)] for i in axes(x, 1), j in axes(x, 2))
end

# The transpose of diff.
function difft(x)
    zero_row = zeros(1, size(x, 2))
    return -diff(vcat(zero_row, x, zero_row), dims=1)
end

# The orthogonal factor of the polar decomposition.
function polar(a)
    f = svd(a)
    return f.U * f.Vt
end

# For each entry the product of the others.
products_of_others(x) = reshape([prod(Float64[x[k] for k in 1:length(x) if k != i]) for i in 1:length(x)], size(x))

# The adjugate, by singular values.
function adjugate(a)
    f = svd(a)
    return det(f.U) * det(f.Vt) * (f.V * Diagonal(products_of_others(f.S)) * f.U')
end

# (λ I - a)⁺ for the largest eigenvalue λ of a symmetric a.
function resolvent(a)
    f = eigen(Symmetric(a))
    inverses = [1 ./ (f.values[end] .- f.values[1:(end - 1)]); 0]
    return f.vectors * Diagonal(inverses) * f.vectors'
end

# The Fréchet derivative of a function of matrices, from its value at a block matrix (Higham 2008, 3.16).
function frechet(f, a, e)
    n, s = size(a, 1), opnorm(e, 1) / opnorm(a, 1)
    s = 0 < s < Inf ? s : 1.0  # the block of e is to be as large as those of a
    return real(f([a e/s; zero(a) a])[1:n, (n + 1):(2 * n)]) * s
end

# The second Fréchet derivative of a function of matrices, from its value at a block matrix (Higham and Relton 2014).
function frechet2(f, a, y, z)
    n, o, p, q = size(a, 1), zero(a), opnorm(y, 1) / opnorm(a, 1), opnorm(z, 1) / opnorm(a, 1)
    p, q = 0 < p < Inf ? p : 1.0, 0 < q < Inf ? q : 1.0
    y, z = y / p, z / q
    return real(f([a y z o; o a o z; o o a y; o o o a])[1:n, (3 * n + 1):(4 * n)]) * (p * q)
end

# The matrix of a linear function of matrices like a, between columns stacked.
jacobian_of(f, a) = reduce(hcat, [vec(f(reshape(Float64.(1:length(a) .== k), size(a)))) for k in 1:length(a)])
