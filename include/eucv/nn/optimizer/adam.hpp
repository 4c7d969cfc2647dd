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

// Adam and AdamW differ in where the decay goes: `shrink` multiplies w, `decay` times w is added to the gradient.
// `rate` holds the correction of the mean's bias, `correction` that of the root of the mean square.
template <class Scalar>
struct adam_update {
  Scalar beta1, beta2, rest1, rest2, epsilon, decay, scale, shrink, rate, correction;

  template <class T, class G>
  EUCV_DEVICE void operator()(T& w, T& m, T& v, const G& gradient) const {
    using std::sqrt;
    const T g = T(scale) * gradient + T(decay) * w;
    m = T(beta1) * m + T(rest1) * g;
    v = T(beta2) * v + T(rest2) * (g * g);
    w = T(shrink) * w - T(rate) * m / (sqrt(v) * T(correction) + T(epsilon));
  }
};

/// What the update of Adam and of AdamW share. `how` has the betas and epsilon.
template <class Scalar, class Options>
[[nodiscard]] adam_update<Scalar> adam_update_of(const Options& how, std::size_t steps, const optimizer_step& now) {
  const auto count = static_cast<double>(steps);
  return {.beta1 = Scalar(how.beta1),
          .beta2 = Scalar(how.beta2),
          .rest1 = Scalar(1 - how.beta1),
          .rest2 = Scalar(1 - how.beta2),
          .epsilon = Scalar(how.epsilon),
          .decay = Scalar(0),
          .scale = Scalar(now.gradient_scale),
          .shrink = Scalar(1),
          .rate = Scalar(now.rate / (1 - std::pow(how.beta1, count))),
          .correction = Scalar(1 / std::sqrt(1 - std::pow(how.beta2, count)))};
}

} // namespace detail

/// Adam (Kingma and Ba, 2015, arXiv:1412.6980), as PyTorch's: the weight decay is added to the gradient.
struct adam {
  double beta1 = 0.9, beta2 = 0.999; ///< decay of the running means of gradients and of their squares
  double epsilon = 1e-8;
  double weight_decay = 0;

  static constexpr std::string_view name = "adam";
  static constexpr bool needs_rate = false; ///< whether no learning rate suits it for all networks and batches
  /// The hyper-parameters that are usual for classifiers of pictures.
  [[nodiscard]] static constexpr adam for_pictures() { return {}; }
  static constexpr auto fields() {
    return field_list{option("beta1", &adam::beta1, "decay of the running mean of gradients", at_least(0).below(1)),
                      option("beta2", &adam::beta2, "decay of the running mean of their squares", at_least(0).below(1)),
                      option("epsilon", &adam::epsilon, "added to the root of the mean square", at_least(0)),
                      option("weight-decay", &adam::weight_decay, "L2 penalty, added to the gradient", at_least(0))};
  }

  [[nodiscard]] std::size_t tensors() const noexcept { return 2; }

  template <backend Backend>
  void update(Backend& on, parameter<Backend>& weight, optimizer_state<Backend>& state,
              const optimizer_step& now) const {
    using scalar = typename Backend::scalar;
    auto change = detail::adam_update_of<scalar>(*this, state.steps, now);
    change.decay = scalar(weight_decay);
    on.map(change, weight.value, state.tensors[0], state.tensors[1], std::as_const(weight.gradient));
  }
};

static_assert(describes_all_fields<adam>);

} // namespace eucv::nn
