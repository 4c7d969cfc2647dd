#pragma once

#include <eucv/core/option_fields.hpp>
#include <eucv/nn/device.hpp>
#include <eucv/nn/optimizer/state.hpp>

#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace eucv::nn {
namespace detail {

// w -= rate (scale g + decay w).
template <class Scalar>
struct sgd_update {
  Scalar rate, scale, decay;

  template <class T, class G>
  EUCV_DEVICE void operator()(T& w, const G& g) const {
    w = w - T(rate) * (T(scale) * g + T(decay) * w);
  }
};

template <class Scalar>
struct momentum_update {
  Scalar rate, scale, decay, momentum;

  template <class T, class G>
  EUCV_DEVICE void operator()(T& w, T& v, const G& g) const {
    v = T(momentum) * v + (T(scale) * g + T(decay) * w);
    w = w - T(rate) * v;
  }
};

template <class Scalar>
struct nesterov_update {
  Scalar rate, scale, decay, momentum;

  template <class T, class G>
  EUCV_DEVICE void operator()(T& w, T& v, const G& gradient) const {
    const T g = T(scale) * gradient + T(decay) * w;
    v = T(momentum) * v + g;
    w = w - T(rate) * (g + T(momentum) * v);
  }
};

} // namespace detail

/// Stochastic gradient descent with momentum, as PyTorch's SGD: v = momentum v + (g + decay w), w -= rate v; with
/// Nesterov's momentum w -= rate (g + decay w + momentum v) instead, the gradient at the place where v leads.
struct sgd {
  double momentum = 0.9;
  double weight_decay = 0;
  bool nesterov = false; ///< has no effect without momentum

  static constexpr std::string_view name = "sgd";
  static constexpr bool needs_rate = true; ///< whether no learning rate suits it for all networks and batches
  /// The hyper-parameters that are usual for classifiers of pictures.
  [[nodiscard]] static constexpr sgd for_pictures() { return {.weight_decay = 5e-4, .nesterov = true}; }
  static constexpr auto fields() {
    return field_list{option("momentum", &sgd::momentum, "part of the last step that is kept", at_least(0).below(1)),
                      option("weight-decay", &sgd::weight_decay, "L2 penalty, added to the gradient", at_least(0)),
                      option("nesterov", &sgd::nesterov, "whether momentum is Nesterov's")};
  }

  [[nodiscard]] std::size_t tensors() const noexcept { return momentum != 0 ? 1 : 0; }

  template <backend Backend>
  void update(Backend& on, parameter<Backend>& weight, optimizer_state<Backend>& state,
              const optimizer_step& now) const {
    using scalar = typename Backend::scalar;
    const auto rate = scalar(now.rate), scale = scalar(now.gradient_scale), decay = scalar(weight_decay),
               kept = scalar(momentum);
    auto& velocity = state.tensors[0];
    const auto& gradient = std::as_const(weight.gradient);
    if (momentum == 0)
      on.map(detail::sgd_update<scalar>{rate, scale, decay}, weight.value, gradient);
    else if (nesterov)
      on.map(detail::nesterov_update<scalar>{rate, scale, decay, kept}, weight.value, velocity, gradient);
    else
      on.map(detail::momentum_update<scalar>{rate, scale, decay, kept}, weight.value, velocity, gradient);
  }
};

static_assert(describes_all_fields<sgd>);

} // namespace eucv::nn
