#pragma once

#include "program/table_text.hpp"

#include <eucv/core/json_text.hpp>
#include <eucv/dataset/label_studio.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/judge/multi_label_audit.hpp>
#include <eucv/judge/multi_label_predictions.hpp>

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

namespace program::detail {

/// Labels with blanks between.
inline std::string joined(const std::vector<std::string>& labels) {
  std::string text;
  for (const auto& label : labels) text += (text.empty() ? "" : " ") + label;
  return text;
}

/// What the audit says of one picture: the labels that it has and those that it should have, and which ones differ.
struct audited_picture {
  std::vector<std::string> given, suggested, missing, wrong;
};
inline audited_picture told_of(const eucv::judge::multi_label_predictions& set,
                               const eucv::judge::doubtful_item& each) {
  audited_picture told;
  for (std::size_t label = 0; label < set.labels.size(); ++label)
    if (set.is(each.item, label)) told.given.push_back(set.labels[label]);
  for (const std::size_t label : each.suggested) told.suggested.push_back(set.labels[label]);
  for (const auto& doubt : each.doubts) (doubt.missing ? told.missing : told.wrong).push_back(set.labels[doubt.label]);
  return told;
}

/// AUDIT.csv, a row a picture: file,label,suggested,probability,rank,missing,wrong. Labels have blanks between; the
/// probability is that of the likeliest doubt.
inline std::string audit_csv(const eucv::judge::multi_label_predictions& set,
                             const std::vector<eucv::judge::doubtful_item>& items) {
  std::string text = "file,label,suggested,probability,rank,missing,wrong\n";
  std::size_t rank = 0;
  for (const auto& each : items) {
    const auto told = told_of(set, each);
    text += eucv::dataset::csv_row(
        std::vector<std::string>{set.files[each.item], joined(told.given), joined(told.suggested),
                                 eucv::json_number(each.doubts.front().probability), std::to_string(++rank),
                                 joined(told.missing), joined(told.wrong)});
  }
  return text;
}

/// Tasks for people, with all labels that a picture should have as the suggestion.
inline std::vector<eucv::dataset::labelling_task> audit_tasks(const eucv::judge::multi_label_predictions& set,
                                                              const std::vector<eucv::judge::doubtful_item>& items,
                                                              const std::string& address) {
  std::vector<eucv::dataset::labelling_task> tasks;
  for (const auto& each : items) {
    const auto told = told_of(set, each);
    const auto& file = set.files[each.item];
    tasks.push_back({file, address + file, joined(told.given), told.suggested, each.doubts.front().probability});
  }
  return tasks;
}

/// On how many pictures each label seems to be wrong, the most doubtful first.
inline void print_noise(std::ostream& out, const eucv::judge::multi_label_predictions& set,
                        const eucv::judge::multi_label_audit& audit) {
  std::vector<std::size_t> order(set.labels.size()), given(set.labels.size());
  for (std::size_t label = 0; label < order.size(); ++label) {
    order[label] = label;
    for (std::size_t i = 0; i < set.size(); ++i) given[label] += set.is(i, label) ? 1 : 0;
  }
  const auto noise = [&](std::size_t label) { return audit.labels[label].missing + audit.labels[label].wrong; };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return noise(a) > noise(b); });
  aligned_table table({"label", ">pictures given it", ">seem to lack it", ">seem to have it wrongly"});
  for (const std::size_t label : order)
    table.add({set.labels[label], std::to_string(given[label]), fixed(audit.labels[label].missing, 1),
               fixed(audit.labels[label].wrong, 1)});
  out << '\n' << table;
}

} // namespace program::detail
