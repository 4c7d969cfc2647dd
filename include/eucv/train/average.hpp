#pragma once

#include <eucv/core/error.hpp>
#include <eucv/nn/any_model.hpp>
#include <eucv/nn/safetensors.hpp>

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace eucv::train {

/// A moving average of a network's weights: of what a training with noisy steps circles around (Polyak and Juditsky,
/// 1992; Tarvainen and Valpola, 2017, arXiv:1703.01780).
///
/// After t updates it is the mean of the t weights so far, one of age a counted d^a times. So the first weights have
/// no greater part in it than any others, as they have in an average that begins with them. Running statistics are
/// averaged alike: to first order the mean of an activation is that of the mean weights, and a variance stays
/// positive. Computing them anew would cost a pass over all pictures an epoch.
template <nn::network Network>
class weight_average {
public:
  using backend_type = typename Network::backend_type;

  /// `decay` is d, 0 to below 1, the part of the average that is left after an update; 0 averages nothing and costs
  /// nothing. Throws invalid_argument for another one.
  explicit weight_average(double decay) : decay_(decay) {
    if (!(decay >= 0 && decay < 1))
      throw error(errc::invalid_argument,
                  {"average weights", "the options", "the decay is not in [0, 1)", "choose 0.99, say, or 0 for none"});
  }

  [[nodiscard]] explicit operator bool() const noexcept { return updates_ != 0; }

  /// Takes the weights of the network in.
  void update(Network& net) {
    if (decay_ == 0) return;
    using scalar = typename backend_type::scalar;
    auto& backend = net.backend();
    std::size_t slot = 0;
    ++updates_;
    const auto share = static_cast<scalar>((1 - decay_) / (1 - std::pow(decay_, static_cast<double>(updates_))));
    for_each(net, [&](const auto&, const auto&, auto& value) {
      if (slot == averages_.size()) averages_.push_back(backend.make(value.shape, nn::lifetime::model));
      auto& average = averages_[slot++];
      if (updates_ == 1) {
        backend.map(nn::elementwise::copy{}, average, std::as_const(value));
        return;
      }
      backend.map(nn::elementwise::approach<scalar>{share}, average, std::as_const(value));
    });
  }

  /// The network has the average in place of its weights as long as this lives. No values are copied.
  class [[nodiscard]] lent {
  public:
    lent(weight_average& from, Network& to) : from_(from), to_(to) { from_.exchange(to_); }
    ~lent() { from_.exchange(to_); }
    lent(const lent&) = delete;
    lent& operator=(const lent&) = delete;

  private:
    weight_average& from_;
    Network& to_;
  };
  lent lend(Network& net) { return {*this, net}; }

  /// Adds the state to `content`, under "average.<parameter>".
  void save(Network& net, nn::tensor_file& content) {
    if (updates_ == 0) return;
    content.metadata["average.updates"] = std::to_string(updates_);
    std::size_t slot = 0;
    for_each(net, [&](const auto& name, const auto& dims, const auto&) {
      const auto flat = net.backend().values(averages_[slot++], nn::order::channels_first);
      content.arrays.push_back({"average." + name, dims, {flat.begin(), flat.end()}});
    });
  }
  /// Takes the state that save() left, or none where there is none. Throws missing_tensor and shape_mismatch where it
  /// does not fit the network.
  void load(Network& net, const nn::tensor_file& content) {
    averages_.clear();
    updates_ = 0;
    const auto found = content.metadata.find("average.updates");
    if (decay_ == 0 || found == content.metadata.end()) return;
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), updates_);
    for_each(net, [&](const auto& name, const auto& dims, const auto& value) {
      const auto& array = content.at("average." + name, dims);
      auto& average = averages_.emplace_back(net.backend().make(value.shape, nn::lifetime::model));
      const std::vector<typename backend_type::scalar> flat(array.values.begin(), array.values.end());
      net.backend().assign(average, flat, nn::order::channels_first);
    });
  }

private:
  // What is frozen is its own average.
  template <class Function>
  static void for_each(Network& net, Function&& f) {
    for (auto& each : net.parameters())
      if (!each.frozen) f(each.name, each.dims, each.value);
    for (auto& each : net.buffers()) f(each.name, each.dims, each.value);
  }

  void exchange(Network& net) noexcept {
    if (updates_ == 0) return;
    std::size_t slot = 0;
    for_each(net, [&](const auto&, const auto&, auto& value) { std::swap(value, averages_[slot++]); });
  }

  double decay_;
  std::uint64_t updates_ = 0;
  std::vector<nn::tensor<backend_type>> averages_;
};

} // namespace eucv::train
