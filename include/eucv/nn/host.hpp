#pragma once

#include <eucv/core/parallel.hpp>
#include <eucv/nn/backend.hpp>
#include <eucv/nn/host/choice.hpp>
#include <eucv/nn/host/convolution.hpp>
#include <eucv/nn/host/join.hpp>
#include <eucv/nn/host/map.hpp>
#include <eucv/nn/host/memory.hpp>
#include <eucv/nn/host/normalisation.hpp>
#include <eucv/nn/host/pool.hpp>
#include <eucv/nn/host/weight_gradient.hpp>
#include <eucv/nn/host/winograd.hpp>
#include <eucv/nn/host/winograd_gradient.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace eucv::nn {

/// The CPU backend: channels-last tensors in one arena, kernels on Eigen's packets, work cut up for a thread_pool.
///
/// Models the concept backend for float and double. Every result has the same bits for any number of threads: the
/// work is cut by its own size alone, and sums are added in a fixed order. A handle: copies share the arena. Use a
/// backend, and the models on it, from one thread at a time.
template <std::floating_point Scalar>
class host {
public:
  using scalar = Scalar;
  using storage = arena::block;
  using indices = arena::block;
  using tensor = nn::tensor<host>;

  /// Works on the threads of `pool`, which must outlive this backend and its copies.
  host(thread_pool& pool, const host_options& options = {}) : pool_(&pool), options_(options) {}

  [[nodiscard]] thread_pool& pool() const noexcept { return *pool_; }
  [[nodiscard]] const host_options& options() const noexcept { return options_; }
  [[nodiscard]] nn::arena& memory() noexcept { return arena_; }
  /// The values of a tensor, channels-last.
  [[nodiscard]] static Scalar* data(tensor& x) noexcept { return x.storage.template data<Scalar>(); }
  [[nodiscard]] static const Scalar* data(const tensor& x) noexcept { return x.storage.template data<const Scalar>(); }

  // The primitives, as backend.hpp states them.

  [[nodiscard]] tensor make(const shape& extents, lifetime life = lifetime::step) {
    return {extents, arena_.allocate(extents.size() * sizeof(Scalar), life)};
  }
  /// Throws errc::shape_mismatch unless there are as many values as elements.
  void assign(tensor& to, std::span<const Scalar> values, order given) {
    if (values.size() != to.size())
      throw error(errc::shape_mismatch,
                  {"fill a tensor", to_string(to.shape), std::to_string(values.size()) + " values are no such tensor",
                   "give one value for each element"});
    if (given == order::channels_first)
      detail::transposition<Scalar>{to.shape.n, to.shape.c, to.shape.h * to.shape.w}.run(*pool_, values.data(),
                                                                                         data(to));
    else
      detail::for_parts(*pool_, to.size(), detail::elements_per_piece, [&](range part) {
        std::copy_n(values.data() + part.begin, part.end - part.begin, data(to) + part.begin);
      });
  }
  void assign(tensor& to, std::span<const Scalar* const> rows) {
    const std::size_t size = to.size() / to.shape.n;
    detail::for_parts(*pool_, rows.size(), std::max<std::size_t>(1, detail::elements_per_piece / size),
                      [&](range part) {
                        for (std::size_t row = part.begin; row < part.end; ++row)
                          std::copy_n(rows[row], size, data(to) + row * size);
                      });
  }
  [[nodiscard]] std::vector<Scalar> values(const tensor& x, order wanted) const {
    std::vector<Scalar> flat(x.size());
    if (wanted == order::channels_first)
      detail::transposition<Scalar>{x.shape.n, x.shape.h * x.shape.w, x.shape.c}.run(*pool_, data(x), flat.data());
    else
      std::copy_n(data(x), x.size(), flat.data());
    return flat;
  }
  [[nodiscard]] tensor copy(const tensor& x) {
    tensor made = make(x.shape);
    detail::for_parts(*pool_, x.size(), detail::elements_per_piece, [&](range part) {
      std::copy(data(x) + part.begin, data(x) + part.end, data(made) + part.begin);
    });
    return made;
  }
  void fill(tensor& x, Scalar value) {
    detail::for_parts(*pool_, x.size(), detail::elements_per_piece,
                      [&](range part) { std::fill(data(x) + part.begin, data(x) + part.end, value); });
  }
  [[nodiscard]] tensor flatten(const tensor& x) {
    tensor made = make({.n = x.shape.n, .c = x.shape.c * x.shape.h * x.shape.w});
    detail::transposition<Scalar>{x.shape.n, x.shape.h * x.shape.w, x.shape.c}.run(*pool_, data(x), data(made));
    return made;
  }
  [[nodiscard]] tensor unflatten(const tensor& x, const shape& extents) {
    tensor made = make(extents);
    detail::transposition<Scalar>{extents.n, extents.c, extents.h * extents.w}.run(*pool_, data(x), data(made));
    return made;
  }
  [[nodiscard]] tensor join(const tensor& a, const tensor& b) {
    tensor made = make({a.shape.n, a.shape.c + b.shape.c, a.shape.h, a.shape.w});
    detail::joined_channels{a.shape.pixels(), a.shape.c, b.shape.c}.join(*pool_, data(a), data(b), data(made));
    return made;
  }
  [[nodiscard]] channel_parts<host> split(const tensor& x, std::size_t first) {
    channel_parts<host> made{make({x.shape.n, first, x.shape.h, x.shape.w}),
                             make({x.shape.n, x.shape.c - first, x.shape.h, x.shape.w})};
    detail::joined_channels{x.shape.pixels(), first, x.shape.c - first}.split(*pool_, data(x), data(made.first),
                                                                              data(made.second));
    return made;
  }

