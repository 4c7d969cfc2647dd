#pragma once

#include <eucv/nn/backend.hpp>
#include <eucv/nn/parameter.hpp>

#include <array>
#include <cstddef>

namespace eucv::nn {

/// What an optimizer keeps for one parameter.
template <class Backend>
struct optimizer_state {
  std::size_t steps = 0; ///< updates of this parameter so far, the present one included
  /// Running averages of the parameter's shape: momentum, or the means of gradients and of their squares. The first
  /// tensors() of the optimizer are there, and begin at zero.
  std::array<tensor<Backend>, 2> tensors = {};
};

/// The numbers of one update.
struct optimizer_step {
  double rate = 1e-3; ///< learning rate
  /// Gradients are multiplied by it on the way, so that a limit on their norm costs no pass over memory of its own.
  double gradient_scale = 1;
};

} // namespace eucv::nn
