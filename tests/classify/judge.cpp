#include <eucv/classify/judge.hpp>

#include <eucv/classify/train.hpp>
#include <eucv/dataset/folder.hpp>
#include <eucv/dataset/shards.hpp>

#include <doctest/doctest.h>

#include <algorithm>

#include "support/picture_folder.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;

TEST_CASE("pictures in shards are judged as those in files are, to the bit") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 8);
  classify::train_options options;
  options.size = 24;
  options.epochs = 1;
  options.batch = 8;
  auto made = classify::train_classifier(folder / "images", folder / "model", options);
  const auto files = dataset::read_image_folder(folder / "images");
  (void)dataset::write_shards(files, folder / "shards", {.per_shard = 10});
  const auto one = classify::judge_pictures(made.model, files, folder / "images", {.batch = 6});
  const auto two = classify::judge_pictures(made.model, dataset::read_image_folder(folder / "shards"),
                                            folder / "shards", {.batch = 6});
  CHECK(one.predictions.files.front() == "map/0.png");
  CHECK(one.predictions.size() == 24);
  CHECK(one.items.back() == 23);
  std::vector<double> first = one.predictions.probabilities, second = two.predictions.probabilities;
  std::sort(first.begin(), first.end());
  std::sort(second.begin(), second.end());
  CHECK(first == second);
}
