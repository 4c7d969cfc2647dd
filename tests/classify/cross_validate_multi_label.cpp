#include <eucv/classify/cross_validate_multi_label.hpp>

#include <eucv/dataset/label_sets.hpp>

#include <doctest/doctest.h>

#include "support/code_of.hpp"
#include "support/shape_folder.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;

TEST_CASE("each picture is judged once by a model that has not seen it, and thresholds come of it") {
  const test::temporary_folder folder;
  test::write_shape_folder(folder / "images", 12);
  thread_pool pool(0);
  const auto set = dataset::read_multi_label_set(folder / "images", pool);
  const classify::train_options options{.size = 32, .epochs = 8, .batch = 12};
  const auto all = classify::cross_validate_multi_label(set, folder / "folds", 2, options);
  CHECK(all.predictions.size() == 84);
  CHECK(all.folds.size() == 2);
  for (std::size_t i = 0; i < 84; ++i) {
    CHECK(all.predictions.files[i] == set.name(i));
    CHECK(all.predictions.folds[i] < 2);
  }
  CHECK(classify::values_of(all, "macro_f1")[1] == all.folds[1].macro.f1);
  CHECK(test::code_of([&] { (void)classify::values_of(all, "beauty"); }) == errc::invalid_argument);
  CHECK(classify::to_json(all).find("\"mean_average_precision\": {\"mean\": ") != std::string::npos);

  const auto single = dataset::read_picture_set(folder / "images", pool);
  CHECK(test::code_of([&] { (void)classify::cross_validate_multi_label(single, folder / "no", 2, options); }) ==
        errc::invalid_argument);
}