  // A product of matrices is a convolution over maps of one pixel.
  [[nodiscard]] tensor gemm_nt(const tensor& a, const tensor& b) { return convolve(a, b, {.in = a.shape}); }
  [[nodiscard]] tensor gemm_nn(const tensor& a, const tensor& b) {
    return convolve_input_gradient(a, b, {.in = {.n = a.shape.n, .c = b.shape.c}});
  }
  [[nodiscard]] tensor gemm_tn(const tensor& a, const tensor& b) {
    return convolve_weight_gradient(b, a, {.in = b.shape});
  }

  [[nodiscard]] tensor convolve(const tensor& x, const tensor& weight, const window& over,
                                const epilogue<host>& after = {}) {
    const std::size_t out = weight.shape.n;
    tensor y = make(over.out(out));
    const auto optional = [](const tensor& values) { return values ? data(values) : nullptr; };
    const detail::host_epilogue<Scalar> last{optional(after.scale), optional(after.shift), optional(after.addend),
                                             data(y), after.rectified};
    if (kernel(over, out) == detail::convolution_kernel::winograd)
      detail::winograd_convolution<Scalar>{*pool_, arena_, over, out, last}.forward(data(x), data(weight), data(y));
    else
      detail::convolution<Scalar>{*pool_, arena_, over, out, last}.forward(data(x), data(weight), data(y));
    return y;
  }
  [[nodiscard]] tensor convolve_input_gradient(const tensor& dy, const tensor& weight, const window& over) {
    const std::size_t out = weight.shape.n;
    tensor dx = make(over.in);
    if (kernel(over, out) == detail::convolution_kernel::winograd)
      detail::winograd_convolution<Scalar>{*pool_, arena_, over, out}.input_gradient(data(dy), data(weight), data(dx));
    else
      detail::convolution<Scalar>{*pool_, arena_, over, out}.input_gradient(data(dy), data(weight), data(dx));
    return dx;
  }
  [[nodiscard]] tensor convolve_weight_gradient(const tensor& x, const tensor& dy, const window& over) {
    tensor dw = make({dy.shape.c, x.shape.c, over.kernel.h, over.kernel.w});
    if (kernel(over, dy.shape.c) == detail::convolution_kernel::winograd)
      detail::winograd_weight_gradient<Scalar>{*pool_, arena_, over, dy.shape.c}.run(data(x), data(dy), data(dw));
    else
      detail::weight_gradient<Scalar>{*pool_, arena_, over, dy.shape.c}.run(data(x), data(dy), data(dw));
    return dw;
  }

