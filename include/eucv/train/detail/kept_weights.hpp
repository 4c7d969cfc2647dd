#pragma once

#include <eucv/core/random.hpp>
#include <eucv/nn/any_model.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace eucv::train {

/// Keeps a network as it is for a trial: weights, running statistics and engine are put back at the end of the scope,
/// however it ends, and gradients are gone. Refers to the network.
template <nn::network Network>
class kept_weights {
public:
  explicit kept_weights(Network& net) : net_(net), engine_(net.random()) {
    for_each([&](auto& value) { // the trial works on copies, so that giving back copies nothing and cannot fail
      values_.push_back(value);
      value = net.backend().make(value.shape, nn::lifetime::model);
      net.backend().map(nn::elementwise::copy{}, value, std::as_const(values_.back()));
    });
  }
  ~kept_weights() {
    std::size_t slot = 0;
    for_each([&](auto& value) { value = std::move(values_[slot++]); });
    net_.zero_gradients();
    net_.random(engine_);
  }
  kept_weights(const kept_weights&) = delete;
  kept_weights& operator=(const kept_weights&) = delete;

private:
  template <class Function>
  void for_each(Function&& f) {
    for (auto& each : net_.parameters()) f(each.value);
    for (auto& each : net_.buffers()) f(each.value);
  }

  Network& net_;
  eucv::random engine_;
  std::vector<nn::tensor<typename Network::backend_type>> values_;
};

} // namespace eucv::train
