#pragma once

#include <eucv/nn/elementwise.hpp>
#include <eucv/nn/layer.hpp>

#include <utility>

namespace eucv::nn {

/// max(x, 0) for each element. A value that is not a number stays one, so that a failure reaches the loss.
///
/// Works in place where nobody else holds the input. backward() needs the output only, which the next layer keeps too.
struct relu {
  template <class Backend>
  struct state {
    nn::place place;
    tensor<Backend> y;
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape&) const {
    return {at.start(), {}};
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    auto y = nn::own(now.backend, std::move(x));
    now.backend.map(elementwise::rectify{}, y);
    if (now.records(own.place)) own.y = y;
    return y;
  }

  template <class Backend>
  bool join(state<Backend>&, epilogue<Backend>& after, pass<Backend>&) const {
    return after.rectified = true;
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    const tensor<Backend> y = std::exchange(own.y, {});
    if (!now.propagates(own.place)) return {};
    auto dx = nn::own(now.backend, std::move(dy));
    now.backend.map(elementwise::rectify_gradient{}, dx, y);
    return dx;
  }
};

} // namespace eucv::nn
