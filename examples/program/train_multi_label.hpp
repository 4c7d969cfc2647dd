#pragma once

#include "program/fit_options.hpp"
#include "program/interrupt.hpp"
#include "program/multi_label_text.hpp"
#include "program/options.hpp"

#include <eucv/classify/calibrate_multi_label.hpp>
#include <eucv/classify/cross_validate_multi_label.hpp>
#include <eucv/classify/multi_label_options.hpp>
#include <eucv/classify/train.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/parallel.hpp>
#include <eucv/dataset/batches.hpp>
#include <eucv/dataset/multi_label.hpp>
#include <eucv/dataset/record_facts.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/dataset/vocabulary.hpp>
#include <eucv/judge/spread.hpp>

#include <CLI/CLI.hpp>

#include <cstddef>
#include <filesystem>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace program {

/// What commands that train take for several labels a picture, besides what they take for one.
struct multi_label_options {
  bool wanted = false, single_positive = false;
  eucv::classify::multi_label_loss loss = eucv::classify::multi_label_loss::binary_cross_entropy;
  std::size_t least = 10;
  bool isotonic = false; ///< how probabilities are calibrated; else by Platt's sigmoids

  [[nodiscard]] eucv::classify::multi_label_options fit() const {
    using eucv::classify::missing_labels;
    return {.loss = loss, .missing = single_positive ? missing_labels::are_unknown : missing_labels::are_false};
  }
};

inline void describe_multi_label(CLI::App& command, multi_label_options& options) {
  using eucv::classify::multi_label_loss;
  static const std::map<std::string, multi_label_loss> losses{{"bce", multi_label_loss::binary_cross_entropy},
                                                              {"focal", multi_label_loss::focal},
                                                              {"asymmetric", multi_label_loss::asymmetric}};
  CLI::Option* const wanted = command.add_flag(
      "--multi-label", options.wanted, "Images may have several labels: folders named by all of them, blanks between");
  command.add_option("--loss", options.loss, "Loss for several labels: bce, focal or asymmetric; otherwise bce")
      ->transform(CLI::CheckedTransformer(losses, CLI::ignore_case).description(""))
      ->type_name("LOSS")
      ->needs(wanted);
  command
      .add_flag("--single-positive", options.single_positive,
                "Of the labels of an image only some are known, such as the one that it was found by")
      ->needs(wanted);
  command
      .add_option("--least", options.least,
                  "Leave labels out that fewer images have; otherwise " + std::to_string(options.least))
      ->check(at_least(2))
      ->needs(wanted);
}

/// For commands that calibrate, too. Precondition: describe_multi_label() was called.
inline void describe_calibration(CLI::App& command, multi_label_options& options) {
  static const std::map<std::string, bool> ways{{"platt", false}, {"isotonic", true}};
  command
      .add_option("--calibration", options.isotonic,
                  "Probabilities of several labels are calibrated by a sigmoid (platt), or by the steps of isotonic "
                  "regression (isotonic); otherwise platt")
      ->transform(CLI::CheckedTransformer(ways, CLI::ignore_case).description(""))
      ->type_name("WAY")
      ->needs(command.get_option("--multi-label"));
}

namespace detail {

/// The pictures that a command line asks for, with all their labels.
inline eucv::dataset::picture_set read_multi_label_pictures(const fit_options& options,
                                                            const multi_label_options& several) {
  std::set<std::string> whole; // labels that hold blanks themselves
  const auto vocabulary = std::filesystem::path(options.images) / "vocabulary.json";
  if (std::filesystem::exists(vocabulary))
    for (const auto& subject : eucv::dataset::read_vocabulary(vocabulary)) whole.insert(subject.label);
  eucv::thread_pool pool(options.threads);
  auto set = eucv::dataset::read_multi_label_set(options.images, pool, whole);
  const auto facts = options.table.empty() ? eucv::dataset::table{} : eucv::dataset::read_table(options.table);
  if (facts.has("category")) eucv::dataset::label_by_table(set, facts, whole);
  if (!options.labels.empty()) {
    const auto table = eucv::dataset::read_table(options.labels);
    const std::size_t file = table.column("file"), label = table.column("label");
    std::map<std::string, std::set<std::string>> labels;
    for (const auto& row : table.rows) labels[row[file]].merge(eucv::dataset::split_labels(row[label], whole));
    eucv::dataset::relabel_multi(set, labels);
  }
  if (!options.exclude.empty()) set = eucv::dataset::without(set, files_of(options.exclude));
  if (!options.group_by.empty())
    eucv::dataset::join_by(set, eucv::dataset::values_of(facts, options.group_by, set.ids));
  if (const std::size_t joined = eucv::dataset::join_copies(set); joined != 0 && !options.quiet)
    std::cerr << counted(joined, "image") << " left out as copies of others, which have their labels now\n";
  const auto rare = eucv::dataset::leave_out_rare(set, several.least);
  for (const auto& label : rare)
    std::cerr << "the label \"" << label << "\" has fewer than " << counted(several.least, "image")
              << ", and is left out (--least)\n";
  return set;
}

/// Judges each picture by a model that has not seen it, and keeps what it says.
inline eucv::classify::cross_validated_multi_label
cross_validate_multi_label(const eucv::dataset::picture_set& pictures, const std::filesystem::path& folder,
                           std::size_t folds, const eucv::classify::train_options& fit) {
  auto all = eucv::classify::cross_validate_multi_label(pictures, folder / "folds", folds, fit);
  eucv::write_file_atomically(folder / "out_of_fold.csv", eucv::judge::to_csv(all.predictions));
  eucv::write_file_atomically(folder / "cross_validation.json", eucv::classify::to_json(all));
  return all;
}

/// What the folds came to.
inline void print_folds(std::ostream& out, const eucv::classify::cross_validated_multi_label& all) {
  const auto spread = [&](const std::string& title, const std::string& name) {
    const auto figures = eucv::judge::spread_of(eucv::classify::values_of(all, name));
    return title + " " + fixed(figures.mean) + " (deviation " + fixed(figures.deviation) + ", " + fixed(figures.least) +
           " to " + fixed(figures.most) + ")";
  };
  out << "cross-validation, " << counted(all.folds.size(), "fold") << ": "
      << spread("mean average precision", "mean_average_precision") << ", " << spread("macro F1", "macro_f1") << '\n';
}

/// Gives the finished model its calibration and thresholds, and says what the folds came to and what they mean.
inline void decide_multi_label(eucv::classify::trained& done, const std::filesystem::path& folder,
                               const eucv::classify::cross_validated_multi_label& folds,
                               const eucv::judge::threshold_options& thresholds, const multi_label_options& several) {
  using eucv::judge::isotonic;
  const auto found = several.isotonic ? eucv::classify::calibrate<isotonic>(done.model, folds.predictions, thresholds)
                                      : eucv::classify::calibrate(done.model, folds.predictions, thresholds);
  done.model.save(folder);
  const auto fair = several.isotonic ? eucv::judge::cross_calibrated<isotonic>(folds.predictions)
                                     : eucv::judge::cross_calibrated(folds.predictions);
  eucv::write_file_atomically(folder / "enrichment.json", eucv::classify::to_json(found.plan, fair));
  print_folds(std::cout, folds);
  std::cout << (several.isotonic ? "isotonic regression" : "Platt's sigmoids") << ": calibration error "
            << fixed(found.error_before) << " before, " << fixed(found.error_after) << " after\n";
  print_coverage(std::cout, fair);
  print_plan(std::cout, found.plan, folds.predictions.labels, "label");
}

} // namespace detail
} // namespace program
