#pragma once

#include <support/prediction_set.hpp>
#include <support/tiny_images.hpp>

#include <eucv/report/facts.hpp>

#include <cmath>
#include <cstddef>
#include <string>

namespace test {

/// What a report may be asked to show, all of it: drawn predictions, a training, thresholds, pictures, an audit, and
/// text that would be markup where it is not escaped.
inline eucv::report::facts report_facts(std::size_t classes = 5) {
  namespace train = eucv::train;
  eucv::report::facts all{.model = "model & <b>co</b>", .images = "images", .architecture = "small", .size = 48};
  all.predictions = drawn_predictions({.items = 240, .classes = classes, .sharpness = 2});
  auto& labels = all.predictions.labels;
  labels[0] = "<script>alert(1)</script>";
  labels[1] = "archaeological_site \"old\" & 'new'";
  all.figures = train::assess(all.predictions, {.replicates = 50});
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
  for (std::size_t i = 0; i < classes; ++i)
    all.thresholds.push_back({i % 3 == 0   ? train::verdict::automatic
                              : i % 3 == 1 ? train::verdict::review
                                           : train::verdict::never,
                              0.6});
  all.target_precision = all.confidence = 0.95;
  for (const double n : {50.0, 100.0, 200.0, 400.0})
    for (const double noise : {-0.01, 0.01}) all.accuracy_curve.push_back({n, 0.1 + std::pow(n, -0.5) + noise});
  all.layer = "block4.2";
  all.method = "Grad-CAM";
  const std::string jpeg = make_jpeg(waves(30, 20));
  all.wrong.push_back({.file = "a/<i>1</i>.jpg",
                       .truth = labels[1],
                       .predicted = labels[0],
                       .probability = 0.93,
                       .truth_probability = 0.02,
                       .picture = jpeg,
                       .predicted_map = jpeg,
                       .truth_map = jpeg,
                       .credit = "A \"map\" <of> it",
                       .address = "https://museum.example/?a=1&b=2"});
  all.right.push_back({.file = "b/2.jpg",
                       .truth = labels[1],
                       .predicted = labels[1],
                       .probability = 0.99,
                       .truth_probability = 0.99,
                       .picture = jpeg,
                       .predicted_map = jpeg,
                       .truth_map = "",
                       .credit = "",
                       .address = "javascript:alert(1)"});
  all.audit = {.columns = {"file", "label", "suggested", "probability", "rank"}, .rows = {}, .source = {}};
  for (int i = 1; i <= 30; ++i)
    all.audit.rows.push_back(
        {"c/" + std::to_string(i) + ".jpg", labels[0], labels[1], std::to_string(1.0 / i), std::to_string(i)});
  all.sources = {{"rights", {{"https://creativecommons.org/publicdomain/mark/1.0/", 200}, {"", 40}}},
                 {"data_provider", {{"Museum <of> Things", 240}}}};
  all.unreadable = {"broken.jpg"};
  all.repeat = {{"eucv", "0.1.0"}, {"SHA-256 of weights.safetensors", std::string(64, 'a')}};
  all.commands = {"eucv evaluate model images --report DIR --seed 1"};
  return all;
}

} // namespace test
