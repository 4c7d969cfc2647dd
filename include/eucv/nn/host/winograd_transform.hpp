#pragma once

#include <eucv/nn/simd.hpp>

#include <array>
#include <cstddef>

// The transforms of F(4x4, 3x3), the Winograd convolution that makes 4x4 outputs of a 3x3 kernel from 6x6 inputs with
// 36 multiplications a channel instead of 144 (Lavin and Gray, 2016, arXiv:1509.09308).
//
// In one dimension: the product of a polynomial g of degree 2 (the taps) with one of degree 3 has degree 5, so its
// values at 6 points determine it. Evaluate both at the points, multiply value by value, interpolate: that is a
// convolution. A correlation y[i] = sum over k of d[i + k] g[k], which is what a layer computes, is the transposed
// algorithm: y = At ((G g) * (Bt d)) with, for the points p[0..4] and infinity,
//
//   A[j][i] = p[j]^i                                     evaluation of the polynomial of degree 3,
//   G[j][k] = p[j]^k / product over l != j of p[j] - p[l]  evaluation of the taps, scaled as Lagrange wants it,
//   B[j]    = coefficients of the product over l != j of x - p[l]   interpolation, the scale left to G,
//
// and at infinity only the leading coefficient: A = (0 0 0 1), G = (0 0 1), B = product of all x - p[l]. In two
// dimensions each transform is applied to the rows and then to the columns. Its transposes give the gradients: with
// regard to g it is Gt ((Bt d) * (A dy)), which is why of_gradient and to_weight_gradient stand here too; with regard
// to d it is a correlation of dy with the flipped taps, and needs nothing new.
//
// The points are 0, a, -a, b, -b with a = 3/4, b = 3/2. The usual 1 and 2 need fewer multiplications, but the powers of
// 2 up to 8 in A cost accuracy: with 3/4 and 3/2 the largest error is a quarter. All constants but 1 / product are
// exact in float.
namespace eucv::nn::detail::winograd {

inline constexpr std::size_t side = 4;   // outputs of a tile, in each dimension
inline constexpr std::size_t taps = 3;   // of the kernel
inline constexpr std::size_t points = 6; // side + taps - 1: inputs of a tile, and points of evaluation
inline constexpr std::size_t planes = points * points;

inline constexpr double a = 0.75, b = 1.5, a2 = a * a, b2 = b * b;
inline constexpr double at_0 = 1 / (a2 * b2), at_a = 1 / (2 * a2 * (a2 - b2)), at_b = 1 / (2 * b2 * (b2 - a2));

template <class Scalar, std::size_t count>
using line = std::array<packet<Scalar>, count>;

template <class Scalar>
EIGEN_ALWAYS_INLINE packet<Scalar> times(double factor, const packet<Scalar>& x) {
  return packet<Scalar>(static_cast<Scalar>(factor)) * x;
}
template <class Scalar>
EIGEN_ALWAYS_INLINE packet<Scalar> plus(const packet<Scalar>& sum, double factor, const packet<Scalar>& x) {
  return packet<Scalar>::multiply_add(packet<Scalar>(static_cast<Scalar>(factor)), x, sum);
}

/// Bt: a line of 6 inputs. Rows of one sign pair share the even and the odd part of their polynomial.
struct of_input {
  static constexpr std::size_t from = points, to = points;
  template <class Scalar>
  static EIGEN_ALWAYS_INLINE line<Scalar, to> apply(const line<Scalar, from>& d) {
    const auto even_a = plus(d[4], -b2, d[2]), odd_a = plus(d[3], -b2, d[1]);
    const auto even_b = plus(d[4], -a2, d[2]), odd_b = plus(d[3], -a2, d[1]);
    return {plus(plus(d[4], -(a2 + b2), d[2]), a2 * b2, d[0]),
            plus(even_a, a, odd_a),
            plus(even_a, -a, odd_a),
            plus(even_b, b, odd_b),
            plus(even_b, -b, odd_b),
            plus(plus(d[5], -(a2 + b2), d[3]), a2 * b2, d[1])};
  }
};

/// At: the products at 6 points to 4 outputs.
struct to_output {
  static constexpr std::size_t from = points, to = side;
  template <class Scalar>
  static EIGEN_ALWAYS_INLINE line<Scalar, to> apply(const line<Scalar, from>& m) {
    const auto even_a = m[1] + m[2], odd_a = m[1] - m[2], even_b = m[3] + m[4], odd_b = m[3] - m[4];
    return {m[0] + even_a + even_b, plus(times(a, odd_a), b, odd_b), plus(times(a2, even_a), b2, even_b),
            plus(plus(m[5], a * a2, odd_a), b * b2, odd_b)};
  }
};

/// G: 3 taps.
struct of_weight {
  static constexpr std::size_t from = taps, to = points;
  template <class Scalar>
  static EIGEN_ALWAYS_INLINE line<Scalar, to> apply(const line<Scalar, from>& g) {
    const auto even_a = plus(times(at_a, g[0]), at_a * a2, g[2]), even_b = plus(times(at_b, g[0]), at_b * b2, g[2]);
    return {times(at_0, g[0]),
            plus(even_a, at_a * a, g[1]),
            plus(even_a, -at_a * a, g[1]),
            plus(even_b, at_b * b, g[1]),
            plus(even_b, -at_b * b, g[1]),
            g[2]};
  }
};

/// A: the gradients of 4 outputs.
struct of_gradient {
  static constexpr std::size_t from = side, to = points;
  template <class Scalar>
  static EIGEN_ALWAYS_INLINE line<Scalar, to> apply(const line<Scalar, from>& y) {
    const auto even_a = plus(y[0], a2, y[2]), odd_a = plus(y[1], a2, y[3]);
    const auto even_b = plus(y[0], b2, y[2]), odd_b = plus(y[1], b2, y[3]);
    return {y[0], plus(even_a, a, odd_a), plus(even_a, -a, odd_a), plus(even_b, b, odd_b), plus(even_b, -b, odd_b),
            y[3]};
  }
};

/// Gt: the sums of products at 6 points to the gradients of 3 taps.
struct to_weight_gradient {
  static constexpr std::size_t from = points, to = taps;
  template <class Scalar>
  static EIGEN_ALWAYS_INLINE line<Scalar, to> apply(const line<Scalar, from>& u) {
    const auto even_a = u[1] + u[2], odd_a = u[1] - u[2], even_b = u[3] + u[4], odd_b = u[3] - u[4];
    return {plus(plus(times(at_0, u[0]), at_a, even_a), at_b, even_b), plus(times(at_a * a, odd_a), at_b * b, odd_b),
            plus(plus(u[5], at_a * a2, even_a), at_b * b2, even_b)};
  }
};

/// A transform in both dimensions: load(row, column) gives a packet of the square of Line::from, store(row, column,
/// packet) takes one of the square of Line::to.
template <class Line, class Scalar, class Load, class Store>
EIGEN_ALWAYS_INLINE void transform(Load&& load, Store&& store) {
  std::array<line<Scalar, Line::from>, Line::to> half; // [column][row], rows done
  for (std::size_t row = 0; row < Line::from; ++row) {
    line<Scalar, Line::from> values;
    unroll<Line::from>([&](auto column) __attribute__((always_inline)) { values[column] = load(row, column); });
    const auto done = Line::apply(values);
    unroll<Line::to>([&](auto column) __attribute__((always_inline)) { half[column][row] = done[column]; });
  }
  for (std::size_t column = 0; column < Line::to; ++column) {
    const auto done = Line::apply(half[column]);
    unroll<Line::to>([&](auto row) __attribute__((always_inline)) { store(row, column, done[row]); });
  }
}

} // namespace eucv::nn::detail::winograd