  [[nodiscard]] pooled<host> max_pool(const tensor& x, const window& over) {
    pooled<host> result{make(over.out(over.in.c)), {}};
    result.origins = arena_.allocate(result.values.size() * sizeof(detail::origin));
    detail::max_pool<Scalar>{*pool_, over}.forward(data(x), data(result.values),
                                                   result.origins.template data<detail::origin>());
    return result;
  }
  [[nodiscard]] tensor max_pool_gradient(const tensor& dy, const indices& origins, const window& over) {
    tensor dx = make(over.in);
    detail::max_pool<Scalar>{*pool_, over}.gradient(data(dy), origins.template data<const detail::origin>(), data(dx));
    return dx;
  }
  [[nodiscard]] tensor average_pool(const tensor& x, const window& over) {
    tensor y = make(over.out(over.in.c));
    detail::average_pool<Scalar>{*pool_, over}.forward(data(x), data(y));
    return y;
  }
  [[nodiscard]] tensor average_pool_gradient(const tensor& dy, const window& over) {
    tensor dx = make(over.in);
    detail::average_pool<Scalar>{*pool_, over}.gradient(data(dy), data(dx));
    return dx;
  }

  [[nodiscard]] channel_moments<host> moments(const tensor& x) {
    channel_moments<host> result{make({.c = x.shape.c}), make({.c = x.shape.c})};
    rows_of(x).moments(data(x), data(result.mean), data(result.variance));
    return result;
  }
  [[nodiscard]] tensor affine(tensor x, const tensor& scale, const tensor& shift) {
    tensor y = x.storage.unique() ? x : make(x.shape);
    rows_of(x).affine(data(std::as_const(x)), {data(scale), data(shift)}, data(y));
    return y;
  }
  [[nodiscard]] normalisation_gradients<host> normalise_gradient(const tensor& x, tensor dy,
                                                                 const normalisation<host>& how) {
    const shape channels{.c = x.shape.c};
    normalisation_gradients<host> result{{}, make(channels), make(channels)};
    result.input = dy.storage.unique() ? dy : make(x.shape);
    rows_of(x).normalise_gradient({data(x), data(std::as_const(dy))},
                                  {data(how.mean), data(how.inverse_deviation), data(how.scale)},
                                  {data(result.input), data(result.scale), data(result.shift)});
    return result;
  }

  template <class Function, class... Tensors>
  void map(Function f, Tensors&&... tensors) {
    const std::size_t count = std::min({tensors.size()...});
    detail::for_parts(*pool_, count, detail::elements_per_piece,
                      [&](range elements) { detail::map_range<Scalar>(elements, f, data(tensors)...); });
  }

  [[nodiscard]] tensor drop(tensor x, const drop_pattern& how) {
    tensor y = x.storage.unique() ? x : make(x.shape);
    detail::for_parts(*pool_, x.size(), detail::elements_per_piece, [&](range part) {
      std::array<Scalar, 1024> factors; // stays in the first-level cache
      for (std::size_t i = part.begin; i < part.end; i += factors.size()) {
        const std::size_t count = std::min(factors.size(), part.end - i);
        how.write_factors(i, std::span(factors).first(count));
        const auto multiply = [](auto& to, const auto& from, const auto& factor) { to = from * factor; };
        detail::map_range<Scalar>({0, count}, multiply, data(y) + i, data(std::as_const(x)) + i,
                                  std::as_const(factors).data());
      }
    });
    return y;
  }

  [[nodiscard]] tensor channel_sums(const tensor& x) {
    tensor sums = make({.c = x.shape.c});
    rows_of(x).sums(data(x), data(sums));
    return sums;
  }
  [[nodiscard]] tensor add_to_channels(tensor x, const tensor& bias) {
    tensor y = x.storage.unique() ? x : make(x.shape);
    rows_of(x).add(data(std::as_const(x)), data(bias), data(y));
    return y;
  }
  [[nodiscard]] std::vector<double> sums_of_squares(std::span<const tensor* const> list) {
    std::vector<double> sums;
    for (const tensor* x : list) sums.push_back(detail::sum_of_squares(*pool_, data(*x), x->size()));
    return sums;
  }

private:
  [[nodiscard]] detail::convolution_kernel kernel(const window& over, std::size_t out) const {
    return detail::choose_kernel<Scalar>(over, out, options_);
  }
  [[nodiscard]] detail::channel_rows<Scalar> rows_of(const tensor& x) {
    return {*pool_, arena_, x.shape.pixels(), x.shape.c};
  }

  thread_pool* pool_;
  host_options options_;
  nn::arena arena_;
};

} // namespace eucv::nn
