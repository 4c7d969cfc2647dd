#pragma once

#include <eucv/core/parallel.hpp>
#include <eucv/nn/layer.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace eucv::nn {

/// A layer with a name of its own in its parent. An empty name adds no level: the children of the layer are named as if
/// they were the parent's.
template <class Layer>
struct named_layer {
  std::string_view name; ///< must outlive the value; a literal does
  Layer layer;
};
template <class Layer>
[[nodiscard]] constexpr named_layer<Layer> named(std::string_view name, Layer layer) {
  return {name, std::move(layer)};
}

namespace detail {

// A child with or without a name, as a container sees it.
template <class Layer>
struct child {
  using layer = Layer;
  static const Layer& of(const Layer& it) { return it; }
  static std::string name(const Layer&, std::string otherwise) { return otherwise; }
};
template <class Layer>
struct child<named_layer<Layer>> {
  using layer = Layer;
  static const Layer& of(const named_layer<Layer>& it) { return it.layer; }
  static std::string name(const named_layer<Layer>& it, const std::string&) { return std::string(it.name); }
};

// What a container keeps of a child: its state, and the number of the place that is its output. The state stands apart,
// since a network is moved several times until it is built, and to move a tree of states by value was a tenth of the
// time to compile it.
template <class Child, class Backend>
struct child_state {
  std::unique_ptr<state_of<typename child<Child>::layer, Backend>> inner;
  std::size_t place = 0;
};

// What building a child has shown.
struct child_facts {
  std::size_t end = 0; // number of the first parameter behind it
  bool is_stochastic = false;
};

template <class Child, class Backend>
child_state<Child, Backend> build_child(const Child& it, std::string otherwise, builder<Backend>& at, shape& extents) {
  const auto inside = at.enter(child<Child>::name(it, std::move(otherwise)));
  using state = state_of<typename child<Child>::layer, Backend>;
  std::unique_ptr<state> inner(new state(child<Child>::of(it).build(at, extents)));
  return {std::move(inner), at.add_place(extents)};
}

template <class Child, class Backend>
tensor<Backend> forward_child(const Child& it, child_state<Child, Backend>& own, tensor<Backend> x,
                              pass<Backend>& now) {
  auto y = child<Child>::of(it).forward(*own.inner, std::move(x), now);
  now.show_output(own.place, y);
  return y;
}

template <class Child, class Backend>
tensor<Backend> backward_child(const Child& it, child_state<Child, Backend>& own, tensor<Backend> dy,
                               pass<Backend>& now) {
  now.show_gradient(own.place, dy);
  return child<Child>::of(it).backward(*own.inner, std::move(dy), now);
}

} // namespace detail

/// Layers one after another, as PyTorch's Sequential: children are called "0", "1", ... by their position, or as
/// named() says.
///
///     sequence{conv2d{.out = 32, .bias = false}, batch_norm{}, relu{}, named("head", dense{.out = 10})}
template <class... Layers>
struct sequence {
  std::tuple<Layers...> layers;

  constexpr explicit sequence(Layers... each) : layers(std::move(each)...) {}

  using child_layers = layer_list<typename detail::child<Layers>::layer...>;

  template <class Backend>
  struct state {
    std::tuple<detail::child_state<Layers, Backend>...> children;
    std::array<detail::child_facts, sizeof...(Layers)> facts{};
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    return build_all<Backend>(at, extents, std::index_sequence_for<Layers...>{});
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    return forward(own, std::move(x), now, range{0, sizeof...(Layers)});
  }
  /// The same by some of the children.
  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now, range children) const {
    return run(own, std::move(x), now, children, {});
  }
  /// The same by all of them, and what follows them.
  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now, epilogue<Backend> after) const {
    return run(own, std::move(x), now, {0, sizeof...(Layers)}, std::move(after));
  }

  /// Number of leading children that are frozen and deterministic: none of them holds a stochastic layer or a parameter
  /// from number `first_learning` on.
  template <class Backend>
  [[nodiscard]] std::size_t constant_children(const state<Backend>& own, std::size_t first_learning) const {
    const auto first = std::find_if(own.facts.begin(), own.facts.end(), [&](const detail::child_facts& child) {
      return child.is_stochastic || child.end > first_learning;
    });
    return static_cast<std::size_t>(first - own.facts.begin());
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    for_each([&](auto i) {
      constexpr std::size_t last = sizeof...(Layers) - 1 - i;
      // Once a layer wants no gradient for its input, nor does any before it.
      if (dy) dy = detail::backward_child(std::get<last>(layers), std::get<last>(own.children), std::move(dy), now);
    });
    return dy;
  }

