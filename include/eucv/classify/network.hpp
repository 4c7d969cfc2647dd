#pragma once

#include <eucv/explain/grad_cam.hpp>
#include <eucv/explain/heat_map.hpp>
#include <eucv/nn/safetensors.hpp>
#include <eucv/train/evaluate.hpp>
#include <eucv/train/features.hpp>
#include <eucv/train/find_rate.hpp>
#include <eucv/train/fit.hpp>
#include <eucv/train/overfit.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::classify {

/// A network that classifies pictures, on a device that is chosen at run time (type erasure over the backend): what
/// model folders, training, prediction and explanation are written against. Members that have the name of a function of
/// train/, nn/ or explain/ do what that does. Not for two threads at a time.
class classifier_network {
public:
  virtual ~classifier_network() = default;

  /// Logits {count, C}, row by row, of pictures whose pixels are prepared and stand one after another, channels last.
  [[nodiscard]] virtual std::vector<float> logits(const std::vector<float>& pixels, std::size_t count) = 0;

  virtual void save_weights(nn::tensor_file& content) = 0;
  virtual void load_weights(const nn::tensor_file& content) = 0;
  virtual void load_pretrained(const nn::tensor_file& content) = 0;

  /// Number of blocks that have weights: see nn::blocks_of().
  [[nodiscard]] virtual std::size_t blocks() = 0;
  /// Freezes so many blocks from the input on, and no other.
  virtual void freeze_only_first(std::size_t blocks) = 0;
  /// Gives each block its share of the learning rate: see nn::decay_rates().
  virtual void decay_rates(double decay) = 0;
  /// Whether all blocks but the last are frozen.
  [[nodiscard]] virtual bool only_head_learns() = 0;

  virtual train::fit_result fit(const train::fit_data& data, const train::fit_options& options) = 0;
  virtual std::optional<train::fit_result> fit_on_features(const train::fit_data& data,
                                                           const train::fit_options& options,
                                                           const train::feature_options& how) = 0;
  [[nodiscard]] virtual train::evaluation evaluate(const train::source& data, std::vector<std::string> labels,
                                                   const train::bound_objective<float>& wanted) = 0;
  [[nodiscard]] virtual train::rate_search find_rate(const train::source& training, const train::fit_options& options,
                                                     const train::rate_search_options& search) = 0;
  [[nodiscard]] virtual train::overfit_report overfit_one_batch(const train::source& training,
                                                                const train::fit_options& options,
                                                                const train::overfit_options& limits) = 0;

  /// The names of the layers that can be explained: see explain::layers_of().
  [[nodiscard]] virtual std::vector<std::string> layers() = 0;
  /// The class activation map of one picture for a class, and the name of the layer that was looked at: the one with
  /// the name `layer`, or the default layer where that is empty.
  [[nodiscard]] virtual std::pair<explain::heat_map, std::string>
  explain(const std::vector<float>& pixels, std::size_t wanted, std::string_view layer, explain::method how) = 0;
};

} // namespace eucv::classify
