#pragma once

#include "program/annotate.hpp"
#include "program/options.hpp"
#include "program/picture_stream.hpp"
#include "program/prediction_text.hpp"
#include "program/stream_counts.hpp"
#include "program/table_text.hpp"

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/decide.hpp>
#include <eucv/enrich/classify_stream.hpp>

#include <CLI/CLI.hpp>

#include <cstddef>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

namespace program {

struct classify_options : common_options {
  std::string model, format = "table", out;
  picture_stream_options pictures;
  std::optional<double> least_probability;
  std::size_t top = 3;
  bool all = false;
};

inline void describe_classify(CLI::App& command, classify_options& options) {
  command.add_option("model", options.model, "Folder of a trained model")->type_name("MODEL")->required();
  describe_picture_stream(command, options.pictures);
  command.add_option("--top", options.top, "Labels an image; 0: all")->check(at_least(0))->capture_default_str();
  command.add_flag("--no-abstain", options.all, "Show labels also where the model is not sure enough of them");
  auto formats = prediction_formats();
  std::string list;
  for (const auto& name : formats) list += name + ", ";
  formats.emplace_back("annotations"); // statements about records, which need the thresholds
  command
      .add_option("--format", options.format, list + "or annotations: for Europeana's Annotation API, of records alone")
      ->check(CLI::IsMember(formats))
      ->capture_default_str();
  command
      .add_option("--min-probability", options.least_probability,
                  "With annotations: what a label needs beside the thresholds of the model, or where it has none")
      ->check(CLI::Range(0.0, 1.0));
  command.add_option("--out", options.out,
                     "With annotations: folder that keeps them and the evidence, and of which nothing is stated twice");
}

/// `eucv classify`: ranked labels for each image, or annotations. An image that cannot be had is named on stderr. A
/// model with thresholds abstains where it is not sure enough: such an image has no label.
inline status classify(const classify_options& options) {
  if (options.pictures.paths.empty() && options.pictures.query.empty())
    return fail("classify: no image is named; name files, folders, addresses or records, or give --query",
                status::usage);
  const bool annotations = options.format == "annotations";
  if (!annotations && (!options.out.empty() || options.least_probability))
    return fail("classify: --out and --min-probability are for --format annotations; add that, or leave them out",
                status::usage);
  auto model = eucv::classify::classifier::load(options.model, {.threads = options.threads});
  if (annotations)
    return annotate({options.model, options.out, options.least_probability}, options.pictures, options, model);

  std::size_t decided = 0, left = 0;
  const bool abstains = !options.all && !model.about().decisions.categories.empty();
  using ids = prediction_text::ids;
  prediction_text text(std::cout, options.format, names_records(options.pictures) ? ids::present : ids::absent);
  stream_counts counts(options.progress(), options.pictures.limit, true);
  const auto show = [&](eucv::enrich::classified one) {
    counts.add(one.ranked ? nullptr : &one.ranked.error());
    if (!one.ranked) return;
    auto ranked = options.all ? *std::move(one.ranked) : eucv::classify::labels_to_show(model.about(), *one.ranked);
    ++(ranked.empty() ? left : decided);
    if (options.top != 0 && ranked.size() > options.top) ranked.resize(options.top);
    text.add(one.what.name, one.what.id, ranked);
  };
  stream_pictures(options.pictures, model, options, show);
  counts.clear();
  text.finish();
  if (abstains)
    std::cerr << counted(decided, "image") << " decided with a precision of "
              << fixed(100 * model.about().decisions.target_precision, 1) << " %, " << left << " left to people\n";
  return counts.finish();
}

} // namespace program
