#pragma once

#include "program/options.hpp"
#include "program/status.hpp"

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/digest.hpp>
#include <eucv/classify/evaluate.hpp>
#include <eucv/classify/explain.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/sha256.hpp>
#include <eucv/core/version.hpp>
#include <eucv/dataset/card.hpp>
#include <eucv/dataset/folder.hpp>
#include <eucv/dataset/picture.hpp>
#include <eucv/dataset/stats.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/explain/heat_map.hpp>
#include <eucv/image/encode.hpp>
#include <eucv/image/resize.hpp>
#include <eucv/report/facts.hpp>
#include <eucv/report/model_card.hpp>
#include <eucv/report/page.hpp>
#include <eucv/train/assess.hpp>
#include <eucv/train/history.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace program {

/// What `evaluate --report` is asked for.
struct report_options {
  std::string folder, audit, curve;
  bool out_of_fold = false; ///< whether the predictions are
  eucv::explain::method method = eucv::explain::method::grad_cam;
};

namespace detail {

/// A picture as small as it may be shown: a JPEG whose longer side has at most `longest` pixels.
inline std::string thumbnail(const eucv::image::bitmap& picture, std::size_t longest) {
  const std::size_t longer = std::max(picture.width, picture.height);
  const auto side = [&](std::size_t of) { return std::max<std::size_t>(1, of * longest / longer); };
  return eucv::image::encode_jpeg(
      longer <= longest ? picture : eucv::image::resize(picture, side(picture.width), side(picture.height)), 80);
}

/// The same under the map of one of its labels.
inline std::string map_thumbnail(eucv::classify::classifier& model, const eucv::image::bitmap& picture,
                                 const eucv::classify::explain_options& how, std::size_t longest) {
  const auto found = eucv::classify::explain_picture(model, picture, how);
  return thumbnail(eucv::explain::overlay(picture, found.map, found.seen), longest);
}

/// Which of the judged pictures are worth a look: the surest mistakes, and of each class the surest hit.
struct worth_a_look {
  std::vector<std::size_t> wrong, right;
};
inline worth_a_look choose_pictures(const eucv::train::prediction_set& set, std::size_t most_wrong) {
  std::vector<std::size_t> order(set.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto sure = [&](std::size_t i) { return set.row(i)[set.predicted(i)]; };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return sure(a) > sure(b); });
  worth_a_look chosen;
  std::set<std::size_t> seen;
  for (const std::size_t i : order) {
    const bool hit = set.predicted(i) == set.truth[i];
    if (hit && seen.insert(set.truth[i]).second) chosen.right.push_back(i);
    if (!hit && chosen.wrong.size() < most_wrong) chosen.wrong.push_back(i);
  }
  return chosen;
}

/// "Title, by creator, institution, licence".
inline std::string credit_of(const eucv::dataset::card_entry& entry) {
  std::string text;
  for (const auto& part :
       {entry.title, entry.creator.empty() ? "" : "by " + entry.creator, entry.data_provider, entry.rights})
    if (!part.empty()) text += (text.empty() ? "" : ", ") + part;
  return text;
}

} // namespace detail

/// Writes `folder/index.html` and `folder/MODEL_CARD.md`.
class report_writer {
public:
  report_writer(eucv::classify::classifier& model, std::filesystem::path model_folder, std::filesystem::path images)
      : model_(model), model_folder_(std::move(model_folder)), images_(std::move(images)) {}

