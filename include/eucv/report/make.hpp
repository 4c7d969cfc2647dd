#pragma once

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/judge.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/explain/grad_cam.hpp>
#include <eucv/judge/assess.hpp>
#include <eucv/report/facts.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace eucv::report {

/// What a report is made from, besides the judged pictures. Empty paths are left out.
struct report_options {
  std::filesystem::path folder = {}; ///< index.html and MODEL_CARD.md are written there
  std::filesystem::path model = {};  ///< folder of the model
  std::filesystem::path images = {}; ///< folder that was judged
  std::filesystem::path table = {};  ///< knows the records of the images, by ID; without one: downloads.csv
  std::filesystem::path audit = {};  ///< audit.csv, whose first rows are shown
  std::filesystem::path curve = {};  ///< folder with learning_curve.csv; without one: that of the model, if any
  explain::method method = explain::method::grad_cam;
  std::uint64_t seed = 1; ///< of the intervals
  origin predictions_by = origin::model;
  commands how = {}; ///< shown to readers
};

/// The facts of a report, and what could not be told.
struct made_facts {
  facts all = {};
  std::vector<std::string> warnings = {}; ///< a sentence each
};

/// What a report is about: judged pictures and the figures of these predictions. Refers to both.
struct judgement {
  const classify::judged_pictures& pictures;
  const judge::assessment& figures;
};

/// Gathers the facts of a report: figures, the history, thresholds and provenance of the model folder, learning curve
/// and audit, the sources of the pictures, and the pictures worth a look with their heat maps. Cost: see
/// show_pictures(), for at most 12 pictures and one a label. Throws what reading the model folder, tables or images
/// throws.
[[nodiscard]] made_facts make_facts(classify::classifier& model, const judgement& of, const report_options& options);

/// Writes index.html and MODEL_CARD.md of these facts into `options.folder`, which is made where it is missing. Returns
/// the warnings of make_facts(). Throws what that throws, and a file_error().
[[nodiscard]] std::vector<std::string> write_report(classify::classifier& model, const judgement& of,
                                                    const report_options& options);

} // namespace eucv::report

