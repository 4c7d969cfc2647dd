#pragma once

#include "program/table_text.hpp"

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/prediction_forms.hpp>

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace program {

/// Predictions as a table for people, printed in parts of at most 1,000 rows, whose columns are as wide as the part
/// needs; or in one of the library's forms, printed as they come.
class prediction_text {
public:
  using ranked_labels = std::vector<eucv::classify::ranked_label>;
  using ids = eucv::classify::record_ids;

  /// `format`: "table", or the name of one of the library's forms.
  prediction_text(std::ostream& out, const std::string& format, ids records)
      : out_(&out), form_(eucv::classify::find_prediction_form(format)), records_(records) {
    if (form_ != nullptr) *out_ << form_->header(records_);
  }
  ~prediction_text() { finish(); }
  prediction_text(const prediction_text&) = delete;
  prediction_text& operator=(const prediction_text&) = delete;

  /// The labels of a picture; `id` is empty where no record is known.
  void add(const std::string& file, const std::string& id, const ranked_labels& ranked) {
    if (form_ != nullptr) {
      *out_ << form_->text({file, id, ranked}, records_);
      return;
    }
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
  std::ostream* out_;
  const eucv::classify::prediction_form* form_; ///< null: the table
  ids records_;
  std::vector<std::vector<std::string>> rows_;
  std::size_t widest_ = 1;
};

/// The formats that prediction_text writes: the table, and the library's forms.
inline std::vector<std::string> prediction_formats() {
  std::vector<std::string> names{"table"};
  for (const auto* form : eucv::classify::prediction_forms) names.emplace_back(form->name);
  return names;
}

} // namespace program
