#include <eucv/classify/training_pictures.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "support/code_of.hpp"
#include "support/picture_folder.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;

namespace {

std::vector<dataset::batch> read_all(const train::source& from, std::size_t epoch, std::size_t first = 0) {
  std::vector<dataset::batch> batches;
  const auto reader = from.open(epoch, first);
  while (auto batch = reader()) batches.push_back(std::move(*batch));
  return batches;
}

} // namespace

TEST_CASE("each class is divided, and the training part varies from epoch to epoch") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 8);
  classify::training_pictures pictures(folder / "images",
                                       {.size = 16, .batch = 7, .validation = 0.25, .seed = 3, .threads = 2});
  CHECK(pictures.labels() == std::vector<std::string>{"map", "painting", "unknown_to_all"});

  const auto kept = read_all(pictures.validation(), 0);
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].labels == std::vector<std::size_t>{0, 0, 1, 1, 2, 2});
  CHECK(read_all(pictures.validation(), 1)[0].pixels == kept[0].pixels);

  const auto first = read_all(pictures.training(), 0), second = read_all(pictures.training(), 1);
  CHECK(pictures.training().batches == 3);
  REQUIRE(first.size() == 3);
  CHECK(first[0].n + first[1].n + first[2].n == 18);
  CHECK(first[0].items != second[0].items);
  CHECK(read_all(pictures.training(), 0)[1].pixels == first[1].pixels);
  CHECK(read_all(pictures.training(), 0, 1)[0].pixels == first[1].pixels);
  CHECK(pictures.readable_training() == 18);
  CHECK(pictures.readable_validation() == 6);
}

TEST_CASE("what cannot be read is listed once, and a batch of one picture left out of training") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 6);
  write_file_atomically(folder / "images" / "map" / "page.jpg", "<html>");
  classify::training_pictures pictures(folder / "images", {.size = 16, .batch = 4, .validation = 0.25, .threads = 1});
  for (std::size_t epoch = 0; epoch < 2; ++epoch) {
    read_all(pictures.training(), epoch);
    read_all(pictures.validation(), epoch);
  }
  REQUIRE(pictures.unreadable().size() == 1);
  CHECK(pictures.unreadable()[0].reason == "not_an_image");
  CHECK(pictures.readable_training() + pictures.readable_validation() == 18);

  std::filesystem::remove(folder / "images" / "map" / "page.jpg");
  const std::size_t count =
      classify::training_pictures(folder / "images", {.size = 16, .batch = 1, .validation = 0.25}).readable_training();
  classify::training_pictures odd(folder / "images", {.size = 16, .batch = count - 1, .validation = 0.25});
  const auto batches = read_all(odd.training(), 0);
  REQUIRE(batches.size() == 2);
  CHECK(batches[0].n == count - 1);
  CHECK(batches[1].n == 0);
}

TEST_CASE("the list tells sets of pictures apart, whatever their folder is called") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 4);
  const auto list = [](const std::filesystem::path& images) {
    return classify::training_pictures(images, {.size = 16, .batch = 2, .validation = 0.25}).list();
  };
  const std::string before = list(folder / "images");
  CHECK(before.find("map/0.png ") != std::string::npos);
  std::filesystem::rename(folder / "images", folder / "renamed");
  CHECK(list(folder / "renamed") == before);
  std::filesystem::remove(folder / "renamed" / "map" / "0.png");
  CHECK(list(folder / "renamed") != before);
}

TEST_CASE("too few pictures are refused") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 4);
  const auto code = [&](std::size_t batch) {
    return test::code_of([&] {
      const classify::training_pictures pictures(folder / "images", {.size = 16, .batch = batch, .validation = 0.25});
    });
  };
  CHECK(code(10) == errc::batch_too_large);
  std::filesystem::remove_all(folder / "images" / "map");
  std::filesystem::remove_all(folder / "images" / "painting");
  CHECK(code(2) == errc::invalid_argument);
}
