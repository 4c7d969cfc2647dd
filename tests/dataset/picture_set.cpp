#include <eucv/dataset/picture_set.hpp>

#include <doctest/doctest.h>

#include "support/code_of.hpp"
#include "support/picture_folder.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;

namespace {

// Four pictures of each of three classes; map/copy.png holds what map/0.png does.
struct place {
  test::temporary_folder folder;
  dataset::picture_set set;
  place() {
    test::write_picture_folder(folder / "images", 4);
    std::filesystem::copy_file(folder / "images" / "map" / "0.png", folder / "images" / "map" / "copy.png");
    thread_pool pool(1);
    set = dataset::read_picture_set(folder / "images", pool);
  }
};

} // namespace

TEST_CASE("copies share a group, and names begin below the folder") {
  const place here;
  CHECK(here.set.size() == 13);
  CHECK(here.set.name(4) == "map/copy.png");
  CHECK(here.set.copies.first[4] == 0);
  CHECK(here.set.pictures.files[4].group == here.set.pictures.files[0].group);
  CHECK(here.set.ids[4] == "map/copy.png");
}

TEST_CASE("a part keeps labels, and knows the copies among its own pictures") {
  const place here;
  const std::vector<std::size_t> places{0, 4, 5}, without_first{4, 5};
  const auto part = dataset::subset(here.set, places);
  CHECK(part.pictures.labels.size() == 3);
  CHECK(part.copies.first == std::vector<std::size_t>{0, 0, 2});
  CHECK(part.name(2) == "painting/0.png");
  CHECK(dataset::subset(here.set, without_first).copies.first == std::vector<std::size_t>{0, 1});
}

TEST_CASE("pictures are left out, and given other labels, by name") {
  place here;
  CHECK(dataset::without(here.set, {"map/1.png", "painting/2.png"}).size() == 11);
  dataset::relabel(here.set, {{"map/1.png", "painting"}});
  CHECK(here.set.pictures.files[1].label == 1);
  CHECK(test::code_of([&] { (void)dataset::without(here.set, {"map/99.png"}); }) == errc::not_found);
  CHECK(test::code_of([&] { dataset::relabel(here.set, {{"map/99.png", "map"}}); }) == errc::not_found);
  CHECK(test::code_of([&] { dataset::relabel(here.set, {{"map/1.png", "globe"}}); }) == errc::unknown_label);
}

TEST_CASE("pictures with one key are one group, and bring their copies along") {
  place here;
  std::vector<std::string> keys(13);
  keys[4] = keys[7] = "Museum A"; // the copy of picture 0, and painting/2
  dataset::join_by(here.set, keys);
  const auto& files = here.set.pictures.files;
  CHECK(files[7].group == files[4].group);
  CHECK(files[7].group == files[0].group);
  CHECK(files[1].group != files[0].group);
}
