#pragma once

#include <eucv/classify/device.hpp>
#include <eucv/classify/network.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/nn/any_model.hpp>
#include <eucv/nn/backend.hpp>
#include <eucv/nn/blocks.hpp>
#include <eucv/nn/model.hpp>
#include <eucv/nn/weights.hpp>
#include <eucv/zoo/registry.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::classify {

namespace detail {

inline zoo::architecture_options layer_options(std::size_t classes, const judge::task_type& task) {
  return {.classes = classes, .logits = task.exclusive() ? zoo::logits::exclusive : zoo::logits::independent};
}

/// A network on one type of backend.
template <class Backend>
class network_on final : public classifier_network {
public:
  explicit network_on(nn::any_model<Backend> net) : net_(std::move(net)) {}

  std::vector<float> logits(const std::vector<float>& pixels, std::size_t count) override {
    return net_.backend().values(net_.forward(images_of(pixels, count), nn::mode::eval), nn::order::channels_last);
  }

  void save_weights(nn::tensor_file& content) override { nn::save_weights(net_, content); }
  void load_weights(const nn::tensor_file& content) override { nn::load_weights(net_, content); }
  void load_pretrained(const nn::tensor_file& content) override { nn::load_pretrained(net_, content); }

  std::size_t blocks() override {
    return nn::blocks_of(std::span<const nn::parameter<Backend>>(net_.parameters())).size();
  }
  void freeze_only_first(std::size_t blocks) override {
    for (auto& each : net_.parameters()) each.frozen = false;
    net_.freeze_first(blocks);
  }
  void decay_rates(double decay) override { nn::decay_rates(net_.parameters(), decay); }
  bool only_head_learns() override {
    const auto all = net_.parameters();
    const auto first = std::find_if(all.begin(), all.end(), [](const auto& each) { return !each.frozen; });
    return first != all.end() && first != all.begin() && first->block == all.back().block;
  }

  train::fit_result fit(const train::fit_data& data, const train::fit_options& options) override {
    return train::fit(net_, data, options);
  }
  std::optional<train::fit_result> fit_on_features(const train::fit_data& data, const train::fit_options& options,
                                                   const train::feature_options& how) override {
    return train::fit_on_features(net_, data, options, how);
  }
  train::evaluation evaluate(const train::source& data, std::vector<std::string> labels,
                             const train::bound_objective<float>& wanted) override {
    return train::evaluate(net_, data, std::move(labels), wanted);
  }
  train::rate_search find_rate(const train::source& training, const train::fit_options& options,
                               const train::rate_search_options& search) override {
    return train::find_rate(net_, training, options, search);
  }
  train::overfit_report overfit_one_batch(const train::source& training, const train::fit_options& options,
                                          const train::overfit_options& limits) override {
    return train::overfit_one_batch(net_, training, options, limits);
  }

  std::vector<std::string> layers() override { return explain::layers_of(net_); }
  std::pair<explain::heat_map, std::string> explain(const std::vector<float>& pixels, std::size_t wanted,
                                                    std::string_view layer, explain::method how) override {
    const std::size_t place = layer.empty() ? explain::last_layer(net_) : explain::find_layer(net_, layer);
    auto maps = explain::grad_cam(net_, images_of(pixels, 1), std::array{wanted}, {place, how});
    return {std::move(maps.front()), net_.places()[place].name};
  }

private:
  [[nodiscard]] nn::tensor<Backend> images_of(const std::vector<float>& pixels, std::size_t count) {
    auto images = net_.backend().make(net_.input_shape().with_images(count));
    net_.backend().assign(images, pixels, nn::order::channels_last);
    return images;
  }

  nn::any_model<Backend> net_;
};

} // namespace detail

/// The device behind a backend of float, which may be one of your own: all networks of zoo::registry are instantiated
/// for it here. What the backend refers to, such as a thread_pool, must outlive what is built on the device.
template <nn::complete_backend Backend>
requires std::same_as<typename Backend::scalar, float>
[[nodiscard]] device device_of(Backend backend) {
  return device([backend = std::move(backend)](const architecture& wanted,
                                               random& engine) -> std::unique_ptr<classifier_network> {
    const auto options = detail::layer_options(wanted.classes, *wanted.task);
    return std::make_unique<detail::network_on<Backend>>(
        zoo::registry::build<nn::any_model<Backend>>(wanted.name, options, [&](auto layers) {
          return nn::model(std::move(layers), nn::shape{1, 3, wanted.size, wanted.size}, engine, backend);
        }));
  });
}

} // namespace eucv::classify

#ifdef EUCV_IMPLEMENTATION_CLASSIFY
#include <eucv/nn/host.hpp>

namespace eucv::classify {

device host_device(thread_pool& pool) {
  return device_of(nn::host<float>(pool));
}

} // namespace eucv::classify
#endif
