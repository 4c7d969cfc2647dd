#pragma once

#include <eucv/nn/drop.hpp>
#include <eucv/nn/elementwise.hpp>
#include <eucv/nn/layer.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace eucv::nn {

/// Dropout (Srivastava et al., 2014): sets each element to zero with a probability, and divides the others by 1 -
/// probability, so that the sum is kept on average and mode::eval has nothing to do (inverted dropout, as PyTorch's
/// Dropout).
///
/// Takes one number from the model's engine for each pass, the key of a drop_pattern: the same seed drops the same
/// elements for any number of threads, and no mask is kept for the way back.
struct dropout {
  double probability = 0.5; ///< in [0, 1)

  template <class Backend>
  struct state {
    nn::place place;
    std::optional<drop_pattern> how; // of the last pass that backward() will come by
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape&) const {
    at.require(probability >= 0 && probability < 1, "dropout", "probability must be at least 0 and less than 1");
    if (probability > 0) at.mark_stochastic();
    return {at.start(), {}};
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    own.how.reset();
    if (now.mode == mode::eval || probability == 0) return x;
    const drop_pattern how{now.random(), probability};
    if (now.records(own.place)) own.how = how;
    return drop(std::move(x), how, now);
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    const auto how = std::exchange(own.how, std::nullopt);
    if (!now.propagates(own.place)) return {};
    return how ? drop(std::move(dy), *how, now) : dy;
  }

private:
  template <class Backend>
  static tensor<Backend> drop(tensor<Backend> x, const drop_pattern& how, pass<Backend>& now) {
    if constexpr (has_dropping<Backend>) {
      return now.backend.drop(std::move(x), how);
    } else {
      using scalar = typename Backend::scalar;
      std::vector<scalar> factors(x.size());
      how.write_factors(0, std::span(factors));
      auto mask = now.backend.make(x.shape);
      now.backend.assign(mask, factors, order::channels_last);
      auto y = nn::own(now.backend, std::move(x));
      now.backend.map(elementwise::multiply{}, y, std::as_const(mask));
      return y;
    }
  }
};

} // namespace eucv::nn
