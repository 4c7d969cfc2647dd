#include <eucv/classify/rehearse.hpp>

#include <eucv/core/parallel.hpp>

#include <doctest/doctest.h>

#include "support/code_of.hpp"
#include "support/picture_folder.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;

TEST_CASE("a rate is found, and a batch learned by heart, with the options of a training") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 10);
  thread_pool pool(1);
  const auto pictures = dataset::read_picture_set(folder / "images", pool);
  classify::train_options options{.size = 16, .epochs = 3, .batch = 8, .threads = 1};
  const auto found = classify::find_rate(pictures, options, {.steps = 40});
  CHECK(found.rate > 1e-5);
  CHECK(found.rate < 1);
  CHECK(classify::find_rate(pictures, options, {.steps = 40}).rate == found.rate);
  const auto report = classify::check_training(pictures, options);
  CHECK(report.passed);
  CHECK(report.pictures == 8);
  CHECK(report.accuracy == 1);
  options.rate = 1e-7;
  CHECK_FALSE(classify::check_training(pictures, options, {.steps = 20}).passed);
  options.mixup = 2;
  CHECK(test::code_of([&] { (void)classify::check_training(pictures, options); }) == errc::invalid_argument);
}
