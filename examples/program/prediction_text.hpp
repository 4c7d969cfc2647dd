#pragma once

#include "program/table_text.hpp"

#include <eucv/classify/classifier.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/dataset/table.hpp>

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace program {

/// Predictions as table, CSV or JSON lines, printed as they come; a table in parts of at most 1,000 rows, whose columns
/// are as wide as the part needs. Where pictures are those of records, CSV has the column ID behind the others, and
/// JSON the key "id".
class prediction_text {
public:
  using ranked_labels = std::vector<eucv::classify::ranked_label>;
  enum class ids : bool { absent, present };

  prediction_text(std::ostream& out, std::string format, ids records)
      : out_(&out), format_(std::move(format)), records_(records == ids::present) {
    if (format_ == "csv") *out_ << "file,rank,label,concept,probability" << (records_ ? ",ID" : "") << '\n';
  }
  ~prediction_text() { finish(); }
  prediction_text(const prediction_text&) = delete;
  prediction_text& operator=(const prediction_text&) = delete;

  /// The labels of a picture; `id` is empty where no record is known.
  void add(const std::string& file, const std::string& id, const ranked_labels& ranked) {
    if (format_ == "csv") return add_csv(file, id, ranked);
    if (format_ == "jsonl") return add_json(file, id, ranked);
    std::vector<std::string> cells{id.empty() ? file : id};
    if (ranked.empty()) cells.emplace_back("(left to people)");
    for (const auto& guess : ranked) {
      cells.push_back(guess.label);
      cells.push_back(fixed(100 * guess.probability, 1) + "%");
    }
    widest_ = std::max(widest_, ranked.size());
    rows_.push_back(std::move(cells));
    if (rows_.size() == 1000) finish();
  }

  /// Prints what is held back.
  void finish() {
    if (rows_.empty()) return;
    std::vector<std::string> header{"file"};
    for (std::size_t i = 0; i < widest_; ++i) {
      header.push_back(i == 0 ? "label" : std::to_string(i + 1) + ".");
      header.push_back(">");
    }
    aligned_table table(std::move(header));
    for (auto& row : rows_) table.add(std::move(row));
    *out_ << table << std::flush;
    rows_.clear();
    widest_ = 1;
  }

private:
  void add_csv(const std::string& file, const std::string& id, const ranked_labels& ranked) {
    for (std::size_t i = 0; i < ranked.size(); ++i) {
      std::vector<std::string> cells{file, std::to_string(i + 1), ranked[i].label, ranked[i].uri,
                                     eucv::json_number(ranked[i].probability)};
      if (records_) cells.push_back(id);
      *out_ << eucv::dataset::csv_row(cells);
    }
  }
  void add_json(const std::string& file, const std::string& id, const ranked_labels& ranked) {
    std::string line = "{\"file\": " + eucv::json_string(file);
    if (!id.empty()) line += ", \"id\": " + eucv::json_string(id);
    line += ", \"predictions\": [";
    for (std::size_t i = 0; i < ranked.size(); ++i)
      line += (i == 0 ? "{\"label\": " : ", {\"label\": ") + eucv::json_string(ranked[i].label) +
              ", \"concept\": " + eucv::json_string(ranked[i].uri) +
              ", \"probability\": " + eucv::json_number(ranked[i].probability) + "}";
    *out_ << line + "]}\n";
  }

  std::ostream* out_;
  std::string format_;
  bool records_;
  std::vector<std::vector<std::string>> rows_;
  std::size_t widest_ = 1;
};

} // namespace program
