#include <eucv/dataset/label_sets.hpp>

#include <eucv/core/file.hpp>

#include <doctest/doctest.h>

#include <set>

#include "support/code_of.hpp"
#include "support/picture_folder.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;

namespace {

using names = std::set<std::string>;

void put_picture(const std::filesystem::path& file, std::size_t colour, std::size_t number) {
  make_folder(file.parent_path());
  write_file_atomically(file, image::encode_png(test::coloured_picture(colour, number)));
}

std::string labels_by_name(const dataset::picture_set& set, const std::string& name) {
  for (std::size_t i = 0; i < set.size(); ++i)
    if (set.name(i) == name) return set.pictures.label_text(set.pictures.files[i]);
  return "no such picture";
}

} // namespace

TEST_CASE("blanks stand between labels, but for those that hold blanks themselves") {
  CHECK(dataset::split_labels("photograph  postcard ") == names{"photograph", "postcard"});
  CHECK(dataset::split_labels("map map") == names{"map"});
  CHECK(dataset::split_labels("").empty());
  const names whole{"costume accessories", "costume accessories of men"};
  CHECK(dataset::split_labels("map costume accessories toy", whole) == names{"costume accessories", "map", "toy"});
  CHECK(dataset::split_labels("costume accessories of men", whole) == names{"costume accessories of men"});
  CHECK(dataset::split_labels("costume toy", whole) == names{"costume", "toy"});
}

TEST_CASE("folders are combinations of labels, and copies in several folders are one picture with all their labels") {
  const test::temporary_folder folder;
  put_picture(folder / "map" / "a.png", 0, 1);
  put_picture(folder / "map drawing" / "b.png", 0, 2);
  put_picture(folder / "drawing" / "c.png", 1, 3);
  put_picture(folder / "old" / "again.png", 0, 1); // map/a.png once more
  make_folder(folder / "map old");                 // a combination whose downloads all failed
  thread_pool pool(1);
  auto set = dataset::read_multi_label_set(folder / "", pool);
  CHECK(set.pictures.labels == std::vector<std::string>{"drawing", "map", "old"});
  CHECK(set.size() == 4);
  CHECK(set.copies.exact == 1);
  CHECK(labels_by_name(set, "old/again.png") == "old");
  auto corrected = set; // a correction of one copy holds for all
  dataset::relabel_multi(corrected, {{"old/again.png", {"globe"}}});
  CHECK(labels_by_name(corrected, "map/a.png") == "globe");
  CHECK(dataset::join_copies(set) == 1);
  REQUIRE(set.size() == 3);
  CHECK(labels_by_name(set, "map/a.png") == "map old");
  CHECK(labels_by_name(set, "map drawing/b.png") == "drawing map");
  CHECK(labels_by_name(set, "drawing/c.png") == "drawing");
  CHECK(labels_by_name(set, "old/again.png") == "no such picture");
  CHECK(set.ids.size() == 3);
  CHECK(set.copies.first == std::vector<std::size_t>{0, 1, 2});
}

TEST_CASE("duplicates of a download add their labels to the file that was kept") {
  const test::temporary_folder folder;
  put_picture(folder / "map drawing" / "a.png", 0, 1);
  put_picture(folder / "toy" / "b.png", 1, 2);
  write_file_atomically(folder / "downloads.csv", "ID,category,file,status\n"
                                                  "/1/a,map drawing,map drawing/a.png,ok\n"
                                                  "/1/a,old,map drawing/a.png,duplicate\n"
                                                  "/1/b,toy,toy/b.png,ok\n"
                                                  "/1/c,toy map,,failed\n");
  thread_pool pool(1);
  auto set = dataset::read_multi_label_set(folder / "", pool);
  CHECK(labels_by_name(set, "map drawing/a.png") == "drawing map old");
  CHECK(set.ids == std::vector<std::string>{"/1/a", "/1/b"});

  dataset::label_by_table(
      set, dataset::table{{"ID", "category"}, {{"/1/a", "map"}, {"/1/a", "costume accessories"}, {"/1/z", "coin"}}},
      {"costume accessories"});
  CHECK(labels_by_name(set, "map drawing/a.png") == "costume accessories map");
  CHECK(labels_by_name(set, "toy/b.png") == "toy");
  CHECK(set.pictures.labels == std::vector<std::string>{"costume accessories", "map", "toy"});
}

TEST_CASE("labels are given by name, new ones too, and rare ones taken away") {
  const test::temporary_folder folder;
  for (std::size_t i = 0; i < 4; ++i) put_picture(folder / "map" / (std::to_string(i) + ".png"), 0, i);
  thread_pool pool(1);
  auto set = dataset::read_multi_label_set(folder / "", pool);
  dataset::relabel_multi(set, {{"map/0.png", {"map", "globe"}}, {"map/1.png", {}}});
  CHECK(set.pictures.labels == std::vector<std::string>{"globe", "map"});
  CHECK(labels_by_name(set, "map/0.png") == "globe map");
  CHECK(labels_by_name(set, "map/1.png").empty());
  CHECK(test::code_of([&] { dataset::relabel_multi(set, {{"map/9.png", {"map"}}}); }) == errc::not_found);

  CHECK(dataset::leave_out_rare(set, 2) == std::vector<std::string>{"globe"});
  CHECK(set.pictures.labels == std::vector<std::string>{"map"});
  CHECK(set.size() == 4);
  const std::vector<std::size_t> places{1, 2};
  const auto part = dataset::subset(set, places);
  CHECK(labels_by_name(part, "map/1.png").empty());
  CHECK(labels_by_name(part, "map/2.png") == "map");
}
