#pragma once

#include <eucv/nn/container.hpp>
#include <eucv/nn/layer.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace eucv::nn {

/// Concatenates the outputs of two layers on one input along the channels: {n, c, h, w} to {n, a + b, oh, ow}.
///
/// Children are called "0" and "1", or as named() says.
template <class First, class Second>
struct concatenate {
  First first;
  Second second;

  using needs = backend_parts<backend_part::join>;
  using child_layers = layer_list<typename detail::child<First>::layer, typename detail::child<Second>::layer>;

  template <class Backend>
  struct state {
    nn::place place;
    std::size_t channels = 0; // of the first
    detail::child_state<First, Backend> first;
    detail::child_state<Second, Backend> second;
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    state<Backend> made;
    made.place = at.start();
    shape other = extents;
    made.first = detail::build_child(first, "0", at, extents);
    made.second = detail::build_child(second, "1", at, other);
    made.place = at.finish(made.place);
    if (other.h != extents.h || other.w != extents.w)
      at.refuse_shape("concatenate", "two maps of one size, the first being " + to_string(extents), other);
    made.channels = extents.c;
    extents.c += other.c;
    return made;
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    const auto left = detail::forward_child(first, own.first, x, now);
    return now.backend.join(left, detail::forward_child(second, own.second, std::move(x), now));
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    auto parts = now.backend.split(dy, own.channels);
    dy = {};
    auto left = detail::backward_child(first, own.first, std::move(parts.first), now);
    const auto right = detail::backward_child(second, own.second, std::move(parts.second), now);
    if (!now.propagates(own.place)) return {};
    auto sum = nn::own(now.backend, std::move(left));
    now.backend.map(elementwise::add{}, sum, right);
    return sum;
  }
};
template <class First, class Second>
concatenate(First, Second) -> concatenate<First, Second>;

} // namespace eucv::nn
