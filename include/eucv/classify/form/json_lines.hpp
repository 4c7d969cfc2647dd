#pragma once

#include <eucv/classify/prediction_form.hpp>
#include <eucv/core/json_text.hpp>

#include <string>

namespace eucv::classify::form {

/// A JSON object for each picture, on a line of its own: `file`, `id` where its record is known, and `predictions`, a
/// list of objects with `label`, `concept` and `probability`.
inline constexpr prediction_form json_lines{.name = "jsonl",
                                            .description = "a JSON object for each image, on a line of its own",
                                            .header = [](record_ids) { return std::string(); },
                                            .text =
                                                [](const labelled_picture& of, record_ids) {
                                                  std::string list;
                                                  for (const auto& one : of.labels)
                                                    list += (list.empty() ? "{\"label\": " : ", {\"label\": ") +
                                                            json_string(one.label) +
                                                            ", \"concept\": " + json_string(one.uri) +
                                                            ", \"probability\": " + json_number(one.probability) + "}";
                                                  return "{\"file\": " + json_string(of.file) +
                                                         (of.id.empty() ? "" : ", \"id\": " + json_string(of.id)) +
                                                         ", \"predictions\": [" + list + "]}\n";
                                                }};

} // namespace eucv::classify::form
