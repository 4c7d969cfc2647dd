#pragma once

#include "program/interrupt.hpp"
#include "program/options.hpp"
#include "program/table_text.hpp"

#include <eucv/core/parallel.hpp>
#include <eucv/core/random.hpp>
#include <eucv/dataset/card.hpp>
#include <eucv/dataset/duplicates.hpp>
#include <eucv/dataset/folder.hpp>
#include <eucv/dataset/shards.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/net/url.hpp>

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <iostream>
#include <map>
#include <span>
#include <string>
#include <utility>

namespace program {

struct card_options : common_options {
  std::string from, table, out, name, url, creator, date;
};
struct duplicates_options : common_options {
  std::string images;
  eucv::dataset::duplicate_options near;
};
struct shards_options : common_options {
  std::string images, out;
  std::size_t per_shard = 1000;
};

inline void describe_card(CLI::App& command, card_options& options) {
  command.add_option("from", options.from, "Folder of images, or a table")->type_name("IMAGES|TABLE")->required();
  command.add_option("--table", options.table, "Table that knows titles, creators and providers of the images, by ID");
  command.add_option("--name", options.name, "Name of the data set; otherwise that of the folder or table");
  command.add_option("--url", options.url, "Page where the data set can be had")
      ->check(checked_by([](const std::string& text) { (void)eucv::net::parse_url(text).value(); }));
  command.add_option("--creator", options.creator, "Who made it: a person or an institution");
  command.add_option("--date", options.date, "Day of publication, as 2026-01-31; otherwise today");
  command.add_option("--out", options.out, "Folder to write into")->required();
}
inline void describe_duplicates(CLI::App& command, duplicates_options& options) {
  command.add_option("images", options.images, "Folder of images")->type_name("IMAGES")->required();
  command.add_option("--distance", options.near.distance, "Bits in which the hashes of copies may differ")
      ->check(CLI::Range(0, 15))
      ->capture_default_str();
}
inline void describe_shards(CLI::App& command, shards_options& options) {
  command.add_option("images", options.images, "Folder of images")->type_name("IMAGES")->required();
  command.add_option("--per-shard", options.per_shard, "Images a shard")->check(at_least(1))->capture_default_str();
  command.add_option("--out", options.out, "Folder for the shards")->required();
}

/// The day, in UTC, as 2026-01-31.
[[nodiscard]] inline std::string today() {
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
  std::string text = std::to_string(static_cast<int>(day.year()));
  for (const unsigned part : {static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day())})
    text += (part < 10 ? "-0" : "-") + std::to_string(part);
  return text;
}

/// `eucv dataset card`: what a data set is, for people and machines.
inline status card(const card_options& options) {
  const std::filesystem::path from(options.from);
  const bool is_folder = std::filesystem::is_directory(from);
  eucv::dataset::table facts;
  if (!options.table.empty()) facts = eucv::dataset::read_table(options.table);
  auto entries =
      is_folder ? eucv::dataset::entries_of(from, facts) : eucv::dataset::entries_of(eucv::dataset::read_table(from));
  const auto plain = (from / "").parent_path(); // without a slash at its end
  const eucv::dataset::card about{.name = options.name.empty() ? plain.stem().string() : options.name,
                                  .made = "Images of cultural heritage, found by eucv through the APIs of Europeana or "
                                          "brought along by its user, sorted into classes by concept.",
                                  .entries = std::move(entries),
                                  .published = options.date.empty() ? today() : options.date,
                                  .url = options.url,
                                  .creator = options.creator};
  eucv::dataset::write_card(about, options.out);
  std::size_t without = 0;
  for (const auto& each : about.entries) without += each.rights.empty() ? 1 : 0;
  std::cout << counted(about.entries.size(), "image") << " described in " << options.out << '\n';
  if (without != 0) std::cout << counted(without, "image") << " without a known licence\n";
  if (about.url.empty() || about.creator.empty())
    std::cout << "Croissant demands the page of a data set and its creator; name them with --url and --creator.\n";
  return status::done;
}

/// `eucv dataset duplicates`: a line for each image that is a copy, as CSV on stdout.
inline status duplicates(const duplicates_options& options) {
  const auto pictures = eucv::dataset::read_image_folder(options.images);
  eucv::thread_pool pool(options.threads);
  const auto prints = eucv::dataset::fingerprints_of(pictures.files, pool);
  const auto found = eucv::dataset::find_duplicates(prints, options.near);
  const auto name = [&](std::size_t i) {
    return pictures.files[i].file.lexically_relative(options.images).generic_string();
  };
  std::cout << "file,label,copy_of,its_label,kind\n";
  for (const auto& group : found.groups())
    for (const std::size_t i : std::span(group).subspan(1)) {
      const std::size_t first = group.front();
      std::cout << eucv::dataset::csv_row(std::vector<std::string>{
          name(i), pictures.labels[pictures.files[i].label], name(first), pictures.labels[pictures.files[first].label],
          prints[i].sha256 == prints[first].sha256 ? "exact" : "near"});
    }
  if (!options.quiet)
    std::cerr << counted(found.exact, "exact copy", "exact copies") << ", " << counted(found.near, "near one") << " in "
              << counted(pictures.files.size(), "image") << '\n';
  return status::done;
}

/// `eucv dataset shards`: WebDataset tar files, in an order that the seed shuffles; run again to resume.
inline status shards(const shards_options& options) {
  progress_display display(options.progress());
  const interrupt signals;
  auto pictures = eucv::dataset::read_image_folder(options.images);
  eucv::random(options.seed).shuffle(std::span(pictures.files)); // classes mixed: shards are read front to back
  std::map<std::filesystem::path, std::map<std::string, std::string>> about;
  for (const auto& each : eucv::dataset::entries_of(options.images, eucv::dataset::table{}))
    if (!each.rights.empty()) about[std::filesystem::path(options.images) / each.file]["rights"] = each.rights;
  const auto done = eucv::dataset::write_shards(
      pictures, options.out, {.per_shard = options.per_shard, .progress = display.sink(), .stop = signals.token()},
      about);
  display.clear();
  std::cout << counted(done.pictures, "image") << " in " << counted(done.shards, "shard") << " in " << options.out;
  if (done.kept != 0) std::cout << ", " << done.kept << " of them from before";
  std::cout << '\n';
  for (const auto& [reason, count] : done.reasons) std::cout << "passed over: " << count << ' ' << reason << '\n';
  return done.pictures == pictures.files.size() ? status::done : status::incomplete;
}

} // namespace program
