#pragma once

#include <eucv/nn/container.hpp>
#include <eucv/nn/conv2d.hpp>
#include <eucv/nn/layer.hpp>
#include <eucv/nn/norm.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace eucv::nn {

/// The identity: the shortcut of a residual block whose body keeps the shape.
struct identity {
  template <class Backend>
  struct state {};

  template <class Backend>
  state<Backend> build(builder<Backend>&, shape&) const {
    return {};
  }
  template <class Backend>
  tensor<Backend> forward(state<Backend>&, tensor<Backend> x, pass<Backend>&) const {
    return x;
  }
  template <class Backend>
  tensor<Backend> backward(state<Backend>&, tensor<Backend> dy, pass<Backend>&) const {
    return dy;
  }
};

/// A projection shortcut: 1x1 convolution and batch normalisation where the shape changes, else the identity, as He et
/// al. (2015, arXiv:1512.03385), option B. Children are "0" and "1", as torchvision's `downsample`.
struct projection {
  std::size_t out = 0;    ///< channels that the body gives
  std::size_t stride = 1; ///< by which the body divides rows and columns

  using layers = sequence<conv2d, batch_norm>;
  /// Whether the shape changes, so that the layers are there.
  [[nodiscard]] bool changes(const shape& extents) const noexcept { return extents.c != out || stride != 1; }
  [[nodiscard]] layers inner() const {
    return layers{conv2d{.out = out, .kernel = 1, .stride = stride, .bias = false}, batch_norm{}};
  }

  using child_layers = layer_list<layers>;

  template <class Backend>
  struct state {
    std::optional<state_of<layers, Backend>> inner;
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    if (!changes(extents)) return {};
    return {inner().build(at, extents)};
  }
  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    return own.inner ? inner().forward(*own.inner, std::move(x), now) : x;
  }
  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    return own.inner ? inner().backward(*own.inner, std::move(dy), now) : dy;
  }
};

/// A residual connection: body(x) + shortcut(x), both of one shape. The activation after the sum stands outside.
///
/// Children are called "body" and "shortcut", or as named() says; named("", ...) names what is in them as if it were
/// the parent's.
template <class Body, class Shortcut = identity>
struct residual {
  Body body;
  Shortcut shortcut{};

  using child_layers = layer_list<typename detail::child<Body>::layer, typename detail::child<Shortcut>::layer>;

  template <class Backend>
  struct state {
    nn::place place;
    detail::child_state<Body, Backend> body;
    detail::child_state<Shortcut, Backend> shortcut;
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    state<Backend> made;
    made.place = at.start();
    shape around = extents;
    made.body = detail::build_child(body, "body", at, extents);
    made.shortcut = detail::build_child(shortcut, "shortcut", at, around);
    made.place = at.finish(made.place);
    if (around != extents) at.refuse_shape("residual", "a shortcut of its body's shape " + to_string(extents), around);
    return made;
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    auto sum = nn::own(now.backend, detail::forward_child(body, own.body, x, now));
    add(sum, detail::forward_child(shortcut, own.shortcut, std::move(x), now), now);
    return sum;
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now, epilogue<Backend> after) const {
    if (after.shift || after.addend) return detail::finish(now.backend, forward(own, std::move(x), now), after);
    after.addend = detail::forward_child(shortcut, own.shortcut, x, now);
    return detail::forward_then(detail::child<Body>::of(body), *own.body.inner, std::move(x), now, std::move(after));
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    auto through = detail::backward_child(body, own.body, dy, now);
    auto around = detail::backward_child(shortcut, own.shortcut, std::move(dy), now);
    if (!now.propagates(own.place)) return {};
    auto sum = nn::own(now.backend, std::move(through));
    add(sum, around, now);
    return sum;
  }

private:
  template <class Backend>
  static void add(tensor<Backend>& sum, const tensor<Backend>& more, pass<Backend>& now) {
    now.backend.map(elementwise::add{}, sum, more);
  }
};
template <class Body>
residual(Body) -> residual<Body>;
template <class Body, class Shortcut>
residual(Body, Shortcut) -> residual<Body, Shortcut>;

} // namespace eucv::nn
