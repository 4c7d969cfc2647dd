#pragma once

#include <eucv/classify/cross_validate.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/dataset/batches.hpp>
#include <eucv/dataset/picture_set.hpp>
#include <eucv/judge/multi_label_predictions.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace eucv::classify {

/// What models with several labels a picture say of pictures that they were not trained on, each picture once.
struct cross_validated_multi_label {
  judge::multi_label_predictions predictions;            ///< out of fold, in the order of the pictures
  std::vector<judge::multi_label_metrics> folds = {};    ///< of each fold the figures on its pictures, at one half
  std::vector<dataset::unreadable_file> unreadable = {}; ///< passed over
};

/// cross_validate() for pictures that may have several labels. Throws the same, and invalid_argument for others.
[[nodiscard]] cross_validated_multi_label cross_validate_multi_label(const dataset::picture_set& pictures,
                                                                     const std::filesystem::path& folder,
                                                                     std::size_t folds,
                                                                     const train_options& options = {});

/// cross_validation.json: for the mean average precision, macro F1, micro F1, accuracy (exact match) and Hamming loss
/// the `mean`, the standard `deviation` and the `values` of the folds, and `n`.
[[nodiscard]] std::string to_json(const cross_validated_multi_label& all);

/// A figure of each fold, by its name in cross_validation.json. Throws invalid_argument for another name.
[[nodiscard]] std::vector<double> values_of(const cross_validated_multi_label& all, const std::string& figure);

} // namespace eucv::classify

#ifdef EUCV_IMPLEMENTATION_CLASSIFY

#include <eucv/classify/judge_multi_label.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/judge/spread.hpp>

#include <utility>

namespace eucv::classify {

cross_validated_multi_label cross_validate_multi_label(const dataset::picture_set& pictures,
                                                       const std::filesystem::path& folder, std::size_t folds,
                                                       const train_options& options) {
  if (!pictures.pictures.multi_label())
    throw error(errc::invalid_argument, {"cross-validate", pictures.folder.string(), "its pictures have one label each",
                                         "read them by read_multi_label_set(), or use cross_validate()"});
  cross_validated_multi_label result;
  judge::multi_label_predictions joined;
  const auto judge = [&](classifier& model, const dataset::image_folder& held_out, std::size_t fold) {
    auto judged = judge_multi_label(model, held_out, pictures.folder, {.batch = options.batch, .stop = options.stop});
    result.folds.push_back(judge::metrics_of(judged.predictions));
    detail::join_fold(judged, fold, joined, result.unreadable);
    return judged.items;
  };
  const auto order = detail::for_each_fold(pictures, folder, folds, options, judge);
  result.predictions = judge::subset(joined, order);
  return result;
}

std::vector<double> values_of(const cross_validated_multi_label& all, const std::string& figure) {
  std::vector<double> values;
  for (const auto& fold : all.folds)
    if (figure == "mean_average_precision")
      values.push_back(fold.mean_average_precision);
    else if (figure == "macro_f1")
      values.push_back(fold.macro.f1);
    else if (figure == "micro_f1")
      values.push_back(fold.micro.f1);
    else if (figure == "accuracy")
      values.push_back(fold.exact_match);
    else if (figure == "hamming_loss")
      values.push_back(fold.hamming_loss);
    else
      throw error(errc::invalid_argument, {"look a figure up", figure, "there is none of that name", "name another"});
  return values;
}

std::string to_json(const cross_validated_multi_label& all) {
  std::string out = "{\n";
  for (const char* const name : {"mean_average_precision", "macro_f1", "micro_f1", "accuracy", "hamming_loss"}) {
    const auto values = values_of(all, name);
    std::string list;
    for (const double value : values) list += (list.empty() ? "" : ", ") + json_number(value);
    const auto figures = judge::spread_of(values);
    out += "  \"" + std::string(name) + "\": {\"mean\": " + json_number(figures.mean) +
           ", \"deviation\": " + json_number(figures.deviation) + ", \"values\": [" + list + "]},\n";
  }
  return out + "  \"n\": " + std::to_string(all.predictions.size()) + "\n}\n";
}

} // namespace eucv::classify
#endif
