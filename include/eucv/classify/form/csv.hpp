#pragma once

#include <eucv/classify/prediction_form.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/dataset/table.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace eucv::classify::form {

/// A table (RFC 4180) with a row for each label: file, rank from 1, label, concept, probability, and the ID where there
/// are records. A picture without a label has no row.
inline constexpr prediction_form csv{
    .name = "csv",
    .description = "a table with a row for each label",
    .header =
        [](record_ids ids) {
          return std::string("file,rank,label,concept,probability") + (ids == record_ids::present ? ",ID\n" : "\n");
        },
    .text =
        [](const labelled_picture& of, record_ids ids) {
          std::string rows;
          for (std::size_t i = 0; i < of.labels.size(); ++i) {
            const auto& one = of.labels[i];
            std::vector<std::string> cells{std::string(of.file), std::to_string(i + 1), one.label, one.uri,
                                           json_number(one.probability)};
            if (ids == record_ids::present) cells.emplace_back(of.id);
            rows += dataset::csv_row(cells);
          }
          return rows;
        }};

} // namespace eucv::classify::form
