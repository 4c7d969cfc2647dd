#pragma once

#include "program/options.hpp"
#include "program/picture_stream.hpp"
#include "program/stream_counts.hpp"
#include "program/table_text.hpp"

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/digest.hpp>
#include <eucv/core/error.hpp>
#include <eucv/enrich/classify_stream.hpp>
#include <eucv/enrich/enricher.hpp>
#include <eucv/enrich/evidence.hpp>
#include <eucv/enrich/ledger.hpp>
#include <eucv/europeana/annotation.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>

namespace program {

/// What `eucv classify --format annotations` takes besides the pictures.
struct annotate_options {
  std::filesystem::path model, out; ///< no `out`: the annotations go to stdout
  std::optional<double> least_probability;
};

/// States what is in the pictures of records, as annotations.
inline status annotate(const annotate_options& options, const picture_stream_options& pictures,
                       const common_options& common, eucv::classify::classifier& model) {
  if (model.about().decisions.categories.empty() && !options.least_probability)
    throw eucv::error(eucv::errc::invalid_argument,
                      {"annotate", "the model", "it has no thresholds, so its precision is unknown",
                       "train it with --folds and --target-precision, or give the least probability of a statement "
                       "yourself: --min-probability"});
  eucv::enrich::enricher rule(model.about(), eucv::classify::model_digest(options.model), {options.least_probability});
  std::optional<eucv::enrich::ledger> book;
  if (!options.out.empty()) book.emplace(options.out, rule);
  stream_counts counts(common.progress(), pictures.limit, !book);
  std::size_t records = 0, stated = 0, known = 0, before = 0;
  const eucv::enrich::item_filter wanted = [&](const eucv::enrich::item& what) {
    const bool open = rule.wants(what);
    before += open ? 0 : 1;
    return open;
  };
  const eucv::enrich::classified_sink keep = [&](const eucv::enrich::classified& one) {
    if (!one.ranked) return counts.add(&one.ranked.error());
    if (!rule.wants(one.what)) return void(++before); // named twice, side by side
    if (one.what.id.empty()) {
      const eucv::error nameless(eucv::errc::invalid_argument,
                                 {"annotate", one.what.name, "it belongs to no record that is known",
                                  "name the record, /DATASET/LOCAL, or a --query"});
      return counts.add(&nameless);
    }
    counts.add(nullptr);
    const auto made = rule.judge(one, eucv::enrich::utc_text(std::chrono::system_clock::now()));
    ++records;
    stated += made.statements.size();
    known += made.known.size();
    if (book) return book->append(made);
    for (const auto& annotation : eucv::enrich::annotations_of(made))
      std::cout << eucv::europeana::to_json(annotation) << '\n';
  };
  stream_pictures(pictures, model, common, keep, wanted);
  counts.clear();
  if (book) {
    book->sync();
    std::cout << counted(book->statements(), "annotation") << " on " << counted(book->records(), "record") << " in "
              << options.out.string() << '\n';
  }
  std::cerr << counted(stated, "new statement") << " on " << counted(records, "record") << ", " << known
            << " known before";
  if (before != 0) std::cerr << "; " << counted(before, "record") << " done before";
  std::cerr << '\n';
  return counts.finish();
}

} // namespace program
