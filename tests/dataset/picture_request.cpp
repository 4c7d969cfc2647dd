#include <eucv/dataset/picture_request.hpp>

#include <eucv/core/file.hpp>

#include <doctest/doctest.h>

#include "support/picture_folder.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;

namespace {

void put_picture(const std::filesystem::path& file, std::size_t colour, std::size_t number) {
  make_folder(file.parent_path());
  write_file_atomically(file, image::encode_png(test::coloured_picture(colour, number)));
}

std::string label_of(const dataset::picture_set& set, const std::string& name) {
  for (std::size_t i = 0; i < set.size(); ++i)
    if (set.name(i) == name) return set.pictures.label_text(set.pictures.files[i]);
  return "no such picture";
}

} // namespace

TEST_CASE("a table of labels and one of pictures to leave out are heeded, for one label a picture") {
  const test::temporary_folder folder;
  for (std::size_t i = 0; i < 3; ++i) put_picture(folder / "images/map" / (std::to_string(i) + ".png"), 0, i);
  put_picture(folder / "images/toy/3.png", 1, 3);
  write_file_atomically(folder / "labels.csv", "file,label\nmap/1.png,toy\n");
  write_file_atomically(folder / "audit.csv", "file,rank\nmap/2.png,1\n");
  thread_pool pool(1);
  const auto read = dataset::read_pictures(
      {.images = folder / "images", .labels = folder / "labels.csv", .exclude = folder / "audit.csv"}, pool);
  CHECK(read.pictures.size() == 3);
  CHECK(label_of(read.pictures, "map/0.png") == "map");
  CHECK(label_of(read.pictures, "map/1.png") == "toy");
  CHECK(label_of(read.pictures, "map/2.png") == "no such picture");
  CHECK(read.joined == 0);
  CHECK(read.rare.empty());
}

TEST_CASE("with any number of labels, copies are joined, rare labels go, and labels may hold blanks") {
  const test::temporary_folder folder;
  for (std::size_t i = 0; i < 3; ++i) put_picture(folder / "images/map" / (std::to_string(i) + ".png"), 0, i);
  put_picture(folder / "images/old toy/3.png", 1, 3);
  put_picture(folder / "images/old toy map/4.png", 1, 4);
  put_picture(folder / "images/globe/0.png", 0, 0); // map/0.png once more
  write_file_atomically(folder / "images/vocabulary.json", R"({"old toy": "http://data.europeana.eu/concept/1"})");
  thread_pool pool(1);
  const auto read = dataset::read_pictures(
      {.images = folder / "images", .labelling = dataset::labels_per_picture::any, .least = 2}, pool);
  CHECK(read.joined == 1);
  CHECK(read.rare == std::vector<std::string>{"globe"});
  CHECK(label_of(read.pictures, "old toy map/4.png") == "map old toy");
  CHECK(read.pictures.pictures.labels == std::vector<std::string>{"map", "old toy"});
}