#ifdef EUCV_IMPLEMENTATION_REPORT
#include <eucv/classify/digest.hpp>
#include <eucv/core/digest.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/version.hpp>
#include <eucv/dataset/card.hpp>
#include <eucv/dataset/stats.hpp>
#include <eucv/report/model_card.hpp>
#include <eucv/report/page.hpp>
#include <eucv/report/shown_pictures.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace eucv::report {
namespace detail {

std::string name_of(const std::filesystem::path& folder) {
  return (folder.filename().empty() ? folder.parent_path() : folder).filename().string();
}

// A history that another version wrote costs the report its curves, and nothing else.
void add_history(made_facts& made, const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return;
  try {
    made.all.history = train::parse_history(read_file(file), file.string());
  } catch (const error& failure) {
    made.warnings.push_back("the report shows no curves of the training: " + failure.text().why + ", in " +
                            file.string());
  }
}

// learning_curve.csv of the folder that was named, or of the model's.
std::vector<judge::learning_point> read_curve(const report_options& options, std::string_view figure) {
  std::vector<judge::learning_point> points;
  const auto file = (options.curve.empty() ? options.model : options.curve) / "learning_curve.csv";
  if (options.curve.empty() && !std::filesystem::exists(file)) return points;
  const auto table = dataset::read_table(file);
  const std::size_t n = table.column("n"), value = table.column(figure);
  for (const auto& row : table.rows) points.push_back({std::atof(row[n].c_str()), 1 - std::atof(row[value].c_str())});
  return points;
}

// Only what is known of at least one picture makes a table.
std::vector<dataset::distribution> sources_of(const std::vector<dataset::card_entry>& records) {
  using dataset::card_entry;
  std::vector<dataset::distribution> sources;
  for (const auto& [column, member] : {std::pair("rights", &card_entry::rights),
                                       {"data_provider", &card_entry::data_provider},
                                       {"country", &card_entry::country}}) {
    if (std::ranges::all_of(records, [&, of = member](const card_entry& each) { return (each.*of).empty(); })) continue;
    dataset::table one{.columns = {column}, .rows = {}, .source = {}};
    for (const auto& each : records) one.rows.push_back({each.*member});
    sources.push_back(dataset::count_values(one, column));
  }
  return sources;
}

// What one needs to come to the same figures.
std::vector<std::pair<std::string, std::string>> repeat_of(const classify::classifier& model,
                                                           const report_options& options,
                                                           const std::vector<dataset::card_entry>& records) {
  std::vector<std::string> lines;
  for (const auto& each : records) lines.push_back(each.file + " " + each.sha256 + "\n");
  std::ranges::sort(lines);
  std::string list;
  for (const auto& line : lines) list += line;
  std::vector<std::pair<std::string, std::string>> all{
      {"eucv", EUCV_VERSION},
      {"seed of the intervals", std::to_string(options.seed)},
      {"digest of the model", classify::model_digest(options.model)},
      {"SHA-256 of weights.safetensors", sha256_text(read_file(options.model / "weights.safetensors"))},
      {"SHA-256 of the list of pictures (name, SHA-256)", sha256_text(list)}};
  for (const auto& [name, value] : model.about().provenance) all.emplace_back("training: " + name, value);
  return all;
}

void add_pictures(made_facts& made, classify::classifier& model, const report_options& options,
                  std::vector<dataset::card_entry> records) {
  auto shown = show_pictures(model, made.all.predictions,
                             {.images = options.images, .records = std::move(records), .method = options.method});
  made.all.wrong = std::move(shown.wrong);
  made.all.right = std::move(shown.right);
  made.all.layer = std::move(shown.layer);
  made.all.method = method_name(options.method);
  if (made.all.wrong.empty() && made.all.right.empty())
    made.warnings.push_back("none of the judged images lies in " + options.images.string() + ": the report shows none");
}

} // namespace detail

made_facts make_facts(classify::classifier& model, const judgement& of, const report_options& options) {
  const auto& [judged, figures] = of;
  made_facts made;
  auto& all = made.all;
  const auto& about = model.about();
  all.model = detail::name_of(options.model);
  all.images = detail::name_of(options.images);
  all.architecture = about.architecture;
  all.size = about.pictures.size;
  all.predictions_by = options.predictions_by;
  all.predictions = judged.predictions;
  all.figures = figures;
  detail::add_history(made, options.model / "history.csv");
  for (const auto& each : about.decisions.categories) all.thresholds.push_back({each.decision, each.threshold});
  all.target_precision = about.decisions.target_precision;
  all.confidence = about.decisions.confidence;
  all.learning_curve =
      detail::read_curve(options, judged.predictions.task->figures(judge::figure_use::fitted).front().key);
  if (!options.audit.empty()) all.audit = dataset::read_table(options.audit);
  for (const auto& file : judged.unreadable) all.unreadable.push_back(file.file.string());
  all.unknown_labels = judged.unknown_labels;
  all.how = options.how;
  auto records = dataset::entries_of(options.images,
                                     options.table.empty() ? dataset::table{} : dataset::read_table(options.table));
  all.sources = detail::sources_of(records);
  all.repeat = detail::repeat_of(model, options, records);
  detail::add_pictures(made, model, options, std::move(records));
  return made;
}

std::vector<std::string> write_report(classify::classifier& model, const judgement& of, const report_options& options) {
  const auto made = make_facts(model, of, options);
  make_folder(options.folder);
  write_file_atomically(options.folder / "MODEL_CARD.md", model_card(made.all));
  write_file_atomically(options.folder / "index.html", page(made.all));
  return made.warnings;
}

} // namespace eucv::report
#endif
