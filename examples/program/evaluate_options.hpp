#pragma once

#include "program/options.hpp"

#include <eucv/core/file.hpp>
#include <eucv/dataset/record_facts.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/image/gate.hpp>
#include <eucv/report/make.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace program {

struct evaluate_options : common_options {
  std::string model, images, json, table;
  std::vector<std::string> by;
  double target_precision = 0;
  bool out_of_fold = false;
  eucv::report::report_options report;
};

inline void describe_evaluate(CLI::App& command, evaluate_options& options) {
  command.add_option("model", options.model, "Folder of a trained model")->type_name("MODEL")->required();
  command.add_option("images", options.images, "Labelled images: a folder for each class, or of a download")
      ->type_name("IMAGES")
      ->required();
  command
      .add_option("--by", options.by,
                  "Figures also by provider, country, rights or another column of the table, or by "
                  "size")
      ->type_name("COLUMN,...")
      ->delimiter(',');
  command
      .add_option("--table", options.table,
                  "Table that knows the records of the images, by ID; without one: "
                  "downloads.csv")
      ->type_name("DATASET.csv");
  command
      .add_option("--target-precision", options.target_precision,
                  "Show which classes reach this precision on these images, and from which probability on")
      ->check(CLI::Range(0.01, 0.9999));
  command.add_flag("--out-of-fold", options.out_of_fold,
                   "Judge what train --folds kept: each image by a model that had not seen it");
  CLI::Option* const report =
      command.add_option("--report", options.report.folder, "Write a report there: index.html and MODEL_CARD.md")
          ->type_name("DIR");
  command.add_option("--audit", options.report.audit, "Show the first rows of this audit in the report")
      ->type_name("AUDIT.csv")
      ->needs(report);
  command.add_option("--curve", options.report.curve, "Show the learning curve of this folder in the report")
      ->type_name("DIR")
      ->needs(report);
  command.add_option("--json", options.json, "Write the figures to a file too, as metrics.json has them");
}

namespace detail {

/// The range in which the shorter side of a picture lies.
inline std::string size_range(const std::filesystem::path& file) {
  if (!std::filesystem::is_regular_file(file)) return "unknown"; // a picture in a shard
  const auto found = eucv::image::inspect(eucv::read_file(file));
  if (!found) return "unknown";
  const std::size_t side = std::min(found->width, found->height);
  for (const std::size_t end : {128U, 256U, 512U, 1024U})
    if (side < end) return "shorter side below " + std::to_string(end) + " pixels";
  return "shorter side of 1024 pixels or more";
}

/// What each judged picture has in a column of the table, or the range of its size.
inline std::vector<std::string> keys_of(const evaluate_options& options, const std::string& column,
                                        const std::vector<std::string>& files, const std::vector<std::string>& groups) {
  std::vector<std::string> keys;
  if (column == "size") {
    for (const auto& file : files) keys.push_back(size_range(std::filesystem::path(options.images) / file));
    return keys;
  }
  const auto facts = options.table.empty() ? std::filesystem::path(options.images) / "downloads.csv"
                                           : std::filesystem::path(options.table);
  return eucv::dataset::values_of(eucv::dataset::read_table(facts), column, groups);
}

/// Where train --folds keeps what it said of each picture.
inline std::filesystem::path out_of_fold_file(const evaluate_options& options) {
  return std::filesystem::path(options.model) / "out_of_fold.csv";
}

/// Warns where a model judges pictures that it was trained on, as far as train --folds tells which those are.
inline void warn_of_seen(const evaluate_options& options, const std::vector<std::string>& files) {
  if (!std::filesystem::exists(out_of_fold_file(options))) return;
  const auto kept = eucv::dataset::read_table(out_of_fold_file(options));
  const std::size_t file = kept.column("file");
  std::set<std::string> names;
  for (const auto& row : kept.rows) names.insert(row[file]);
  const auto known = std::ranges::count_if(files, [&](const std::string& each) { return names.contains(each); });
  if (known > 0)
    warn("the model was trained on " + std::to_string(known) +
         " of these images, or on others of the same names: the figures flatter it; see --out-of-fold");
}

} // namespace detail
} // namespace program
