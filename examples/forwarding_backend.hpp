#pragma once

#include <eucv/nn/backend.hpp>
#include <eucv/nn/host.hpp>

#include <concepts>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace example {

/// A backend that hands every primitive to the host backend. Derive from it, and hide the primitives that are to do
/// something else: enough to count, to trace, to slow down, or to move one primitive after the other to a device.
template <class Self, std::floating_point Scalar>
class forwarding_backend {
public:
  using inner = eucv::nn::host<Scalar>;
  using scalar = Scalar;
  using storage = typename inner::storage;
  using indices = typename inner::indices;
  using tensor = eucv::nn::tensor<Self>;
  using shape = eucv::nn::shape;
  using window = eucv::nn::window;

  explicit forwarding_backend(eucv::thread_pool& pool) : host_(pool) {}

  tensor make(const shape& extents, eucv::nn::lifetime life = eucv::nn::lifetime::step) {
    return out(host_.make(extents, life));
  }
  void assign(tensor& to, std::span<const Scalar> values, eucv::nn::order given) {
    auto same = in(to);
    host_.assign(same, values, given);
  }
  std::vector<Scalar> values(const tensor& x, eucv::nn::order wanted) const { return host_.values(in(x), wanted); }
  tensor copy(const tensor& x) { return out(host_.copy(in(x))); }
  void fill(tensor& x, Scalar value) {
    auto same = in(x);
    host_.fill(same, value);
  }
  tensor flatten(const tensor& x) { return out(host_.flatten(in(x))); }
  tensor unflatten(const tensor& x, const shape& extents) { return out(host_.unflatten(in(x), extents)); }
  tensor join(const tensor& a, const tensor& b) { return out(host_.join(in(a), in(b))); }
  eucv::nn::channel_parts<Self> split(const tensor& x, std::size_t first) {
    auto parts = host_.split(in(x), first);
    return {out(std::move(parts.first)), out(std::move(parts.second))};
  }

  tensor gemm_nt(const tensor& a, const tensor& b) { return out(host_.gemm_nt(in(a), in(b))); }
  tensor gemm_nn(const tensor& a, const tensor& b) { return out(host_.gemm_nn(in(a), in(b))); }
  tensor gemm_tn(const tensor& a, const tensor& b) { return out(host_.gemm_tn(in(a), in(b))); }

  tensor convolve(const tensor& x, const tensor& weight, const window& over) {
    return out(host_.convolve(in(x), in(weight), over));
  }
  tensor convolve_input_gradient(const tensor& dy, const tensor& weight, const window& over) {
    return out(host_.convolve_input_gradient(in(dy), in(weight), over));
  }
  tensor convolve_weight_gradient(const tensor& x, const tensor& dy, const window& over) {
    return out(host_.convolve_weight_gradient(in(x), in(dy), over));
  }

  eucv::nn::pooled<Self> max_pool(const tensor& x, const window& over) {
    auto result = host_.max_pool(in(x), over);
    return {out(std::move(result.values)), std::move(result.origins)};
  }
  tensor max_pool_gradient(const tensor& dy, const indices& origins, const window& over) {
    return out(host_.max_pool_gradient(in(dy), origins, over));
  }
  tensor average_pool(const tensor& x, const window& over) { return out(host_.average_pool(in(x), over)); }
  tensor average_pool_gradient(const tensor& dy, const window& over) {
    return out(host_.average_pool_gradient(in(dy), over));
  }

  eucv::nn::channel_moments<Self> moments(const tensor& x) {
    auto result = host_.moments(in(x));
    return {out(std::move(result.mean)), out(std::move(result.variance))};
  }
  tensor affine(tensor x, const tensor& scale, const tensor& shift) {
    return out(host_.affine(taken(x), in(scale), in(shift)));
  }
  eucv::nn::normalisation_gradients<Self> normalise_gradient(const tensor& x, tensor dy,
                                                             const eucv::nn::normalisation<Self>& how) {
    auto result = host_.normalise_gradient(in(x), taken(dy), {in(how.mean), in(how.inverse_deviation), in(how.scale)});
    return {out(std::move(result.input)), out(std::move(result.scale)), out(std::move(result.shift))};
  }

  template <class Function, class... Tensors>
  void map(Function f, Tensors&&... tensors) {
    host_.map(f, in(tensors)...);
  }

  tensor channel_sums(const tensor& x) { return out(host_.channel_sums(in(x))); }
  tensor add_to_channels(tensor x, const tensor& bias) { return out(host_.add_to_channels(taken(x), in(bias))); }
  std::vector<double> sums_of_squares(std::span<const tensor* const> list) {
    std::vector<double> sums;
    for (const tensor* x : list) sums.push_back(eucv::nn::sum_of_squares(host_, in(*x)));
    return sums;
  }

private:
  using inner_tensor = typename inner::tensor;
  // One memory, two types of tensor. A constant tensor stays one: map() writes to the others.
  static const inner_tensor in(const tensor& x) { return {x.shape, x.storage}; }
  static inner_tensor in(tensor& x) { return {x.shape, x.storage}; }
  // For what may be overwritten: the only handle has to move along.
  static inner_tensor taken(tensor& x) { return {x.shape, std::exchange(x.storage, {})}; }
  static tensor out(inner_tensor x) { return {x.shape, std::move(x.storage)}; }

  inner host_;
};

} // namespace example
