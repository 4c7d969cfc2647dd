#pragma once

#include "program/audit.hpp"
#include "program/data_folder.hpp"
#include "program/options.hpp"
#include "program/table_text.hpp"

#include <eucv/dataset/algebra.hpp>
#include <eucv/dataset/stats.hpp>
#include <eucv/dataset/table.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace program {

struct algebra_options : common_options {
  std::vector<std::string> tables;
  std::string out;
};
struct sample_options : common_options {
  std::string table, out;
  std::size_t per_class = 0;
  double fraction = 0;
};
struct stats_options : common_options {
  std::string table;
  std::size_t top = 10;
};

inline void describe_algebra(CLI::App& command, algebra_options& options) {
  command.add_option("tables", options.tables, "Tables, in this order")
      ->type_name("A.csv B.csv...")
      ->required()
      ->expected(2, 1000);
  command.add_option("--out", options.out, "The table to write")->required();
}
inline void describe_sample(CLI::App& command, sample_options& options) {
  command.add_option("table", options.table, "The table")->type_name("A.csv")->required();
  CLI::Option_group* const amount = command.add_option_group("amount", "How much");
  amount->require_option(1);
  amount->add_option("--per-class", options.per_class, "Rows of each class, or all where it has fewer")
      ->check(at_least(1));
  amount->add_option("--fraction", options.fraction, "Part of the rows of each class, rounded")
      ->check(CLI::Range(1e-9, 1.0));
  command.add_option("--out", options.out, "The table to write")->required();
}
inline void describe_stats(CLI::App& command, stats_options& options) {
  command.add_option("table", options.table, "The table")->type_name("A.csv")->required();
  command.add_option("--top", options.top, "Most frequent values shown of each column but the class; 0: all")
      ->check(at_least(0))
      ->capture_default_str();
}

namespace detail {

inline status write_result(const std::string& path, const eucv::dataset::table& result) {
  eucv::dataset::write_table(path, result);
  std::cout << counted(result.rows.size(), "row") << " in " << path << '\n';
  return status::done;
}

} // namespace detail

/// `eucv dataset subtract`: the first table without what the others hold, by ID.
inline status subtract(const algebra_options& options) {
  auto result = eucv::dataset::read_table(options.tables.front());
  for (std::size_t i = 1; i < options.tables.size(); ++i)
    result = eucv::dataset::subtract(result, eucv::dataset::read_table(options.tables[i]));
  return detail::write_result(options.out, result);
}

/// `eucv dataset merge`: one table after the other, no item of a class twice.
inline status merge(const algebra_options& options) {
  auto result = eucv::dataset::read_table(options.tables.front());
  for (std::size_t i = 1; i < options.tables.size(); ++i)
    result = eucv::dataset::merge(result, eucv::dataset::read_table(options.tables[i]));
  return detail::write_result(options.out, result);
}

/// `eucv dataset sample`: rows at random, so many of each class.
inline status sample(const sample_options& options) {
  const auto table = eucv::dataset::read_table(options.table);
  return detail::write_result(
      options.out, eucv::dataset::sample(
                       table, {.per_category = options.per_class, .fraction = options.fraction, .seed = options.seed}));
}

/// `eucv dataset stats`: counts by class, licence, provider and country.
inline status stats(const stats_options& options) {
  const auto facts = eucv::dataset::stats(eucv::dataset::read_table(options.table));
  std::cout << counted(facts.rows, "row") << ", " << counted(facts.items, "item") << '\n';
  for (const auto& column : facts.columns) {
    const bool all = options.top == 0 || column.column == "category";
    const std::size_t shown = all ? column.values.size() : std::min(options.top, column.values.size());
    aligned_table counts({column.column, ">rows", ">share"});
    std::size_t rest = 0;
    for (std::size_t i = 0; i < column.values.size(); ++i) {
      const auto& [value, rows] = column.values[i];
      if (i >= shown)
        rest += rows;
      else
        counts.add({value.empty() ? "(none)" : value, std::to_string(rows),
                    fixed(100.0 * static_cast<double>(rows) / static_cast<double>(facts.rows), 1) + "%"});
    }
    std::cout << '\n' << counts;
    if (rest != 0)
      std::cout << "and " << counted(column.values.size() - shown, "other value") << " in " << counted(rest, "row")
                << '\n';
  }
  return status::done;
}

/// `eucv dataset`: algebra and facts of tables and folders of images.
inline void add_dataset(CLI::App& app, action& chosen) {
  CLI::App* const group = app.add_subcommand("dataset", "Algebra and facts of tables and folders of images");
  group->require_subcommand(1);
  add_command(*group, chosen, {"subtract", "Remove from the first table what the others hold, by ID"}, describe_algebra,
              subtract);
  add_command(*group, chosen, {"merge", "Join tables; no item of a class comes twice"}, describe_algebra, merge);
  add_command(*group, chosen, {"sample", "Take rows at random, so many of each class"}, describe_sample, sample);
  add_command(*group, chosen, {"stats", "Count rows by class, licence, provider and country"}, describe_stats, stats);
  add_command(*group, chosen, {"card", "Write README.md, croissant.json and ATTRIBUTION.csv"}, describe_card, card);
  add_command(*group, chosen, {"duplicates", "List images that are copies of one another"}, describe_duplicates,
              duplicates);
  add_command(*group, chosen, {"labels", "Take labels that people gave in Label Studio"}, describe_labels, labels);
  add_command(*group, chosen, {"shards", "Pack a folder of images into WebDataset tar files"}, describe_shards, shards);
}

} // namespace program
