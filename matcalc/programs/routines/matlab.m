% Routines of programs in MATLAB: a program has the text of those that it uses.

% x with so many axes, new ones of length 1 first; it has as many as `from` says.
function y = front(x, from, to)
    lengths = size(x);
    y = reshape(x, [ones(1, to - from), lengths(1:from)]);
end

% a where it is so, b elsewhere.
function y = either(so, a, b)
    y = b + zeros(size(so));
    a = a + zeros(size(so));
    y(so) = a(so);
end

% The products of matrices along the first axis of arrays with three; one matrix stands for all.
function c = stacked(a, b)
    n = max(size(a, 1), size(b, 1));
    c = zeros(n, size(a, 2), size(b, 3));
    for k = 1:n
        left = a(min(k, size(a, 1)), :, :);
        right = b(min(k, size(b, 1)), :, :);
        c(k, :, :) = reshape(left, size(a, 2), size(a, 3)) * reshape(right, size(b, 2), size(b, 3));
    end
end

% The first two axes in each other's place.
function y = swapped_first(x)
    y = permute(x, [2, 1, 3]);
end

% The sums of an array over its first axis, with the columns of a as weights.
function y = first_times(a, x)
    [p, q, r] = size(x);
    y = reshape(a * reshape(x, p, q * r), size(a, 1), q, r);
end

% K a: row (i, j) where row (j, i) was, j counting to p.
function y = commuted(a, p)
    order = reshape(1:size(a, 1), [], p)';
    y = a(order(:), :);
end

% The matrix of the blocks Diag(w(:, i, j)), of size m; of diagonal matrices with one number where w has one matrix.
function h = of_blocks(w, m)
    p = size(w, 2);
    q = size(w, 3);
    h = zeros(p * m, q * m);
    for i = 1:p
        for j = 1:q
            h((i - 1) * m + (1:m), (j - 1) * m + (1:m)) = diag(w(:, i, j) .* ones(m, 1));
        end
    end
end

% The block diagonal matrix of m blocks w(k, :, :), or of one m times.
function h = of_outer_blocks(w, m)
    p = size(w, 2);
    q = size(w, 3);
    h = zeros(p * m, q * m);
    for k = 1:m
        h((k - 1) * p + (1:p), (k - 1) * q + (1:q)) = reshape(w(min(k, end), :, :), p, q);
    end
end

% The matrices x(k, :, :) + Diag(d(k, :)).
function x = plus_diagonals(x, d)
    for k = 1:size(x, 1)
        for i = 1:min(size(x, 2), size(x, 3))
            x(k, i, i) = x(k, i, i) + d(min(k, size(d, 1)), min(i, size(d, 2)));
        end
    end
end

% The matrix of the blocks x' Diag(w(:, i, j)) y.
function h = gram(x, w, y)
    a = size(x, 2);
    b = size(y, 2);
    h = zeros(size(w, 2) * a, size(w, 3) * b);
    for i = 1:size(w, 2)
        for j = 1:size(w, 3)
            h((i - 1) * a + (1:a), (j - 1) * b + (1:b)) = x' * (w(:, i, j) .* y);
        end
    end
end

% The block diagonal matrix of the blocks x' Diag(w(:, i)) y.
function h = block_diagonal_gram(x, w, y)
    a = size(x, 2);
    b = size(y, 2);
    h = zeros(size(w, 2) * a, size(w, 2) * b);
    for i = 1:size(w, 2)
        h((i - 1) * a + (1:a), (i - 1) * b + (1:b)) = x' * (w(:, i) .* y);
    end
end

