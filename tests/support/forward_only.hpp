#pragma once

#include <eucv/nn/layer.hpp>

namespace test {

/// A layer that can predict, and lacks backward().
struct forward_only {
  template <class Backend>
  struct state {};
  template <class Backend>
  state<Backend> build(eucv::nn::builder<Backend>&, eucv::nn::shape&) const {
    return {};
  }
  template <class Backend>
  eucv::nn::tensor<Backend> forward(state<Backend>&, eucv::nn::tensor<Backend> x, eucv::nn::pass<Backend>&) const {
    return x;
  }
};

} // namespace test
