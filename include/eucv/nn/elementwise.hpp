#pragma once

#include <eucv/nn/device.hpp>

#include <cmath>
#include <concepts>

// The functions that layers, losses and averages apply element by element, through Backend::map(). They are named
// types, since nvcc accepts no unannotated lambda as the argument of a kernel. The elements are scalars, or packets of
// them on the host (simd.hpp); what is not const is written to.
namespace eucv::nn {

/// 0 where condition <= 0, else the value; a condition that is not a number lets the value pass, so that no layer hides
/// a failure from the loss.
template <std::floating_point Scalar>
[[nodiscard]] EUCV_DEVICE inline Scalar zero_unless_positive(Scalar condition, Scalar value) {
  return condition <= Scalar(0) ? Scalar(0) : value;
}

namespace elementwise {

/// to = from.
struct copy {
  template <class T>
  EUCV_DEVICE void operator()(T& to, const T& from) const {
    to = from;
  }
};

/// sum = sum + more.
struct add {
  template <class T>
  EUCV_DEVICE void operator()(T& sum, const T& more) const {
    sum = sum + more;
  }
};

/// value = value * factor.
struct multiply {
  template <class T>
  EUCV_DEVICE void operator()(T& value, const T& factor) const {
    value = value * factor;
  }
};

/// result = left * right.
struct product {
  template <class T>
  EUCV_DEVICE void operator()(T& result, const T& left, const T& right) const {
    result = left * right;
  }
};

/// to = to * kept + from * share.
template <class Scalar>
struct weighted_sum {
  Scalar kept, share;

  template <class T>
  EUCV_DEVICE void operator()(T& to, const T& from) const {
    to = to * T(kept) + from * T(share);
  }
};

/// to = to + share * (from - to): equal elements stay exactly as they are.
template <class Scalar>
struct approach {
  Scalar share;

  template <class T>
  EUCV_DEVICE void operator()(T& to, const T& from) const {
    to = to + T(share) * (from - to);
  }
};

/// value = max(value, 0); what is not a number stays.
struct rectify {
  template <class T>
  EUCV_DEVICE void operator()(T& value) const {
    value = zero_unless_positive(value, value);
  }
};

/// The gradient of rectify, from its output: gradient = 0 where output is 0.
struct rectify_gradient {
  template <class T>
  EUCV_DEVICE void operator()(T& gradient, const T& output) const {
    gradient = zero_unless_positive(output, gradient);
  }
};

/// value = max(value + more, 0).
struct add_and_rectify {
  template <class T>
  EUCV_DEVICE void operator()(T& value, const T& more) const {
    value = value + more;
    value = zero_unless_positive(value, value);
  }
};

/// inverse = 1 / sqrt(variance + epsilon).
template <class Scalar>
struct inverse_deviation {
  Scalar epsilon;

  template <class T>
  EUCV_DEVICE void operator()(T& inverse, const T& variance) const {
    using std::sqrt;
    inverse = T(Scalar(1)) / sqrt(variance + T(epsilon));
  }
};

/// shift = bias - mean * scale: the constant of a normalisation that is done as x * scale + shift.
struct normalisation_shift {
  template <class T>
  EUCV_DEVICE void operator()(T& shift, const T& scale, const T& mean, const T& bias) const {
    shift = bias - mean * scale;
  }
};

} // namespace elementwise
} // namespace eucv::nn
