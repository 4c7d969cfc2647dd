#pragma once

#include <eucv/core/option_fields.hpp>
#include <eucv/nn/device.hpp>
#include <eucv/nn/optimizer/state.hpp>

#include <cmath>
#include <cstddef>
#include <string_view>
#include <utility>

namespace eucv::nn {
namespace detail {

// The direction of LAMB before its length is chosen: r = m^ / (sqrt(v^) + epsilon) + decay w.
template <class Scalar>
struct lamb_direction {
  Scalar beta1, beta2, rest1, rest2, epsilon, decay, scale, correction1, correction2;

  template <class T, class W, class G>
  EUCV_DEVICE void operator()(T& r, T& m, T& v, const W& w, const G& gradient) const {
    using std::sqrt;
    const T g = T(scale) * gradient;
    m = T(beta1) * m + T(rest1) * g;
    v = T(beta2) * v + T(rest2) * (g * g);
    r = T(correction1) * m / (sqrt(v) * T(correction2) + T(epsilon)) + T(decay) * w;
  }
};

template <class Scalar>
struct lamb_update {
  Scalar length;

  template <class T, class R>
  EUCV_DEVICE void operator()(T& w, const R& r) const {
    w = w - T(length) * r;
  }
};

} // namespace detail

/// LAMB (You et al., 2020, arXiv:1904.00962, algorithm 2 with the identity for phi): Adam with decoupled weight decay,
/// whose step is as long as `rate` times the norm of the parameter, for batches of thousands of pictures.
///
/// With r = m^ / (sqrt(v^) + epsilon) + weight_decay w, m^ and v^ being Adam's means without their bias, a step is
/// w -= rate (|w| / |r|) r, norms taken over one parameter; where either norm is 0, w -= rate r. Costs two norms and
/// a tensor of lifetime::step for each parameter besides what Adam costs.
struct lamb {
  double beta1 = 0.9, beta2 = 0.999; ///< decay of the running means of gradients and of their squares
  double epsilon = 1e-6;
  double weight_decay = 0.01;

  static constexpr std::string_view name = "lamb";
  static constexpr bool needs_rate = true; ///< whether no learning rate suits it for all networks and batches
  /// The hyper-parameters that are usual for classifiers of pictures.
  [[nodiscard]] static constexpr lamb for_pictures() { return {.weight_decay = 0.02}; }
  static constexpr auto fields() {
    return field_list{
        option("beta1", &lamb::beta1, "decay of the running mean of gradients", at_least(0).below(1)),
        option("beta2", &lamb::beta2, "decay of the running mean of their squares", at_least(0).below(1)),
        option("epsilon", &lamb::epsilon, "added to the root of the mean square", at_least(0)),
        option("weight-decay", &lamb::weight_decay, "part of each weight that is added to the direction", at_least(0))};
  }

  [[nodiscard]] std::size_t tensors() const noexcept { return 2; }

  template <backend Backend>
  void update(Backend& on, parameter<Backend>& weight, optimizer_state<Backend>& state,
              const optimizer_step& now) const {
    using scalar = typename Backend::scalar;
    const auto steps = static_cast<double>(state.steps);
    const detail::lamb_direction<scalar> along{.beta1 = scalar(beta1),
                                               .beta2 = scalar(beta2),
                                               .rest1 = scalar(1 - beta1),
                                               .rest2 = scalar(1 - beta2),
                                               .epsilon = scalar(epsilon),
                                               .decay = scalar(weight_decay),
                                               .scale = scalar(now.gradient_scale),
                                               .correction1 = scalar(1 / (1 - std::pow(beta1, steps))),
                                               .correction2 = scalar(1 / std::sqrt(1 - std::pow(beta2, steps)))};
    auto direction = on.make(weight.value.shape);
    on.fill(direction, scalar(0));
    on.map(along, direction, state.tensors[0], state.tensors[1], std::as_const(weight.value),
           std::as_const(weight.gradient));
    const tensor<Backend>* const both[] = {&weight.value, &direction};
    const auto squares = on.sums_of_squares(both);
    const double norm_w = std::sqrt(squares[0]), norm_r = std::sqrt(squares[1]);
    const double trust = norm_w > 0 && norm_r > 0 ? norm_w / norm_r : 1;
    on.map(detail::lamb_update<scalar>{scalar(now.rate * trust)}, weight.value, std::as_const(direction));
  }
};

static_assert(describes_all_fields<lamb>);

} // namespace eucv::nn