  void write(const report_options& options, const eucv::classify::evaluated& judged,
             const eucv::train::assessment& figures, const std::string& table, std::uint64_t seed) {
    const auto& about = model_.about();
    eucv::report::facts all{.model = name_of(model_folder_),
                            .images = name_of(images_),
                            .architecture = about.architecture,
                            .size = about.pictures.size};
    all.predictions = judged.predictions;
    all.out_of_fold = options.out_of_fold;
    all.figures = figures;
    for (const auto& file : judged.unreadable) all.unreadable.push_back(file.file.string());
    add_history(all);
    for (const auto& each : about.decisions.categories) all.thresholds.push_back({each.decision, each.threshold});
    all.target_precision = about.decisions.target_precision;
    all.confidence = about.decisions.confidence;
    if (!options.audit.empty()) all.audit = eucv::dataset::read_table(options.audit);
    add_curve(all, options.curve);
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

private:
  static std::string name_of(const std::filesystem::path& folder) {
    const auto name = folder.filename().empty() ? folder.parent_path().filename() : folder.filename();
    return name.string();
  }

  // A history that another version wrote costs the report its curves, and nothing else.
  void add_history(eucv::report::facts& all) const {
    const auto file = model_folder_ / "history.csv";
    if (!std::filesystem::exists(file)) return;
    try {
      all.history = eucv::train::parse_history(eucv::read_file(file), file.string());
    } catch (const eucv::error& failure) {
      warn(std::string("the report shows no curves of the training: ") + failure.text().why + ", in " + file.string());
    }
  }

  // learning_curve.csv of the folder that was named, or of the model's.
  void add_curve(eucv::report::facts& all, const std::string& named) const {
    const auto file = (named.empty() ? model_folder_ : std::filesystem::path(named)) / "learning_curve.csv";
    if (named.empty() && !std::filesystem::exists(file)) return;
    const auto table = eucv::dataset::read_table(file);
    const std::size_t n = table.column("n"), accuracy = table.column("accuracy");
    for (const auto& row : table.rows)
      all.accuracy_curve.push_back({std::atof(row[n].c_str()), 1 - std::atof(row[accuracy].c_str())});
  }

  // Only what is known of at least one picture makes a table.
  static void add_sources(eucv::report::facts& all, const std::vector<eucv::dataset::card_entry>& records) {
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

  void add_pictures(eucv::report::facts& all, const std::vector<eucv::dataset::card_entry>& records,
                    eucv::explain::method method) {
    const auto& set = all.predictions;
    const auto chosen = detail::choose_pictures(set, 12);
    std::map<std::string, const eucv::dataset::card_entry*> known;
    for (const auto& each : records) known[each.file] = &each;
    std::map<std::string, eucv::dataset::labelled_file> files;
    for (const auto& each : eucv::dataset::read_image_folder(images_).files)
      files[each.file.lexically_relative(images_).generic_string()] = each;
    constexpr std::size_t longest = 200;
    const auto show = [&](std::size_t i, std::vector<eucv::report::shown_picture>& to) {
      const auto picture = eucv::dataset::read_picture(files[set.files[i]], {.shorter_side = 2 * longest});
      if (!picture) return;
      const std::size_t best = set.predicted(i), given = set.truth[i];
      eucv::report::shown_picture shown{.file = set.files[i],
                                        .truth = set.labels[given],
                                        .predicted = set.labels[best],
                                        .probability = set.row(i)[best],
                                        .truth_probability = set.row(i)[given],
                                        .picture = detail::thumbnail(*picture, longest),
                                        .predicted_map = {}};
      shown.predicted_map =
          detail::map_thumbnail(model_, *picture, {.label = set.labels[best], .method = method}, longest);
      if (best != given)
        shown.truth_map =
            detail::map_thumbnail(model_, *picture, {.label = set.labels[given], .method = method}, longest);
      if (const auto found = known.find(set.files[i]); found != known.end()) {
        shown.credit = detail::credit_of(*found->second);
        shown.address = found->second->landing_page;
      }
      to.push_back(std::move(shown));
    };
    for (const std::size_t i : chosen.wrong) show(i, all.wrong);
    for (const std::size_t i : chosen.right) show(i, all.right);
    if (all.wrong.empty() && all.right.empty())
      warn("none of the judged images lies in " + images_.string() + ": the report shows none");
    all.method = method == eucv::explain::method::grad_cam ? "Grad-CAM" : "Grad-CAM++";
    all.layer = eucv::classify::explain_picture(model_, eucv::image::black(8, 8)).layer;
  }

  void add_repeat(eucv::report::facts& all, const std::vector<eucv::dataset::card_entry>& records,
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