private:
  template <std::size_t i>
  using type = typename detail::child<std::tuple_element_t<i, std::tuple<Layers...>>>::layer;
  template <std::size_t i>
  [[nodiscard]] const type<i>& layer() const {
    return detail::child<std::tuple_element_t<i, std::tuple<Layers...>>>::of(std::get<i>(layers));
  }

  template <class Backend>
  tensor<Backend> run(state<Backend>& own, tensor<Backend> x, pass<Backend>& now, range children,
                      epilogue<Backend> after) const {
    const std::size_t end = std::min(children.end, sizeof...(Layers));
    std::size_t next = children.begin;
    for_each([&](auto i) {
      if (i < next || i >= end) return;
      next = i + 1;
      if constexpr (detail::takes_epilogue<type<i>, Backend>)
        if (now.only_predicts()) {
          epilogue<Backend> joined;
          next = join<i + 1>(own, joined, now, end);
          if (next == end && !after.shift && !joined.rectified) {
            joined.addend = std::exchange(after.addend, {});
            joined.rectified = std::exchange(after.rectified, false);
          }
          x = layer<i>().forward(*std::get<i>(own.children).inner, std::move(x), now, std::move(joined));
          return;
        }
      x = detail::forward_child(std::get<i>(layers), std::get<i>(own.children), std::move(x), now);
    });
    return detail::finish(now.backend, std::move(x), after);
  }

  // Adds to an epilogue what the children from i on do, as far as they can be joined; the number of the first that
  // cannot.
  template <std::size_t i, class Backend>
  std::size_t join(state<Backend>& own, epilogue<Backend>& after, pass<Backend>& now, std::size_t end) const {
    if constexpr (i < sizeof...(Layers))
      if constexpr (requires { layer<i>().join(*std::get<i>(own.children).inner, after, now); })
        if (i < end && layer<i>().join(*std::get<i>(own.children).inner, after, now))
          return join<i + 1>(own, after, now, end);
    return i;
  }

  template <class Function>
  static void for_each(Function&& function) {
    [&]<std::size_t... i>(std::index_sequence<i...>) {
      (function(std::integral_constant<std::size_t, i>{}), ...);
    }
    (std::index_sequence_for<Layers...>{});
  }

  template <class Backend, std::size_t... i>
  state<Backend> build_all(builder<Backend>& at, shape& extents, std::index_sequence<i...>) const {
    std::array<detail::child_facts, sizeof...(Layers)> facts{};
    // Braces evaluate from left to right, as the shapes have to be.
    return {std::tuple<detail::child_state<Layers, Backend>...>{build_one<i>(at, extents, facts[i])...}, facts};
  }
  template <std::size_t i, class Backend>
  auto build_one(builder<Backend>& at, shape& extents, detail::child_facts& facts) const {
    const std::size_t stochastic_before = at.stochastic_layers();
    auto made = detail::build_child(std::get<i>(layers), std::to_string(i), at, extents);
    facts = {at.parameters().size(), at.stochastic_layers() != stochastic_before};
    return made;
  }
};

/// Layers of one type one after another, as many as wanted at run time: the stages of a residual network. Children are
/// called "0", "1", ...
template <class Layer>
struct stack {
  std::vector<Layer> layers;

  using child_layers = layer_list<typename detail::child<Layer>::layer>;

  template <class Backend>
  struct state {
    std::vector<detail::child_state<Layer, Backend>> children;
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    state<Backend> made;
    for (const auto& each : layers)
      made.children.push_back(detail::build_child(each, std::to_string(made.children.size()), at, extents));
    return made;
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    for (std::size_t i = 0; i < layers.size(); ++i)
      x = detail::forward_child(layers[i], own.children[i], std::move(x), now);
    return x;
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    for (std::size_t i = layers.size(); i-- > 0 && dy;)
      dy = detail::backward_child(layers[i], own.children[i], std::move(dy), now);
    return dy;
  }
};

} // namespace eucv::nn
