#pragma once

#include <eucv/nn/layer.hpp>

#include <concepts>
#include <span>
#include <type_traits>
#include <vector>

namespace eucv::nn {

namespace detail {

template <class L, class Backend>
concept has_state = std::copyable<L> && requires {
  typename state_of<L, Backend>;
};

template <class L, class Backend>
concept has_build = requires(const L& l, builder<Backend>& at, shape& extents) {
  { l.build(at, extents) } -> std::same_as<state_of<L, Backend>>;
};

template <class L, class Backend>
concept has_forward = requires(const L& l, state_of<L, Backend>& own, tensor<Backend> x, pass<Backend>& now) {
  { l.forward(own, x, now) } -> std::same_as<tensor<Backend>>;
};

template <class L, class Backend>
concept has_backward = requires(const L& l, state_of<L, Backend>& own, tensor<Backend> dy, pass<Backend>& now) {
  { l.backward(own, dy, now) } -> std::same_as<tensor<Backend>>;
};

template <class L, class Backend>
concept keeps_protocol = has_state<L, Backend> && has_build<L, Backend> && has_forward<L, Backend> &&
    has_backward<L, Backend> && provides<Backend, L>;

template <class L, class Backend>
consteval bool is_layer();
template <class Backend, class... Children>
consteval bool are_layers(layer_list<Children...>) {
  return (... && is_layer<Children, Backend>());
}
template <class L, class Backend>
consteval bool children_are_layers() {
  if constexpr (requires { typename L::child_layers; }) return are_layers<Backend>(typename L::child_layers{});
  return true;
}
template <class L, class Backend>
consteval bool is_layer() {
  // The children first: the state of a container holds theirs.
  if constexpr (children_are_layers<L, Backend>()) return keeps_protocol<L, Backend>;
  return false;
}

} // namespace detail

/// Whether a type keeps the protocol of layer.hpp on a backend, with all layers in it, and the backend has the parts
/// that they need.
template <class L, class Backend>
concept layer = backend<Backend> && detail::is_layer<L, Backend>();

namespace detail {

// What model says, in one line, of a backend or a layer that is none. The compiler adds the type.
template <class Backend>
consteval bool require_backend() {
  static_assert(
      has_memory<Backend> || !sizeof(Backend),
      "this is no backend: it lacks one of scalar, storage, make, assign, values, copy, fill: see has_memory");
  static_assert(has_map<Backend> || !has_memory<Backend>,
                "this is no backend: it lacks map(function, tensors...): see has_map");
  return backend<Backend>;
}

template <class L, class Backend>
consteval bool require_layer();
template <class Backend, class... Children>
consteval bool require_layers(layer_list<Children...>) {
  return (... && require_layer<Children, Backend>());
}
template <class L, class Backend>
consteval bool require_layer() {
  if constexpr (nn::layer<L, Backend>) {
    return true;
  } else if constexpr (!children_are_layers<L, Backend>()) {
    return require_layers<Backend>(typename L::child_layers{});
  } else if constexpr (requires { L::for_pictures(); }) {
    static_assert(!sizeof(L), "an optimizer is no layer: give it to fit() by fit_options, or to nn::optimizer");
  } else if constexpr (!has_state<L, Backend>) {
    static_assert(!sizeof(L), "this is no layer: it lacks `template <class Backend> struct state`: see nn/layer.hpp");
  } else if constexpr (!has_build<L, Backend>) {
    static_assert(!sizeof(L), "this layer lacks build(builder<Backend>&, shape&) const, which returns state<Backend>");
  } else if constexpr (!has_forward<L, Backend>) {
    static_assert(!sizeof(L), "this layer lacks forward(state<Backend>&, tensor<Backend>, pass<Backend>&) const, which "
                              "returns tensor<Backend>");
  } else if constexpr (!has_backward<L, Backend>) {
    static_assert(!sizeof(L), "this layer lacks backward(state<Backend>&, tensor<Backend>, pass<Backend>&) const, "
                              "which returns tensor<Backend>");
  } else {
    require_parts<Backend>(typename needs_of<L>::type{});
  }
  return false;
}

// What stands in a model for a backend or a layer that was refused, so that one mistake is one message.
struct refused_backend {
  template <class Any>
  refused_backend(Any&&);
  using scalar = float;
  struct storage {
    [[nodiscard]] bool unique() const;
    explicit operator bool() const;
  };
  tensor<refused_backend> make(const shape&, lifetime = lifetime::step);
  void assign(tensor<refused_backend>&, std::span<const float>, order);
  std::vector<float> values(const tensor<refused_backend>&, order);
  tensor<refused_backend> copy(const tensor<refused_backend>&);
  void fill(tensor<refused_backend>&, float);
  template <class Function, class... Tensors>
  void map(Function, Tensors&&...);
};

struct refused_layer {
  template <class Any>
  refused_layer(Any&&);
  template <class Backend>
  struct state {};
  template <class Backend>
  state<Backend> build(builder<Backend>&, shape&) const;
  template <class Backend>
  tensor<Backend> forward(state<Backend>&, tensor<Backend>, pass<Backend>&) const;
  template <class Backend>
  tensor<Backend> backward(state<Backend>&, tensor<Backend>, pass<Backend>&) const;
};

// What a model is made of: its own backend and layer, or those in their place.
template <class Backend, class Layer, bool = backend<Backend>>
struct sound {
  using backend = Backend;
  using layer = std::conditional_t<require_layer<Layer, Backend>(), Layer, refused_layer>;
};
template <class Backend, class Layer>
struct sound<Backend, Layer, false> {
  using backend = std::conditional_t<require_backend<Backend>(), Backend, refused_backend>;
  using layer = refused_layer;
};

} // namespace detail

} // namespace eucv::nn
