#pragma once

#include <eucv/nn/drop.hpp>
#include <eucv/nn/elementwise.hpp>
#include <eucv/nn/tensor.hpp>
#include <eucv/nn/window.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

namespace eucv::nn {

// What a backend offers, part by part. A backend implements primitives, never layers; layers are written once against
// these, and each names the parts that it needs (layer.hpp). has_memory and has_map are needed by all. The primitives
// return new tensors of lifetime::step unless they say otherwise, are called from one thread at a time, and check
// nothing: layers have inferred all shapes before. Letters: N images, C channels of the input, O of the output, H x W
// places, K and M for matrices {.n = rows, .c = columns}.

/// Values of the result of a maximum over windows, and where each came from.
template <class Backend>
struct pooled {
  tensor<Backend> values;
  typename Backend::indices origins;
};

/// Mean and biased variance of each channel, both {.c = C}.
template <class Backend>
struct channel_moments {
  tensor<Backend> mean, variance;
};

/// What the gradient of a normalisation needs besides input and gradient; all {.c = C}.
template <class Backend>
struct normalisation {
  tensor<Backend> mean, inverse_deviation, scale;
};

/// Gradients with regard to the input {N, C, H, W}, and to scale and shift {.c = C}.
template <class Backend>
struct normalisation_gradients {
  tensor<Backend> input, scale, shift;
};

/// The channels of a tensor in two parts.
template <class Backend>
struct channel_parts {
  tensor<Backend> first, second;
};

/// Operations fused into a convolution, done while its results are still in registers: y * scale + shift for each
/// channel, then plus `addend`, then zero for what is below it. An empty tensor leaves its step out.
template <class Backend>
struct epilogue {
  tensor<Backend> scale, shift; ///< {.c = O}; scale comes with a shift
  tensor<Backend> addend;       ///< {N, O, H, W}, of the result's shape
  bool rectified = false;
};

/// - scalar: a floating-point type; storage: an empty-able shared handle with bool and unique(). What it refers to need
///   not be memory that the host can read.
/// - make(shape, lifetime): a tensor, values not set; make(shape) is of lifetime::step.
/// - assign(tensor, values, order): overwrites all values from flat ones on the host; values(tensor, order): the way
///   back. The only ways in and out.
/// - copy(tensor); fill(tensor, value).
template <class B>
concept has_memory = std::copyable<B> && std::floating_point<typename B::scalar> &&
    std::copyable<typename B::storage> && requires(B& b, typename B::storage storage, const tensor<B>& x, tensor<B>& to,
                                                   std::span<const typename B::scalar> flat) {
  { storage.unique() } -> std::same_as<bool>;
  static_cast<bool>(storage);
  { b.make(shape{}) } -> std::same_as<tensor<B>>;
  { b.make(shape{}, lifetime::model) } -> std::same_as<tensor<B>>;
  b.assign(to, flat, order::channels_first);
  { b.values(x, order::channels_last) } -> std::same_as<std::vector<typename B::scalar>>;
  { b.copy(x) } -> std::same_as<tensor<B>>;
  b.fill(to, typename B::scalar{});
};

/// map(f, x...): calls f on the elements of tensors of one size, place by place. f is a value of a named type whose
/// operator() is EUCV_DEVICE (elementwise.hpp), so that it can be the argument of a kernel. It takes as many references
/// as there are tensors, to scalars or to packets of them (simd.hpp), and may write to those whose tensor is not const.
template <class B>
concept has_map = requires(B& b, tensor<B>& to, const tensor<B>& from) {
  b.map(elementwise::add{}, to, from);
};

/// flatten(x): {N, C, H, W} to {N, CHW, 1, 1}, features in PyTorch's order [c][h][w]; unflatten(x, shape): back.
template <class B>
concept has_flatten = requires(B& b, const tensor<B>& x) {
  { b.flatten(x) } -> std::same_as<tensor<B>>;
  { b.unflatten(x, shape{}) } -> std::same_as<tensor<B>>;
};

/// join(a, b): {N, A, H, W} and {N, B, H, W} to {N, A + B, H, W}; split(x, A): the way back.
template <class B>
concept has_join = requires(B& b, const tensor<B>& x) {
  { b.join(x, x) } -> std::same_as<tensor<B>>;
  { b.split(x, std::size_t{}) } -> std::same_as<channel_parts<B>>;
};

/// Products of matrices, by which operand is transposed:
/// gemm_nt: a{N, K} times b{M, K} transposed gives {N, M}; gemm_nn: a{N, M} times b{M, K} gives {N, K};
/// gemm_tn: a{N, M} transposed times b{N, K} gives {M, K}.
template <class B>
concept has_gemm = requires(B& b, const tensor<B>& x) {
  { b.gemm_nt(x, x) } -> std::same_as<tensor<B>>;
  { b.gemm_nn(x, x) } -> std::same_as<tensor<B>>;
  { b.gemm_tn(x, x) } -> std::same_as<tensor<B>>;
};

/// Cross-correlation as PyTorch's conv2d, one group, weight {O, C, kh, kw}; window.in is the shape of x:
/// convolve(x, weight, window): x{N, C, H, W} to y{N, O, window.out_h(), window.out_w()};
/// convolve_input_gradient(dy, weight, window): dy of y's shape to dx of x's;
/// convolve_weight_gradient(x, dy, window): to {O, C, kh, kw}, summed over images and places.
template <class B>
concept has_convolution = requires(B& b, const tensor<B>& x, const window& over) {
  { b.convolve(x, x, over) } -> std::same_as<tensor<B>>;
  { b.convolve_input_gradient(x, x, over) } -> std::same_as<tensor<B>>;
  { b.convolve_weight_gradient(x, x, over) } -> std::same_as<tensor<B>>;
};

/// max_pool(x, window): the first largest value of each window, row by row, and its place; one that is not a number
/// wins. max_pool_gradient(dy, origins, window): dy added up at the places that it came from.
/// average_pool(x, window): mean over the whole window, outside counted as zero; average_pool_gradient(dy, window).
template <class B>
concept has_pooling = requires(B& b, const tensor<B>& x, const typename B::indices& origins, const window& over) {
  { b.max_pool(x, over) } -> std::same_as<pooled<B>>;
  { b.max_pool_gradient(x, origins, over) } -> std::same_as<tensor<B>>;
  { b.average_pool(x, over) } -> std::same_as<tensor<B>>;
  { b.average_pool_gradient(x, over) } -> std::same_as<tensor<B>>;
};

/// moments(x): mean and biased variance of each channel over N, H and W.
/// affine(x, scale, shift): x * scale + shift for each channel; takes x by value and may overwrite it.
/// normalise_gradient(x, dy, how): gradients of y = (x - mean) * inverse_deviation * scale + shift where mean and
/// deviation are those of x itself; takes dy by value and may overwrite it.
template <class B>
concept has_normalisation = requires(B& b, tensor<B> x, const normalisation<B>& how) {
  { b.moments(x) } -> std::same_as<channel_moments<B>>;
  { b.affine(x, x, x) } -> std::same_as<tensor<B>>;
  { b.normalise_gradient(x, x, how) } -> std::same_as<normalisation_gradients<B>>;
};

/// channel_sums(x): {N, C, H, W} to {.c = C}; add_to_channels(x, bias): the adjoint, adds bias{.c = C} at each place;
/// takes x by value and may overwrite it.
template <class B>
concept has_channel_sums = requires(B& b, tensor<B> x) {
  { b.channel_sums(x) } -> std::same_as<tensor<B>>;
  { b.add_to_channels(x, x) } -> std::same_as<tensor<B>>;
};

/// sums_of_squares(list): of each tensor the sum over all its elements, not finite if one of them is not. One call for
/// many tensors, since a device answers the host once a call.
template <class B>
concept has_norms = requires(B& b, std::span<const tensor<B>* const> list) {
  { b.sums_of_squares(list) } -> std::same_as<std::vector<double>>;
};

/// Optional: convolve(x, weight, window, epilogue). Without it the steps of an epilogue are
/// done one after another, by the primitives above.
template <class B>
concept has_epilogues = requires(B& b, const tensor<B>& x, const window& over, const epilogue<B>& after) {
  { b.convolve(x, x, over, after) } -> std::same_as<tensor<B>>;
};

/// drop(x, pattern): each element times its factor; takes x by value and may overwrite it.
/// Optional: without it the factors are computed on the host and assigned.
template <class B>
concept has_dropping = requires(B& b, tensor<B> x, const drop_pattern& how) {
  { b.drop(x, how) } -> std::same_as<tensor<B>>;
};

/// assign(tensor, rows): overwrites all values, each image by the flat ones in channels-last order that begin at one of
/// the pointers. Optional, where memory is the host's.
template <class B>
concept has_gathering = requires(B& b, tensor<B>& to, std::span<const typename B::scalar* const> rows) {
  b.assign(to, rows);
};

/// What every backend must offer: memory and maps. Copies of a backend share its memory. What else is needed depends on
/// the layers of a network, which name it; optimizers and training need has_norms.
template <class B>
concept backend = has_memory<B> && has_map<B>;

/// A backend on which all layers of the library run, and training.
template <class B>
concept complete_backend = backend<B> && has_flatten<B> && has_join<B> && has_gemm<B> && has_convolution<B> &&
    has_pooling<B> && has_normalisation<B> && has_channel_sums<B> && has_norms<B>;

/// The sum of squares of one tensor.
template <has_norms Backend>
[[nodiscard]] double sum_of_squares(Backend& backend, const tensor<Backend>& x) {
  const tensor<Backend>* const one[] = {&x};
  return backend.sums_of_squares(one).front();
}

} // namespace eucv::nn
