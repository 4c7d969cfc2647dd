#pragma once

#include <eucv/nn/backend.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace test {

/// A backend of plain loop nests over channels-first vectors: slow, short enough to be seen right, and the measure for
/// every fast kernel. Its layout differs from the host's, so that a layer which assumed one would fail on the other.
template <class Scalar, class Allocator = std::allocator<Scalar>>
class reference_backend {
public:
  using elements = std::vector<Scalar, Allocator>;
  struct shared_values {
    std::shared_ptr<elements> all;
    [[nodiscard]] bool unique() const { return all.use_count() == 1; }
    explicit operator bool() const { return all != nullptr; }
  };
  using scalar = Scalar;
  using storage = shared_values;
  using indices = std::vector<std::size_t>;
  using tensor = eucv::nn::tensor<reference_backend>;
  using shape = eucv::nn::shape;
  using window = eucv::nn::window;

  [[nodiscard]] tensor make(const shape& extents, eucv::nn::lifetime = eucv::nn::lifetime::step) {
    return {extents, {std::make_shared<elements>(extents.size())}};
  }
  void assign(tensor& to, std::span<const Scalar> flat, eucv::nn::order given) {
    each(to.shape, [&](const shape& at) { value(to, at) = flat[index(to.shape, at, given)]; });
  }
  [[nodiscard]] std::vector<Scalar> values(const tensor& x, eucv::nn::order wanted) const {
    std::vector<Scalar> flat(x.size());
    each(x.shape, [&](const shape& at) { flat[index(x.shape, at, wanted)] = value(x, at); });
    return flat;
  }
  [[nodiscard]] tensor copy(const tensor& x) { return {x.shape, {std::make_shared<elements>(*x.storage.all)}}; }
  void fill(tensor& x, Scalar value) { std::fill(x.storage.all->begin(), x.storage.all->end(), value); }
  [[nodiscard]] tensor flatten(const tensor& x) {
    auto y = copy(x); // channels-first already
    y.shape = {.n = x.shape.n, .c = x.shape.c * x.shape.h * x.shape.w};
    return y;
  }
  [[nodiscard]] tensor unflatten(const tensor& x, const shape& extents) {
    auto y = copy(x);
    y.shape = extents;
    return y;
  }
  [[nodiscard]] tensor join(const tensor& a, const tensor& b) {
    auto y = make({a.shape.n, a.shape.c + b.shape.c, a.shape.h, a.shape.w});
    each(y.shape, [&](shape at) {
      const shape to = at;
      const bool left = at.c < a.shape.c;
      if (!left) at.c -= a.shape.c;
      value(y, to) = value(left ? a : b, at);
    });
    return y;
  }
  [[nodiscard]] eucv::nn::channel_parts<reference_backend> split(const tensor& x, std::size_t first) {
    eucv::nn::channel_parts<reference_backend> parts{make({x.shape.n, first, x.shape.h, x.shape.w}),
                                                     make({x.shape.n, x.shape.c - first, x.shape.h, x.shape.w})};
    each(x.shape, [&](shape at) {
      const Scalar from = value(x, at);
      const bool left = at.c < first;
      if (!left) at.c -= first;
      value(left ? parts.first : parts.second, at) = from;
    });
    return parts;
  }

  [[nodiscard]] tensor gemm_nt(const tensor& a, const tensor& b) {
    return product({a.shape.n, b.shape.n, a.shape.c}, [&](std::size_t i, std::size_t j, std::size_t k) {
      return value(a, {i, k, 0, 0}) * value(b, {j, k, 0, 0});
    });
  }
  [[nodiscard]] tensor gemm_nn(const tensor& a, const tensor& b) {
    return product({a.shape.n, b.shape.c, a.shape.c}, [&](std::size_t i, std::size_t j, std::size_t k) {
      return value(a, {i, k, 0, 0}) * value(b, {k, j, 0, 0});
    });
  }
  [[nodiscard]] tensor gemm_tn(const tensor& a, const tensor& b) {
    return product({a.shape.c, b.shape.c, a.shape.n}, [&](std::size_t i, std::size_t j, std::size_t k) {
      return value(a, {k, i, 0, 0}) * value(b, {k, j, 0, 0});
    });
  }

