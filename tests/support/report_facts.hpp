#pragma once

#include <support/drawn_answers.hpp>
#include <support/prediction_set.hpp>
#include <support/tiny_images.hpp>

#include <eucv/report/facts.hpp>

#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace test {

/// Names that would be markup where they are not escaped.
inline void name_labels(std::vector<std::string>& labels) {
  labels[0] = "<script>alert(1)</script>";
  labels[1] = "archaeological_site \"old\" & 'new'";
}

/// Facts of all kinds about drawn predictions: figures, a training, thresholds, an audit, sources, how to repeat it,
/// and commands.
inline eucv::report::facts facts_about(eucv::judge::predictions set) {
  eucv::report::facts all;
  all.predictions = std::move(set);
  auto& labels = all.predictions.labels;
  name_labels(labels);
  all.figures = eucv::judge::assess(all.predictions, {.replicates = 50});
  all.model = "model & <b>co</b>";
  all.images = "images";
  all.architecture = "small";
  all.size = 48;
  for (std::size_t epoch = 1; epoch <= 6; ++epoch) {
    const double e = static_cast<double>(epoch);
    auto& row = all.history.emplace_back();
    row.epoch = epoch;
    row.train_loss = 2 / e;
    row.validation_loss = 2.2 / e;
    row.train_accuracy = 1 - 0.8 / e;
    row.validation_accuracy = 1 - 0.9 / e;
    row.validation_macro_f1 = epoch == 3 ? std::nan("") : 0.1 * e;
  }
  for (std::size_t i = 0; i < labels.size(); ++i)
    all.thresholds.push_back({i % 3 == 0   ? eucv::judge::verdict::automatic
                              : i % 3 == 1 ? eucv::judge::verdict::review
                                           : eucv::judge::verdict::never,
                              0.6});
  all.target_precision = all.confidence = 0.95;
  for (const double n : {50.0, 100.0, 200.0, 400.0})
    for (const double noise : {-0.01, 0.01}) all.learning_curve.push_back({n, 0.1 + std::pow(n, -0.5) + noise});
  all.layer = "block4.2";
  all.method = "Grad-CAM";
  all.audit = {.columns = {"file", "label", "suggested", "probability", "rank"}, .rows = {}, .source = {}};
  for (int i = 1; i <= 30; ++i)
    all.audit.rows.push_back(
        {"c/" + std::to_string(i) + ".jpg", labels[0], labels[1], std::to_string(1.0 / i), std::to_string(i)});
  all.sources = {{"rights", {{"https://creativecommons.org/publicdomain/mark/1.0/", 200}, {"", 40}}},
                 {"data_provider", {{"Museum <of> Things", 240}}}};
  all.unreadable = {"broken.jpg"};
  all.repeat = {{"eucv", "0.1.0"}, {"SHA-256 of weights.safetensors", std::string(64, 'a')}};
  all.how = {.repeat = "program evaluate model images --seed 1",
             .thresholds = "program train --folds <5>",
             .learning_curve = "program learning-curve <images>",
             .sources = "program evaluate --table <t>",
             .credits = "program card <images>"};
  return all;
}

/// What a report may be asked to show, all of it: drawn predictions, a training, thresholds, pictures, an audit, and
/// text that would be markup where it is not escaped.
inline eucv::report::facts report_facts(std::size_t classes = 5) {
  auto all = facts_about(drawn_predictions({.items = 240, .classes = classes, .sharpness = 2}));
  const auto& labels = all.predictions.labels;
  const std::string jpeg = make_jpeg(waves(30, 20));
  all.wrong.push_back({.file = "a/<i>1</i>.jpg",
                       .labels = {{labels[0], 0.93, false, true}, {labels[1], 0.02, true, false}},
                       .picture = jpeg,
                       .maps = {{labels[0], jpeg}, {labels[1], jpeg}},
                       .credit = "A \"map\" <of> it",
                       .address = "https://museum.example/?a=1&b=2"});
  all.right.push_back({.file = "b/2.jpg",
                       .labels = {{labels[1], 0.99, true, true}},
                       .picture = jpeg,
                       .maps = {{labels[1], jpeg}},
                       .credit = "",
                       .address = "javascript:alert(1)"});
  return all;
}

/// The same for a model with several labels a picture.
inline eucv::report::facts multi_label_report_facts(std::size_t classes = 5) {
  auto all = facts_about(drawn_answers({.items = 240, .labels = classes}));
  const auto& labels = all.predictions.labels;
  for (auto& row : all.history) row.validation_mean_average_precision = 1 - 0.7 / static_cast<double>(row.epoch);
  const std::string jpeg = make_jpeg(waves(30, 20));
  all.unknown_labels = {"<star>"};
  all.wrong.push_back({.file = "a/<i>1</i>.jpg",
                       .labels = {{labels[0], 0.93, false, true}, {labels[1], 0.02, true, false}},
                       .picture = jpeg,
                       .maps = {{labels[0], jpeg}},
                       .credit = "A \"map\" <of> it",
                       .address = "https://museum.example/?a=1&b=2"});
  all.right.push_back({.file = "b/2.jpg",
                       .labels = {{labels[1], 0.99, true, true}, {labels[2], 0.8, true, true}},
                       .picture = jpeg,
                       .maps = {{labels[1], jpeg}, {labels[2], jpeg}},
                       .credit = "",
                       .address = "javascript:alert(1)"});
  return all;
}

} // namespace test
