#pragma once

#include <eucv/core/option_fields.hpp>
#include <eucv/nn/optimizer/adam.hpp>
#include <eucv/nn/optimizer/state.hpp>

#include <cstddef>
#include <string_view>
#include <utility>

namespace eucv::nn {

/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019, arXiv:1711.05101), as PyTorch's AdamW: w shrinks by
/// rate * weight_decay at each step.
struct adam_w {
  double beta1 = 0.9, beta2 = 0.999; ///< decay of the running means of gradients and of their squares
  double epsilon = 1e-8;
  double weight_decay = 0.01;

  static constexpr std::string_view name = "adamw";
  static constexpr bool needs_rate = false; ///< whether no learning rate suits it for all networks and batches
  /// The hyper-parameters that are usual for classifiers of pictures.
  [[nodiscard]] static constexpr adam_w for_pictures() { return {.weight_decay = 0.05}; }
  static constexpr auto fields() {
    return field_list{
        option("beta1", &adam_w::beta1, "decay of the running mean of gradients", at_least(0).below(1)),
        option("beta2", &adam_w::beta2, "decay of the running mean of their squares", at_least(0).below(1)),
        option("epsilon", &adam_w::epsilon, "added to the root of the mean square", at_least(0)),
        option("weight-decay", &adam_w::weight_decay, "part of each weight that a step of rate 1 takes off",
               at_least(0))};
  }

  [[nodiscard]] std::size_t tensors() const noexcept { return 2; }

  template <backend Backend>
  void update(Backend& on, parameter<Backend>& weight, optimizer_state<Backend>& state,
              const optimizer_step& now) const {
    using scalar = typename Backend::scalar;
    auto change = detail::adam_update_of<scalar>(*this, state.steps, now);
    change.shrink = scalar(1 - now.rate * weight_decay);
    on.map(change, weight.value, state.tensors[0], state.tensors[1], std::as_const(weight.gradient));
  }
};

static_assert(describes_all_fields<adam_w>);

} // namespace eucv::nn