  [[nodiscard]] tensor convolve(const tensor& x, const tensor& weight, const window& over) {
    auto y = zeros(over.out(weight.shape.n));
    each_product(y.shape, over, [&](const shape& out, const shape& in, const shape& w) {
      value(y, out) += value(x, in) * value(weight, w);
    });
    return y;
  }
  [[nodiscard]] tensor convolve_input_gradient(const tensor& dy, const tensor& weight, const window& over) {
    auto dx = zeros(over.in);
    each_product(dy.shape, over, [&](const shape& out, const shape& in, const shape& w) {
      value(dx, in) += value(dy, out) * value(weight, w);
    });
    return dx;
  }
  [[nodiscard]] tensor convolve_weight_gradient(const tensor& x, const tensor& dy, const window& over) {
    auto dw = zeros({dy.shape.c, x.shape.c, over.kernel.h, over.kernel.w});
    each_product(dy.shape, over, [&](const shape& out, const shape& in, const shape& w) {
      value(dw, w) += value(dy, out) * value(x, in);
    });
    return dw;
  }

  [[nodiscard]] eucv::nn::pooled<reference_backend> max_pool(const tensor& x, const window& over) {
    eucv::nn::pooled<reference_backend> result{make(over.out(x.shape.c)), {}};
    each(result.values.shape, [&](const shape& out) {
      Scalar best = -std::numeric_limits<Scalar>::infinity();
      std::size_t from = 0;
      each_tap(over, out, [&](const shape& in, std::size_t, std::size_t) {
        const Scalar candidate = value(x, in);
        if (best < candidate || std::isnan(candidate)) best = candidate, from = place(x.shape, in);
      });
      value(result.values, out) = best;
      result.origins.push_back(from);
    });
    return result;
  }
  [[nodiscard]] tensor max_pool_gradient(const tensor& dy, const indices& origins, const window& over) {
    auto dx = zeros(over.in);
    for (std::size_t i = 0; i < origins.size(); ++i) (*dx.storage.all)[origins[i]] += (*dy.storage.all)[i];
    return dx;
  }
  [[nodiscard]] tensor average_pool(const tensor& x, const window& over) {
    auto y = zeros(over.out(x.shape.c));
    each(y.shape, [&](const shape& out) {
      each_tap(over, out, [&](const shape& in, std::size_t, std::size_t) {
        value(y, out) += value(x, in) / static_cast<Scalar>(over.taps());
      });
    });
    return y;
  }
  [[nodiscard]] tensor average_pool_gradient(const tensor& dy, const window& over) {
    auto dx = zeros(over.in);
    each(dy.shape, [&](const shape& out) {
      each_tap(over, out, [&](const shape& in, std::size_t, std::size_t) {
        value(dx, in) += value(dy, out) / static_cast<Scalar>(over.taps());
      });
    });
    return dx;
  }

  [[nodiscard]] eucv::nn::channel_moments<reference_backend> moments(const tensor& x) {
    const auto count = static_cast<Scalar>(x.shape.pixels());
    auto mean = channel_sums(x);
    for (auto& sum : *mean.storage.all) sum /= count;
    auto squares = copy(x);
    each(x.shape, [&](const shape& at) {
      const Scalar distance = value(x, at) - channel(mean, at);
      value(squares, at) = distance * distance;
    });
    auto variance = channel_sums(squares);
    for (auto& sum : *variance.storage.all) sum /= count;
    return {mean, variance};
  }
  [[nodiscard]] tensor affine(tensor x, const tensor& scale, const tensor& shift) {
    auto y = make(x.shape);
    each(x.shape, [&](const shape& at) { value(y, at) = value(x, at) * channel(scale, at) + channel(shift, at); });
    return y;
  }
  [[nodiscard]] eucv::nn::normalisation_gradients<reference_backend>
  normalise_gradient(const tensor& x, tensor dy, const eucv::nn::normalisation<reference_backend>& how) {
    const auto count = static_cast<Scalar>(x.shape.pixels());
    const auto normal = [&](const shape& at) {
      return (value(x, at) - channel(how.mean, at)) * channel(how.inverse_deviation, at);
    };
    auto weighted = copy(dy);
    each(x.shape, [&](const shape& at) { value(weighted, at) *= normal(at); });
    const auto scale = channel_sums(weighted), shift = channel_sums(dy);
    auto dx = make(x.shape);
    each(x.shape, [&](const shape& at) {
      value(dx, at) = channel(how.scale, at) * channel(how.inverse_deviation, at) *
                      (value(dy, at) - channel(shift, at) / count - normal(at) * channel(scale, at) / count);
    });
    return {dx, scale, shift};
  }

  template <class Function, class... Tensors>
  void map(Function f, Tensors&&... tensors) {
    const std::size_t count = std::min({tensors.size()...});
    for (std::size_t i = 0; i < count; ++i) f(element(tensors, i)...);
  }

