#pragma once

#include <eucv/nn/backend.hpp>

namespace eucv::nn {

/// The parts of a backend that a layer needs besides has_memory and has_map, as its member type `needs`:
///
///     using needs = backend_parts<backend_part::convolution, backend_part::channel_sums>;
template <class... Parts>
struct backend_parts {};

// One type for each part: whether a backend has it, and for a network on one that has not, what is missing.
namespace backend_part {

struct flatten {
  template <class B>
  static constexpr bool in = has_flatten<B>;
  template <class B>
  static consteval void require() {
    static_assert(in<B>, "the backend has no flatten(x) and unflatten(x, shape), which a layer needs: see has_flatten");
  }
};

struct join {
  template <class B>
  static constexpr bool in = has_join<B>;
  template <class B>
  static consteval void require() {
    static_assert(in<B>, "the backend has no join(a, b) and split(x, channels), which a layer needs: see has_join");
  }
};

struct gemm {
  template <class B>
  static constexpr bool in = has_gemm<B>;
  template <class B>
  static consteval void require() {
    static_assert(in<B>, "the backend has no gemm_nt, gemm_nn and gemm_tn(a, b), which a layer needs: see has_gemm");
  }
};

struct convolution {
  template <class B>
  static constexpr bool in = has_convolution<B>;
  template <class B>
  static consteval void require() {
    static_assert(in<B>, "the backend has no convolve(x, weight, window), convolve_input_gradient or "
                         "convolve_weight_gradient, which a layer needs: see has_convolution");
  }
};

struct pooling {
  template <class B>
  static constexpr bool in = has_pooling<B>;
  template <class B>
  static consteval void require() {
    static_assert(in<B>, "the backend has no max_pool(x, window), average_pool(x, window) or their gradients, which a "
                         "layer needs: see has_pooling");
  }
};

struct normalisation {
  template <class B>
  static constexpr bool in = has_normalisation<B>;
  template <class B>
  static consteval void require() {
    static_assert(in<B>, "the backend has no moments(x), affine(x, scale, shift) or normalise_gradient(x, dy, how), "
                         "which a layer needs: see has_normalisation");
  }
};

struct channel_sums {
  template <class B>
  static constexpr bool in = has_channel_sums<B>;
  template <class B>
  static consteval void require() {
    static_assert(in<B>, "the backend has no channel_sums(x) and add_to_channels(x, bias), which a layer needs: see "
                         "has_channel_sums");
  }
};

} // namespace backend_part

namespace detail {

template <class Layer>
struct needs_of {
  using type = backend_parts<>;
};
template <class Layer>
requires requires {
  typename Layer::needs;
}
struct needs_of<Layer> {
  using type = typename Layer::needs;
};

template <class Backend, class... Parts>
consteval bool has_parts(backend_parts<Parts...>) {
  return (... && Parts::template in<Backend>);
}
template <class Backend, class... Parts>
consteval void require_parts(backend_parts<Parts...>) {
  (Parts::template require<Backend>(), ...);
}

} // namespace detail

/// Whether a backend has the parts that a layer itself needs; its children are asked by themselves.
template <class Backend, class Layer>
concept provides = detail::has_parts<Backend>(typename detail::needs_of<Layer>::type{});

} // namespace eucv::nn
