#pragma once

#include "program/interrupt.hpp"
#include "program/options.hpp"
#include "program/picture_paths.hpp"
#include "program/table_text.hpp"

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/decide.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/dataset/table.hpp>

#include <CLI/CLI.hpp>

#include <cstddef>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace program {

struct classify_options : common_options {
  std::string model, format = "table";
  std::vector<std::string> paths;
  std::size_t top = 3;
  bool all = false;
};

inline void describe_classify(CLI::App& command, classify_options& options) {
  command.add_option("model", options.model, "Folder of a trained model")->type_name("MODEL")->required();
  command.add_option("paths", options.paths, "Images, folders of them, or - for a list of paths on standard input")
      ->type_name("PATH")
      ->required();
  command.add_option("--top", options.top, "Labels an image; 0: all")->check(at_least(0))->capture_default_str();
  command.add_flag("--no-abstain", options.all, "Show labels also where the model is not sure enough of them");
  command.add_option("--format", options.format, "table, csv or jsonl")
      ->check(CLI::IsMember({"table", "csv", "jsonl"}))
      ->capture_default_str();
}

namespace detail {

using ranked_labels = std::vector<eucv::classify::ranked_label>;

inline std::string csv_rows(const std::string& file, const ranked_labels& ranked) {
  std::string rows;
  for (std::size_t i = 0; i < ranked.size(); ++i)
    rows += eucv::dataset::csv_row(std::vector<std::string>{file, std::to_string(i + 1), ranked[i].label, ranked[i].uri,
                                                            eucv::json_number(ranked[i].probability)});
  return rows;
}

inline std::string json_line(const std::string& file, const ranked_labels& ranked) {
  std::string line = "{\"file\": " + eucv::json_string(file) + ", \"predictions\": [";
  for (std::size_t i = 0; i < ranked.size(); ++i)
    line += (i == 0 ? "{\"label\": " : ", {\"label\": ") + eucv::json_string(ranked[i].label) +
            ", \"concept\": " + eucv::json_string(ranked[i].uri) +
            ", \"probability\": " + eucv::json_number(ranked[i].probability) + "}";
  return line + "]}\n";
}

inline std::vector<std::string> table_cells(const std::string& file, const ranked_labels& ranked) {
  std::vector<std::string> cells{file};
  if (ranked.empty()) cells.emplace_back("(left to people)");
  for (const auto& guess : ranked) {
    cells.push_back(guess.label);
    cells.push_back(fixed(100 * guess.probability, 1) + "%");
  }
  return cells;
}

} // namespace detail

/// `eucv classify`: ranked labels for each image. An image that cannot be read is named on stderr. A model with
/// thresholds abstains where it is not sure enough: such an image has no label.
inline status classify(const classify_options& options) {
  auto model = eucv::classify::classifier::load(options.model, {.threads = options.threads});
  const interrupt signals;
  picture_paths paths(options.paths, std::cin);
  std::vector<std::vector<std::string>> rows;
  std::map<std::string, std::size_t> failures;
  std::size_t widest = 1, decided = 0, left = 0;
  const bool abstains = !options.all && !model.about().decisions.categories.empty();
  if (options.format == "csv") std::cout << "file,rank,label,concept,probability\n";
  const auto show = [&](const eucv::classify::file_prediction& made) {
    const std::string file = made.file.string();
    const bool unsure = abstains && made.ranked &&
                        eucv::classify::decide(model.about(), *made.ranked) != eucv::train::verdict::automatic;
    if (made.ranked) ++(unsure ? left : decided);
    const detail::ranked_labels shown = !made.ranked || unsure ? detail::ranked_labels() : *made.ranked;
    if (!made.ranked) {
      std::cout.flush();
      std::cerr << "passed over: " << made.ranked.error().what() << std::endl;
      ++failures[made.ranked.error().reason()];
    } else if (options.format == "csv") {
      std::cout << detail::csv_rows(file, shown);
    } else if (options.format == "jsonl") {
      std::cout << detail::json_line(file, shown);
    } else {
      rows.push_back(detail::table_cells(file, shown));
      widest = std::max(widest, shown.size());
    }
  };
  model.predict_files([&] { return paths.next(); }, show, {.top = options.top, .stop = signals.token()});
  if (!rows.empty()) {
    std::vector<std::string> header{"file"};
    for (std::size_t i = 0; i < widest; ++i) {
      header.push_back(i == 0 ? "label" : std::to_string(i + 1) + ".");
      header.push_back(">");
    }
    aligned_table table(std::move(header));
    for (auto& row : rows) table.add(std::move(row));
    std::cout << table;
  }
  if (abstains)
    std::cerr << counted(decided, "image") << " decided with a precision of "
              << fixed(100 * model.about().decisions.target_precision, 1) << " %, " << left << " left to people\n";
  if (failures.empty()) return status::done;
  for (const auto& [reason, count] : failures) std::cerr << counted(count, "file") << ": " << reason << '\n';
  return status::incomplete;
}

} // namespace program
