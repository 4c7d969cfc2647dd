#pragma once

#include <eucv/dataset/stats.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/judge/assess.hpp>
#include <eucv/judge/learning_curve.hpp>
#include <eucv/judge/predictions.hpp>
#include <eucv/judge/thresholds.hpp>
#include <eucv/train/history.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace eucv::report {

/// Which models made the predictions of a report.
enum class origin {
  model,       ///< the model itself, of pictures that it was not trained on
  out_of_fold, ///< of each picture a model of the same kind that was trained on the others
};

/// A label that a picture has, or that is predicted for it.
struct shown_label {
  std::string label = {};
  double probability = 0;
  bool given = false, predicted = false; ///< at least one of them
};

/// A picture with the heat maps of some of its labels. All pictures are JPEG files, no larger than they are shown.
struct shown_picture {
  std::string file = {};
  std::vector<shown_label> labels = {}; ///< those given or predicted, the most probable first
  std::string picture = {};
  std::vector<std::pair<std::string, std::string>> maps = {}; ///< a label and its map
  std::string credit = {};  ///< title, creator, institution and licence, as far as they are known
  std::string address = {}; ///< of its web page, or empty
};

/// What a model decides about a class.
struct class_threshold {
  judge::verdict decision = judge::verdict::review;
  double threshold = 0; ///< probability from which on it is automatic
};

/// Commands of the program that makes a report, shown to its readers as they are; empty ones are not mentioned.
struct commands {
  std::string repeat = {};         ///< makes the same report
  std::string thresholds = {};     ///< trains a model that has thresholds; shown where this one has none
  std::string learning_curve = {}; ///< measures a learning curve; shown where there is none
  std::string sources = {};        ///< how to tell where the pictures come from; shown where that is not known
  std::string credits = {};        ///< lists the credit of every picture
};

/// All that page() and model_card() tell of a model: equal facts make equal bytes. `predictions.task` says whether a
/// picture has one label or several, and so which figures are shown.
struct facts {
  std::string model = {}, images = {}; ///< their names, as whoever made the report gave them
  std::string architecture = {};
  std::size_t size = 0; ///< rows and columns that the network sees
  origin predictions_by = origin::model;
  judge::predictions predictions = {};
  judge::assessment figures = {};                 ///< of the predictions
  std::vector<train::epoch_figures> history = {}; ///< of the training; may be empty
  std::vector<class_threshold> thresholds = {};   ///< in label order; empty: the model has none
  double target_precision = 0, confidence = 0;    ///< what they were made for
  /// 1 - the first of the task's figures for figure_use::fitted, over pictures; empty: nobody measured it.
  std::vector<judge::learning_point> learning_curve = {};
  std::vector<shown_picture> wrong = {};           ///< the errors with the highest probabilities
  std::vector<shown_picture> right = {};           ///< of each label the most probable picture without an error
  std::string layer = {}, method = {};             ///< of the maps
  dataset::table audit = {};                       ///< file, label, suggested, probability, rank; or empty
  std::vector<dataset::distribution> sources = {}; ///< licences, institutions, countries of the pictures
  std::vector<std::string> unreadable = {};        ///< files that were passed over
  std::vector<std::string> unknown_labels = {};    ///< of the pictures, which the model does not have: not counted
  std::vector<std::pair<std::string, std::string>> repeat = {}; ///< what one needs to come to the same figures
  commands how = {};
};

} // namespace eucv::report
