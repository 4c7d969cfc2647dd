#pragma once

#include "program/report_pictures.hpp"
#include "program/status.hpp"

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/digest.hpp>
#include <eucv/classify/evaluate.hpp>
#include <eucv/classify/explain.hpp>
#include <eucv/classify/judge_multi_label.hpp>
#include <eucv/core/digest.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/version.hpp>
#include <eucv/dataset/card.hpp>
#include <eucv/dataset/stats.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/judge/assess.hpp>
#include <eucv/judge/multi_label_assess.hpp>
#include <eucv/report/facts.hpp>
#include <eucv/report/model_card.hpp>
#include <eucv/report/multi_label_facts.hpp>
#include <eucv/report/multi_label_model_card.hpp>
#include <eucv/report/page.hpp>
#include <eucv/train/history.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace program {

/// Writes `folder/index.html` and `folder/MODEL_CARD.md`.
class report_writer {
public:
  report_writer(eucv::classify::classifier& model, std::filesystem::path model_folder, std::filesystem::path images)
      : model_(model), model_folder_(std::move(model_folder)), images_(std::move(images)) {}

  void write(const report_options& options, const eucv::classify::evaluated& judged,
             const eucv::judge::assessment& figures, const std::string& table, std::uint64_t seed) {
    eucv::report::facts all;
    all.predictions = judged.predictions;
    all.figures = figures;
    write(all, "accuracy", judged.unreadable, options, table, seed);
  }
  /// The same for a model that may give a picture several labels.
  void write(const report_options& options, const eucv::classify::judged_multi_label& judged,
             const eucv::judge::multi_label_assessment& figures, const std::string& table, std::uint64_t seed) {
    eucv::report::multi_label_facts all;
    all.predictions = judged.predictions;
    all.figures = figures;
    all.unknown_labels = judged.unknown_labels;
    write(all, "mean_average_precision", judged.unreadable, options, table, seed);
  }

private:
  template <class Facts>
  void write(Facts& all, const char* figure, const std::vector<eucv::dataset::unreadable_file>& unreadable,
             const report_options& options, const std::string& table, std::uint64_t seed) {
    const auto& about = model_.about();
    all.model = name_of(model_folder_);
    all.images = name_of(images_);
    all.architecture = about.architecture;
    all.size = about.pictures.size;
    all.out_of_fold = options.out_of_fold;
    for (const auto& file : unreadable) all.unreadable.push_back(file.file.string());
    add_history(all);
    for (const auto& each : about.decisions.categories) all.thresholds.push_back({each.decision, each.threshold});
    all.target_precision = about.decisions.target_precision;
    all.confidence = about.decisions.confidence;
    if (!options.audit.empty()) all.audit = eucv::dataset::read_table(options.audit);
    add_curve(all, options.curve, figure);
    const auto records =
        eucv::dataset::entries_of(images_, table.empty() ? eucv::dataset::table{} : eucv::dataset::read_table(table));
    add_sources(all, records);
    add_pictures(all, records, options.method);
    add_repeat(all, records, options, seed);
    eucv::make_folder(options.folder);
    const std::filesystem::path folder(options.folder);
    eucv::write_file_atomically(folder / "MODEL_CARD.md", eucv::report::model_card(all));
    eucv::write_file_atomically(folder / "index.html", eucv::report::page(all));
  }

  static std::string name_of(const std::filesystem::path& folder) {
    const auto name = folder.filename().empty() ? folder.parent_path().filename() : folder.filename();
    return name.string();
  }

  // A history that another version wrote costs the report its curves, and nothing else.
  void add_history(eucv::report::common_facts& all) const {
    const auto file = model_folder_ / "history.csv";
    if (!std::filesystem::exists(file)) return;
    try {
      all.history = eucv::train::parse_history(eucv::read_file(file), file.string());
    } catch (const eucv::error& failure) {
      warn(std::string("the report shows no curves of the training: ") + failure.text().why + ", in " + file.string());
    }
  }

  // learning_curve.csv of the folder that was named, or of the model's.
  void add_curve(eucv::report::common_facts& all, const std::string& named, const char* figure) const {
    const auto file = (named.empty() ? model_folder_ : std::filesystem::path(named)) / "learning_curve.csv";
    if (named.empty() && !std::filesystem::exists(file)) return;
    const auto table = eucv::dataset::read_table(file);
    const std::size_t n = table.column("n"), value = table.column(figure);
    for (const auto& row : table.rows)
      all.learning_curve.push_back({std::atof(row[n].c_str()), 1 - std::atof(row[value].c_str())});
  }

  // Only what is known of at least one picture makes a table.
  static void add_sources(eucv::report::common_facts& all, const std::vector<eucv::dataset::card_entry>& records) {
    using entry = eucv::dataset::card_entry;
    for (const auto& [column, member] : {std::pair("rights", &entry::rights),
                                         {"data_provider", &entry::data_provider},
                                         {"country", &entry::country}}) {
      eucv::dataset::table one{.columns = {column}, .rows = {}, .source = {}};
      bool known = false;
      for (const auto& each : records) {
        one.rows.push_back({each.*member});
        known = known || !(each.*member).empty();
      }
      if (known) all.sources.push_back(eucv::dataset::count_values(one, column));
    }
  }

  template <class Facts>
  void add_pictures(Facts& all, const std::vector<eucv::dataset::card_entry>& records, eucv::explain::method method) {
    const auto chosen = detail::choose_pictures(all.predictions, 12);
    detail::judged_files files(model_, images_, records, method);
    for (const std::size_t i : chosen.wrong) detail::show(files, all.predictions, i, all.wrong);
    for (const std::size_t i : chosen.right) detail::show(files, all.predictions, i, all.right);
    if (all.wrong.empty() && all.right.empty())
      warn("none of the judged images lies in " + images_.string() + ": the report shows none");
    all.method = method == eucv::explain::method::grad_cam ? "Grad-CAM" : "Grad-CAM++";
    all.layer = eucv::classify::explain_picture(model_, eucv::image::black(8, 8)).layer;
  }

  void add_repeat(eucv::report::common_facts& all, const std::vector<eucv::dataset::card_entry>& records,
                  const report_options& options, std::uint64_t seed) const {
    std::vector<std::string> lines;
    for (const auto& each : records) lines.push_back(each.file + " " + each.sha256 + "\n");
    std::ranges::sort(lines);
    std::string list;
    for (const auto& line : lines) list += line;
    all.repeat = {
        {"eucv", EUCV_VERSION},
        {"seed of the intervals", std::to_string(seed)},
        {"digest of the model", eucv::classify::model_digest(model_folder_)},
        {"SHA-256 of weights.safetensors", eucv::sha256_text(eucv::read_file(model_folder_ / "weights.safetensors"))},
        {"SHA-256 of the list of pictures (name, SHA-256)", eucv::sha256_text(list)}};
    for (const auto& [name, value] : model_.about().provenance) all.repeat.emplace_back("training: " + name, value);
    std::string command = "eucv evaluate " + name_of(model_folder_) + " " + name_of(images_) + " --report DIR --seed " +
                          std::to_string(seed);
    if (options.out_of_fold) command += " --out-of-fold";
    if (!options.audit.empty()) command += " --audit " + name_of(options.audit);
    if (!options.curve.empty()) command += " --curve " + name_of(options.curve);
    all.commands = {command};
  }

  eucv::classify::classifier& model_;
  std::filesystem::path model_folder_, images_;
};

} // namespace program
