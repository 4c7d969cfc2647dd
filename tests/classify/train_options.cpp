#include <eucv/classify/train_options.hpp>

#include <doctest/doctest.h>

TEST_CASE("nothing of the recipe is on that was not always on") {
  const eucv::classify::train_options options;
  CHECK(options.schedule == eucv::classify::rate_schedule::one_cycle);
  CHECK(options.balance == eucv::classify::class_balance::weights);
  CHECK(options.best_by == eucv::train::watched::validation_loss);
  CHECK(options.label_smoothing == 0.1);
  CHECK(options.largest_gradient == 1);
  CHECK(options.accumulate == 1);
  CHECK(options.mixup == 0);
  CHECK(options.erase == 0);
  CHECK(options.average == 0);
}
