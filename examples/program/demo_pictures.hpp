#pragma once

#include "replay/collection.hpp"

#include <eucv/core/error.hpp>
#include <eucv/dataset/folder.hpp>
#include <eucv/dataset/vocabulary.hpp>
#include <eucv/image/formats.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace program {

/// A picture of the demo and what it shows.
struct labelled_picture {
  std::string label;
  std::filesystem::path file;
};

/// Drawings that stand in a folder of pysiogame for its words, but show no whole garment, ornament or building: parts,
/// trimmings and what surrounds them. Left out by their names, before any training, as a curator would do.
[[nodiscard]] inline bool shows_its_class(const std::filesystem::path& picture) {
  static constexpr std::array<std::string_view, 20> others{
      "button", "heel",    "jewel", "patch", "pocket",  "shoe_sole", "shoelace",  "sleeve", "zip", // of clothing
      "brick",  "chimney", "door",  "roof",  "shutter", "smoke",     "staircase", "step",   "street",
      "wall",   "window"}; // of building
  return std::ranges::find(others, picture.stem().string()) == others.end();
}

/// The pictures that Debian packages install. Throws errc::not_found with the command that installs a missing one.
[[nodiscard]] inline std::vector<labelled_picture> packaged_pictures() {
  struct source {
    std::string_view label, folder, package;
  };
  static constexpr std::array<source, 4> sources{
      source{"specimen", "/usr/share/games/pysiogame/res/images/art4apps/animals", "pysiogame"},
      source{"clothing", "/usr/share/games/pysiogame/res/images/art4apps/clothes_n_accessories", "pysiogame"},
      source{"building", "/usr/share/games/pysiogame/res/images/art4apps/construction", "pysiogame"},
      source{"map", "/usr/share/kgeography", "kgeography-data"}};
  std::vector<labelled_picture> pictures;
  std::set<std::string> missing;
  for (const auto& [label, folder, package] : sources) {
    const std::size_t before = pictures.size();
    std::error_code failure;
    for (std::filesystem::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
      const bool is_picture = eucv::image::format_by_ending(at->path().string()) != nullptr;
      if (is_picture && shows_its_class(at->path())) pictures.push_back({std::string(label), at->path()});
    }
    if (pictures.size() == before) missing.insert(std::string(package));
  }
  if (!missing.empty()) {
    std::string packages;
    for (const auto& name : missing) packages += " " + name;
    throw eucv::error(eucv::errc::not_found,
                      {"start the demo", "the packages" + packages, "their pictures are not on this machine",
                       "run: sudo apt-get install" + packages + ", or show it your own with --images DIR"});
  }
  std::ranges::sort(pictures, {}, &labelled_picture::file);
  return pictures;
}

/// The pictures of a folder with one folder for each class.
[[nodiscard]] inline std::vector<labelled_picture> pictures_in(const std::filesystem::path& folder) {
  const eucv::dataset::image_folder found = eucv::dataset::read_image_folder(folder);
  std::vector<labelled_picture> pictures;
  for (const auto& picture : found.files) pictures.push_back({found.labels[picture.label], picture.file});
  return pictures;
}

/// A concept URI for each label: that of the pilot's vocabulary, or a made-up one for a word that is not in it.
[[nodiscard]] inline std::map<std::string, std::string> concepts_for(const std::vector<labelled_picture>& pictures) {
  std::map<std::string, std::string> uris;
  for (const auto& picture : pictures) uris.emplace(picture.label, std::string());
  std::size_t made_up = 900'000;
  for (auto& [label, uri] : uris) {
    const auto& known = eucv::dataset::pilot_vocabulary();
    const auto subject = std::ranges::find(known, label, &eucv::dataset::subject::label);
    uri = subject != known.end() ? subject->uri : "http://data.europeana.eu/concept/" + std::to_string(made_up++);
  }
  return uris;
}

/// The pictures as a collection that a replay serves, and with them what the real service has too: three links that are
/// dead, and a page of HTML where a picture should be.
[[nodiscard]] inline replay::collection demo_collection(const std::vector<labelled_picture>& pictures,
                                                        const std::map<std::string, std::string>& concepts) {
  std::vector<replay::item> items;
  for (const auto& picture : pictures) {
    replay::item item;
    item.id = "/2026/" + std::to_string(100'000 + items.size());
    item.concepts = {concepts.at(picture.label)};
    item.title = picture.file.stem().string();
    std::ranges::replace(item.title, '_', ' ');
    item.file = picture.file;
    item.provider = item.data_provider = "Replay on this machine";
    items.push_back(std::move(item));
  }
  for (const std::size_t part : {1U, 2U, 3U, 4U}) {
    replay::item lost = items[part * (pictures.size() - 1) / 5];
    lost.id = "/2026/" + std::to_string(100'000 + items.size());
    lost.title += " (lost)";
    lost.answer = part == 4 ? replay::picture::page : replay::picture::missing;
    items.push_back(std::move(lost));
  }
  return replay::collection(std::move(items));
}

} // namespace program
