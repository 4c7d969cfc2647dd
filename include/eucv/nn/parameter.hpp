#pragma once

#include <eucv/nn/tensor.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace eucv::nn {

/// A learnable tensor of a network, with its name, its gradient, and whether it may change.
template <class Backend>
struct parameter {
  std::string name;              ///< full name with PyTorch's dots: "layer1.0.conv1.weight"
  std::vector<std::size_t> dims; ///< extents as PyTorch has them: [O][I][kh][kw], [O][I] or [C]
  tensor<Backend> value;         ///< of shape_of(dims); flat values in channels-first order are PyTorch's
  /// Sum of the gradients since model::zero_gradients(), or empty, which means zero: nothing was propagated to it.
  tensor<Backend> gradient;
  bool frozen = false; ///< gets no gradient and must not be changed by an optimizer
  double rate = 1;     ///< share of the learning rate that it learns at
  /// The outermost named child that holds it: "layer1" of "layer1.0.conv1.weight". Blocks are what is frozen, and what
  /// has a learning rate of its own; see blocks.hpp.
  std::string block = {};
};

/// A tensor that a network keeps and does not learn by gradients: running statistics.
template <class Backend>
struct buffer {
  std::string name; ///< full name: "layer1.0.bn1.running_mean"
  std::vector<std::size_t> dims;
  tensor<Backend> value;
  std::string block = {}; ///< as that of a parameter
};

} // namespace eucv::nn
