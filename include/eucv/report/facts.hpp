#pragma once

#include <eucv/dataset/stats.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/judge/assess.hpp>
#include <eucv/judge/learning_curve.hpp>
#include <eucv/judge/predictions.hpp>
#include <eucv/judge/thresholds.hpp>
#include <eucv/train/history.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::report {

/// A picture with the maps of what speaks for a label. All three are JPEG files, as small as they may be shown.
struct shown_picture {
  std::string file = {}, truth = {}, predicted = {};
  double probability = 0;       ///< of the predicted label
  double truth_probability = 0; ///< of the given label
  std::string picture = {};
  std::string predicted_map = {}; ///< for the predicted label; empty: there is none
  std::string truth_map = {};     ///< for the given label, where it is another; empty: there is none
  std::string credit = {};        ///< title, creator, institution and licence, as far as they are known
  std::string address = {};       ///< of its page, or empty
};

/// What a model lets through of a class.
struct class_threshold {
  judge::verdict decision = judge::verdict::review;
  double threshold = 0; ///< probability from which on it is automatic
};

/// The name of a figure as people read it: "macro F1" of macro_f1.
[[nodiscard]] inline std::string figure_name(std::string_view figure) {
  std::string name(figure);
  std::replace(name.begin(), name.end(), '_', ' ');
  if (name.ends_with(" f1")) name.replace(name.size() - 2, 2, "F1");
  return name;
}

/// What reports tell of a model of either kind.
struct common_facts {
  std::string model = {}, images = {}; ///< their names, as whoever ran it gave them
  std::string architecture = {};
  std::size_t size = 0; ///< rows and columns that the network sees
  /// Whether each item was judged by a model that had not seen it, but was trained on the rest.
  bool out_of_fold = false;
  std::vector<train::epoch_figures> history = {};         ///< of the training; may be empty
  std::vector<class_threshold> thresholds = {};           ///< in label order; empty: the model has none
  double target_precision = 0, confidence = 0;            ///< what they were made for
  std::vector<judge::learning_point> learning_curve = {}; ///< 1 - the figure, over pictures; empty: nobody measured
  std::string layer = {}, method = {};                    ///< of the maps
  dataset::table audit = {};                              ///< file, label, suggested, probability, rank; or empty
  std::vector<dataset::distribution> sources = {};        ///< licences, institutions, countries of the pictures
  std::vector<std::string> unreadable = {};               ///< files that were passed over
  std::vector<std::pair<std::string, std::string>> repeat = {}; ///< what one needs to come to the same figures
  std::vector<std::string> commands = {};                       ///< that do it
};

/// What page() and model_card() tell of a model that gives a picture one label, and nothing else: equal facts make
/// equal bytes. The learning curve is that of the accuracy.
struct facts : common_facts {
  judge::prediction_set predictions = {};
  judge::assessment figures = {};
  std::vector<shown_picture> wrong = {}, right = {}; ///< the surest of each kind
};

} // namespace eucv::report
