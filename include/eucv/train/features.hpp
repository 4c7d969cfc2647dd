#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/progress.hpp>
#include <eucv/core/random.hpp>
#include <eucv/dataset/epoch_order.hpp>
#include <eucv/nn/any_model.hpp>
#include <eucv/train/evaluate.hpp>
#include <eucv/train/fit.hpp>
#include <eucv/train/source.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace eucv::train {

/// A network whose first children can be run by themselves: model, and any_model.
template <class M>
concept split_network = nn::network<M> && requires(M& m, nn::tensor<typename M::backend_type> x, std::size_t children) {
  { m.constant_children() } -> std::same_as<std::size_t>;
  { m.features(x, children) } -> std::same_as<nn::tensor<typename M::backend_type>>;
  { m.forward_features(x, nn::mode::eval, children) } -> std::same_as<nn::tensor<typename M::backend_type>>;
};

/// What is behind the constant children of a network: it takes their features for pictures, and has only the blocks
/// that learn, so that a checkpoint of it is small. Refers to the network, which must outlive it.
template <split_network Network>
class trainable_part {
public:
  using backend_type = typename Network::backend_type;
  using tensor_type = nn::tensor<backend_type>;

  trainable_part(Network& whole, std::size_t children) : whole_(&whole), children_(children) {
    const auto all = whole.parameters();
    const auto first = std::find_if(all.begin(), all.end(), [](const auto& each) { return !each.frozen; });
    parameters_ = all.subspan(static_cast<std::size_t>(first - all.begin()));
    const auto buffers = whole.buffers();
    const auto learns = [&](const auto& each) {
      return std::any_of(parameters_.begin(), parameters_.end(),
                         [&](const auto& parameter) { return parameter.block == each.block; });
    };
    const auto begin = std::find_if(buffers.begin(), buffers.end(), learns);
    buffers_ = buffers.subspan(static_cast<std::size_t>(begin - buffers.begin()));
  }

  [[nodiscard]] tensor_type forward(tensor_type features, nn::mode how) {
    return whole_->forward_features(std::move(features), how, children_);
  }
  tensor_type backward(tensor_type gradient) { return whole_->backward(std::move(gradient)); }
  [[nodiscard]] std::span<nn::parameter<backend_type>> parameters() const noexcept { return parameters_; }
  [[nodiscard]] std::span<nn::buffer<backend_type>> buffers() const noexcept { return buffers_; }
  void zero_gradients() noexcept { whole_->zero_gradients(); }
  [[nodiscard]] nn::shape input_shape() const noexcept { return whole_->input_shape(); } ///< of the pictures
  [[nodiscard]] nn::shape output_shape() const noexcept { return whole_->output_shape(); }
  [[nodiscard]] backend_type& backend() noexcept { return whole_->backend(); }
  [[nodiscard]] eucv::random random() const noexcept { return whole_->random(); }
  void random(const eucv::random& engine) noexcept { whole_->random(engine); }

private:
  Network* whole_;
  std::size_t children_;
  std::span<nn::parameter<backend_type>> parameters_;
  std::span<nn::buffer<backend_type>> buffers_;
};

/// Features of labelled pictures, in memory.
struct feature_table {
  nn::shape extents{};            ///< of one picture's
  std::vector<float> values = {}; ///< channels last, picture by picture
  std::vector<std::size_t> labels = {}, items = {};

  /// Batches of it, in an order that the seed gives to each epoch. The table must outlive the source.
  [[nodiscard]] source batches(std::size_t batch, dataset::epoch_order wanted = dataset::epoch_order::listed,
                               std::uint64_t seed = 1) const {
    const std::size_t count = (labels.size() + batch - 1) / batch;
    return {count, [this, batch, count, wanted, seed](std::size_t epoch, std::size_t first) -> reader {
              eucv::random engine = eucv::random(seed).fork(epoch);
              auto order = dataset::places_of_epoch(wanted, labels, engine);
              return [this, batch, count, order = std::move(order), next = first]() mutable {
                if (next == count) return std::optional<dataset::batch>{};
                const std::size_t begin = batch * next++;
                return std::optional(take(std::span(order).subspan(begin, std::min(batch, order.size() - begin))));
              };
            }};
  }

private:
  [[nodiscard]] dataset::batch take(std::span<const std::size_t> rows) const {
    dataset::batch made;
    made.n = rows.size();
    made.height = extents.h;
    made.width = extents.w;
    made.channels = extents.c;
    for (const std::size_t row : rows) {
      made.rows.push_back(values.data() + row * extents.size());
      made.labels.push_back(labels[row]);
      made.items.push_back(items[row]);
    }
    return made;
  }
};

struct feature_options {
  std::size_t batch = 32;
  dataset::epoch_order order = dataset::epoch_order::shuffled;
  std::uint64_t seed = 1;                         ///< of the order in each epoch
  std::size_t most_bytes = std::size_t{2} << 30U; ///< of memory for all features together
};

/// fit() where the first children of the network are frozen: they run once over all pictures, and the rest learns from
/// what they gave, as many epochs as wanted for next to nothing. The training source must give the same pictures in
/// each epoch: augmentation has no place here. `epochs` and all else of the options mean what they do in fit().
///
/// Returns nothing, and has trained nothing, where nothing is constant or the features would take more memory than
/// allowed. Throws what fit() throws.
template <split_network Network>
[[nodiscard]] std::optional<fit_result> fit_on_features(Network& net, const fit_data& data, const fit_options& options,
                                                        const feature_options& how = {}) {
  const std::size_t children = net.constant_children();
  if (children == 0) return std::nullopt;
  std::size_t left = how.most_bytes / sizeof(float), done = 0;
  const std::size_t total = data.training.batches + data.validation.batches;
  const auto collect = [&](const source& pictures, feature_table& table) {
    if (pictures.batches == 0) return true;
    const reader next = pictures.open(0, 0);
    for (std::size_t number = 0; number < pictures.batches; ++number) {
      if (options.stop.stop_requested())
        throw error(errc::interrupted, {"train", "computing features", "asked to stop", "do the same again"});
      const auto some = next();
      if (!some) break;
      if (some->n == 0) continue;
      const auto features = net.features(images_of(net, *some), children);
      if (table.labels.empty()) {
        table.extents = features.shape.with_images(1);
        const std::size_t expected = (pictures.batches - 1) * how.batch + 1;
        if (expected * table.extents.size() > left) return false;
        table.values.reserve(pictures.batches * how.batch * table.extents.size());
      }
      const auto flat = net.backend().values(features, nn::order::channels_last);
      if (flat.size() > left) return false;
      left -= flat.size();
      table.values.insert(table.values.end(), flat.begin(), flat.end());
      table.labels.insert(table.labels.end(), some->labels.begin(), some->labels.end());
      table.items.insert(table.items.end(), some->items.begin(), some->items.end());
      if (options.progress) options.progress({"features", ++done, total, ""});
    }
    return true;
  };
  feature_table training, validation;
  if (!collect(data.training, training) || !collect(data.validation, validation)) return std::nullopt;
  if (options.message)
    options.message(
        "the frozen part ran once over " + std::to_string(training.labels.size() + validation.labels.size()) +
        " pictures; its features take " +
        std::to_string((training.values.size() + validation.values.size()) * sizeof(float) >> 20U) + " MiB");
  trainable_part<Network> learning(net, children);
  const fit_data features{training.batches(how.batch, how.order, how.seed),
                          validation.labels.empty() ? source{} : validation.batches(how.batch), data.labels};
  return fit(learning, features, options);
}

} // namespace eucv::train
