#pragma once

#include <eucv/nn/shape.hpp>

#include <cstddef>

namespace eucv::nn {

/// The order in which flat values stand, the last letter running fastest.
enum class order {
  channels_first, ///< [n][c][h][w], PyTorch's, which files of weights use
  channels_last   ///< [n][h][w][c], as pictures are decoded
};

/// How long the values of a tensor are meant to live, by which a backend may decide where they lie.
enum class lifetime {
  step, ///< made and freed within a training step or a prediction: activations, gradients, scratch
  model ///< lives as long as the model: parameters, statistics, the state of an optimizer
};

/// A handle on values that a backend keeps: copies share the values, as with std::shared_ptr.
///
/// The order in memory is the backend's own; values go in and out by Backend::assign() and Backend::values(). A default
/// tensor is empty and converts to false. Functions that take a tensor by value may overwrite it when nobody else
/// shares it: move a tensor that is no longer needed.
template <class Backend>
struct tensor {
  nn::shape shape{0, 0, 0, 0};
  typename Backend::storage storage;

  [[nodiscard]] std::size_t size() const noexcept { return shape.size(); }
  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(storage); }
};

/// The tensor itself where nobody shares its values, else a copy: what may be overwritten.
template <class Backend>
[[nodiscard]] tensor<Backend> own(Backend& backend, tensor<Backend> values) {
  if (values.storage.unique()) return values;
  return backend.copy(values);
}

} // namespace eucv::nn
