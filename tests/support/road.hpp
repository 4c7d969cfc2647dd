#pragma once

#include "replay_server.hpp"
#include "support/picture_folder.hpp"
#include "support/run_eucv.hpp"
#include "support/temporary_folder.hpp"

#include <eucv/core/digest.hpp>
#include <eucv/core/file.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/image/encode.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace test {

/// Pictures behind a replay, and what the program makes of them: harvest to table to images, in folders that a test
/// names. For tests that break a run in the middle and compare what the next one makes of it.
class road {
public:
  explicit road(std::size_t pictures, replay::server_options options = {})
      : server_(make(folder_.path(), pictures), std::move(options)) {
    eucv::write_file_atomically(folder_ / "vocabulary.json", R"({"map": "http://data.europeana.eu/concept/43",
      "painting": "http://data.europeana.eu/concept/47"})");
  }

  [[nodiscard]] replay::server& server() { return server_; }
  [[nodiscard]] const replay::server& server() const { return server_; }
  [[nodiscard]] std::filesystem::path path(const std::string& name) const { return folder_ / name; }
  [[nodiscard]] surroundings with_key() const { return test::with_key(server_); }

  /// The command that harvests into the table `name`/all.csv.
  [[nodiscard]] std::vector<std::string> harvest(const std::string& name) const {
    return {
        "harvest", "--vocabulary", path("vocabulary.json"), "--out", path(name) / "all.csv", "--quiet", "--per-class",
        "100000",  "--endpoint",   server_.origin()};
  }
  /// The command that downloads what the table of `harvest(table)` names into the folder `name`.
  [[nodiscard]] std::vector<std::string> download(const std::string& table, const std::string& name) const {
    return {"download", path(table) / "all.csv",    "--out", path(name), "--quiet", "--size", "24", "--jobs",
            "4",        "--allow-private-addresses"};
  }
  /// The command that packs the images of the folder `images` into shards in the folder `name`.
  [[nodiscard]] std::vector<std::string> shards(const std::string& images, const std::string& name) const {
    return {"dataset", "shards", path(images), "--out", path(name), "--per-shard", "4", "--quiet"};
  }

  /// downloads.csv but for the times.
  [[nodiscard]] std::string downloaded(const std::string& name) const {
    auto table = eucv::dataset::read_table(path(name) / "downloads.csv");
    const std::size_t seconds = table.column("seconds"), attempts = table.column("attempts");
    for (auto& row : table.rows) row[seconds] = row[attempts] = "";
    return eucv::dataset::to_csv(table);
  }
  /// Number of whole rows in the table of the downloads in the folder `name`, which need not be there.
  [[nodiscard]] std::size_t rows_of_downloads(const std::string& name) const {
    if (!std::filesystem::exists(path(name) / "downloads.csv")) return 0;
    const std::string text = eucv::read_file(path(name) / "downloads.csv");
    return static_cast<std::size_t>(std::ranges::count(text, '\n')) - 1; // the first is the header's
  }
  /// The files of the folder `name` and their hashes, a line each; hidden files aside.
  [[nodiscard]] std::string files(const std::string& name) const {
    std::string text;
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path(name)))
      if (entry.is_regular_file() && entry.path().filename().string().front() != '.') found.push_back(entry.path());
    std::ranges::sort(found);
    for (const auto& file : found)
      if (file.filename() != "downloads.csv")
        text += file.lexically_relative(path(name)).string() + ' ' + eucv::sha256_text(eucv::read_file(file)) + '\n';
    return text;
  }
  /// Whole rows of an unfinished downloads.csv that promise a file which is not there with that content.
  [[nodiscard]] std::vector<std::string> broken_promises(const std::string& name) const {
    std::vector<std::string> broken;
    if (!std::filesystem::exists(path(name) / "downloads.csv")) return broken;
    std::string text = eucv::read_file(path(name) / "downloads.csv");
    text.resize(text.rfind('\n') + 1);
    const auto table = eucv::dataset::parse_table(text, "downloads.csv");
    const std::size_t status = table.column("status"), file = table.column("file"), hash = table.column("sha256");
    for (const auto& row : table.rows) {
      const auto stored = path(name) / row[file];
      if (row[status] == "ok" &&
          (!std::filesystem::exists(stored) || eucv::sha256_text(eucv::read_file(stored)) != row[hash]))
        broken.push_back(row[file]);
    }
    return broken;
  }

private:
  static replay::collection make(const std::filesystem::path& folder, std::size_t count) {
    std::vector<replay::item> items;
    for (std::size_t i = 0; i < count; ++i) {
      replay::item item;
      item.id = "/1/item_" + std::to_string(10'000 + i);
      item.concepts = {i % 2 == 0 ? "http://data.europeana.eu/concept/43" : "http://data.europeana.eu/concept/47"};
      item.title = "Title " + std::to_string(i);
      item.file = folder / (std::to_string(i) + ".jpg");
      const std::size_t look = i == 9 ? 7 : i; // two with the same bytes
      eucv::write_file_atomically(item.file, eucv::image::encode_jpeg(coloured_picture(look % 2, look)));
      if (i == 3 || i == 4) item.answer = replay::picture::missing;
      if (i == 5) item.answer = replay::picture::page;
      items.push_back(std::move(item));
    }
    return replay::collection(std::move(items));
  }

  temporary_folder folder_;
  replay::server server_;
};

} // namespace test