% The matrices a Diag(p(k, :)) b, along the first axis.
function h = inside(a, p, b)
    h = zeros(size(p, 1), size(a, 1), size(b, 2));
    for k = 1:size(p, 1)
        h(k, :, :) = a * (p(k, :)' .* b);
    end
end

% The Kronecker product column by column.
function z = khatri_rao(x, y)
    z = zeros(size(x, 1) * size(y, 1), size(x, 2));
    for j = 1:size(x, 2)
        z(:, j) = kron(x(:, j), y(:, j));
    end
end

% The inner product of x with each block of y.
function z = blockinner(x, y)
    [p, q] = size(x);
    z = zeros(size(y, 1) / p, size(y, 2) / q);
    for i = 1:size(z, 1)
        for j = 1:size(z, 2)
            z(i, j) = sum(sum(x .* y((i - 1) * p + (1:p), (j - 1) * q + (1:q))));
        end
    end
end

% The sum of the blocks of y, weighted by the entries of x.
function z = blocksum(x, y)
    [m, n] = size(x);
    p = size(y, 1) / m;
    q = size(y, 2) / n;
    z = zeros(p, q);
    for i = 1:m
        for j = 1:n
            z = z + x(i, j) * y((i - 1) * p + (1:p), (j - 1) * q + (1:q));
        end
    end
end

% The eigenvalues and eigenvectors of a symmetric matrix.
function e = eigen(a)
    [v, d] = eig((a + a') / 2);
    [e.values, order] = sort(diag(d));
    e.vectors = v(:, order);
end

% Its eigenvector to the largest eigenvalue.
function v = top_eigenvector(a)
    e = eigen(a);
    v = e.vectors(:, end);
end

% The logarithm of the absolute value of a determinant.
function y = logabsdet(a)
    [~, u] = lu(a);
    y = sum(log(abs(diag(u))));
end

% The transpose of diff.
function y = difft(x)
    y = -diff([zeros(1, size(x, 2)); x; zeros(1, size(x, 2))], 1, 1);
end

% The orthogonal factor of the polar decomposition.
function y = polar(a)
    [u, ~, v] = svd(a, 'econ');
    y = u * v';
end

% For each entry the product of the others.
function y = products_of_others(x)
    y = ones(size(x));
    for k = 1:numel(x)
        y(k) = prod(x([1:k - 1, k + 1:numel(x)]));
    end
end

% The adjugate, by singular values.
function y = adjugate(a)
    [u, s, v] = svd(a);
    y = det(u) * det(v) * (v * diag(products_of_others(diag(s))) * u');
end

% (lambda I - a)^+ for the largest eigenvalue lambda of a symmetric a.
function y = resolvent(a)
    e = eigen(a);
    inverses = [1 ./ (e.values(end) - e.values(1:end - 1)); 0];
    y = e.vectors * diag(inverses) * e.vectors';
end

% The Frechet derivative of a function of matrices, from its value at a block matrix (Higham 2008, 3.16).
function y = frechet(f, a, e)
    n = size(a, 1);
    s = norm(e, 1) / norm(a, 1);
    if ~(s > 0 && s < Inf), s = 1; end
    y = f([a, e / s; zeros(n), a]);
    y = real(y(1:n, n + 1:2 * n)) * s;
end

% The second Frechet derivative of a function of matrices, from its value at a block matrix (Higham and Relton 2014).
function h = frechet2(f, a, y, z)
    n = size(a, 1);
    o = zeros(n);
    p = norm(y, 1) / norm(a, 1);
    q = norm(z, 1) / norm(a, 1);
    if ~(p > 0 && p < Inf), p = 1; end
    if ~(q > 0 && q < Inf), q = 1; end
    y = y / p;
    z = z / q;
    h = f([a, y, z, o; o, a, o, z; o, o, a, y; o, o, o, a]);
    h = real(h(1:n, 3 * n + 1:4 * n)) * (p * q);
end

% The matrix of a linear function of matrices like a, between columns stacked.
function h = jacobian_of(f, a)
    h = zeros(numel(a));
    for k = 1:numel(a)
        e = zeros(size(a));
        e(k) = 1;
        h(:, k) = reshape(f(e), [], 1);
    end
end

% The cosine of a matrix.
function y = cosm(a)
    y = real(expm(1i * a));
end

% The sine of a matrix; of block matrices too, which are real.
function y = sinm(a)
    y = imag(expm(1i * a));
end
