#include <eucv/classify/multi_label_options.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace eucv;

namespace {

// Ten pictures, one of which has both labels, two the first and the others the second.
dataset::image_folder ten_pictures() {
  dataset::image_folder folder{.labels = {"a", "b"}, .files = {}, .label_sets = {{0}, {0, 1}, {1}}};
  for (const std::size_t kind : {0U, 0U, 1U, 2U, 2U, 2U, 2U, 2U, 2U, 2U})
    folder.files.push_back({.file = "x", .label = kind});
  return folder;
}

} // namespace

TEST_CASE("kinds of pictures become targets, and rare labels count for more") {
  const auto folder = ten_pictures();
  const auto aim = classify::aim_of(folder, folder.files, {});
  using enum nn::target;
  CHECK(aim.targets == std::vector{yes, no, yes, yes, no, yes});
  CHECK(aim.loss.unknown_weight == 0);
  REQUIRE(aim.loss.positive_weights.size() == 2);
  CHECK(aim.loss.positive_weights[0] == doctest::Approx(std::sqrt(7.0 / 3)));
  CHECK(aim.loss.positive_weights[1] == doctest::Approx(std::sqrt(2.0 / 8)));
}

TEST_CASE("what a picture is not given is unknown where it was found by one label, and counts little") {
  auto folder = ten_pictures();
  folder.labels.push_back("c");
  const auto aim = classify::aim_of(folder, folder.files, {.missing = classify::missing_labels::are_unknown});
  using enum nn::target;
  CHECK(aim.targets == std::vector{yes, unknown, unknown, yes, yes, unknown, unknown, yes, unknown});
  CHECK(aim.loss.unknown_weight == 0.5);
  CHECK(aim.loss.positive_weights[0] == doctest::Approx(std::sqrt(3.5 / 3)));
  CHECK(aim.loss.positive_weights[2] == 1); // no picture has it
}

TEST_CASE("the losses are those of nn") {
  const auto folder = ten_pictures();
  const auto focal = classify::aim_of(folder, folder.files, {.loss = classify::multi_label_loss::focal}).loss;
  CHECK(focal.positive_focus == 2);
  CHECK(focal.positive_weights.size() == 2);
  const auto asymmetric = classify::aim_of(folder, folder.files, {.loss = classify::multi_label_loss::asymmetric}).loss;
  CHECK(asymmetric.negative_focus == 4);
  CHECK(asymmetric.margin == 0.05);
  CHECK(asymmetric.positive_weights.empty());
}