  [[nodiscard]] tensor channel_sums(const tensor& x) {
    auto sums = zeros({.c = x.shape.c});
    each(x.shape, [&](const shape& at) { (*sums.storage.all)[at.c] += value(x, at); });
    return sums;
  }
  [[nodiscard]] tensor add_to_channels(tensor x, const tensor& bias) {
    auto y = make(x.shape);
    each(x.shape, [&](const shape& at) { value(y, at) = value(x, at) + channel(bias, at); });
    return y;
  }
  [[nodiscard]] std::vector<double> sums_of_squares(std::span<const tensor* const> list) {
    std::vector<double> sums;
    for (const tensor* x : list) {
      double& sum = sums.emplace_back(0);
      for (const auto each_value : *x->storage.all)
        sum += static_cast<double>(each_value) * static_cast<double>(each_value);
    }
    return sums;
  }

private:
  [[nodiscard]] static std::size_t place(const shape& of, const shape& at) {
    return index(of, at, eucv::nn::order::channels_first);
  }
  [[nodiscard]] static std::size_t index(const shape& of, const shape& at, eucv::nn::order order) {
    if (order == eucv::nn::order::channels_first) return ((at.n * of.c + at.c) * of.h + at.h) * of.w + at.w;
    return ((at.n * of.h + at.h) * of.w + at.w) * of.c + at.c;
  }
  [[nodiscard]] static Scalar& value(tensor& x, const shape& at) { return (*x.storage.all)[place(x.shape, at)]; }
  [[nodiscard]] static Scalar value(const tensor& x, const shape& at) { return (*x.storage.all)[place(x.shape, at)]; }
  [[nodiscard]] static Scalar channel(const tensor& x, const shape& at) { return (*x.storage.all)[at.c]; }
  [[nodiscard]] static Scalar& element(tensor& x, std::size_t i) { return (*x.storage.all)[i]; }
  [[nodiscard]] static const Scalar& element(const tensor& x, std::size_t i) { return (*x.storage.all)[i]; }

  [[nodiscard]] tensor zeros(const shape& extents) {
    auto made = make(extents);
    fill(made, Scalar(0));
    return made;
  }

  struct sizes {
    std::size_t rows, columns, depth;
  };
  template <class Term>
  [[nodiscard]] tensor product(const sizes& of, Term term) {
    auto y = zeros({.n = of.rows, .c = of.columns});
    for (std::size_t i = 0; i < of.rows; ++i)
      for (std::size_t j = 0; j < of.columns; ++j)
        for (std::size_t k = 0; k < of.depth; ++k) value(y, {i, j, 0, 0}) += term(i, j, k);
    return y;
  }

  // Calls function with every index of a tensor.
  template <class Function>
  static void each(const shape& extents, Function function) {
    for (std::size_t n = 0; n < extents.n; ++n)
      for (std::size_t c = 0; c < extents.c; ++c)
        for (std::size_t h = 0; h < extents.h; ++h)
          for (std::size_t w = 0; w < extents.w; ++w) function(shape{n, c, h, w});
  }
  // Calls function(index in the input, row and column in the kernel) for what a window covers of the map.
  template <class Function>
  static void each_tap(const window& over, const shape& out, Function function) {
    for (std::size_t ky = 0; ky < over.kernel.h; ++ky)
      for (std::size_t kx = 0; kx < over.kernel.w; ++kx) {
        const auto y =
            static_cast<std::ptrdiff_t>(out.h * over.stride.h + ky) - static_cast<std::ptrdiff_t>(over.padding.h);
        const auto x =
            static_cast<std::ptrdiff_t>(out.w * over.stride.w + kx) - static_cast<std::ptrdiff_t>(over.padding.w);
        if (y >= 0 && x >= 0 && y < static_cast<std::ptrdiff_t>(over.in.h) &&
            x < static_cast<std::ptrdiff_t>(over.in.w))
          function(shape{out.n, out.c, static_cast<std::size_t>(y), static_cast<std::size_t>(x)}, ky, kx);
      }
  }
  // Calls function(output, input, weight) with the indices of every product in a convolution.
  template <class Function>
  static void each_product(const shape& out_shape, const window& over, Function function) {
    each(out_shape, [&](const shape& out) {
      each_tap(over, out, [&](shape in, std::size_t ky, std::size_t kx) {
        for (in.c = 0; in.c < over.in.c; ++in.c) function(out, in, shape{out.c, in.c, ky, kx});
      });
    });
  }
};

} // namespace test
