#include <eucv/classify/detail/recipe.hpp>

#include <eucv/dataset/label_sets.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "support/code_of.hpp"
#include "support/picture_folder.hpp"
#include "support/shape_folder.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;

namespace {

// Ten pictures: two of the first set of labels, one of the second, seven of the third.
dataset::picture_set ten_pictures(std::vector<std::string> labels = {"a", "b"},
                                  std::vector<std::vector<std::size_t>> sets = {{0}, {0, 1}, {1}}) {
  dataset::picture_set set;
  set.pictures.labels = std::move(labels);
  set.pictures.label_sets = std::move(sets);
  for (const std::size_t of : {0U, 0U, 1U, 2U, 2U, 2U, 2U, 2U, 2U, 2U}) {
    set.copies.first.push_back(set.size());
    set.pictures.files.push_back({.file = std::to_string(set.size()), .label = of});
  }
  return set;
}

train::multi_label objective_of(dataset::picture_set set, const classify::train_options& how) {
  const classify::training_pictures pictures(std::move(set), {.batch = 2, .validation = 0, .threads = 1});
  return std::get<train::multi_label>(classify::detail::objective_of(how, pictures));
}

} // namespace

TEST_CASE("options that make no sense are refused one by one") {
  using options_type = classify::train_options;
  const double none = std::numeric_limits<double>::quiet_NaN();
  const auto refused = [](auto change) {
    options_type options;
    change(options);
    return test::code_of([&] { (void)classify::detail::picture_options(options, {}); }) == errc::invalid_argument;
  };
  CHECK_FALSE(refused([](options_type&) {}));
  CHECK(refused([](options_type& options) { options.epochs = 0; }));
  CHECK(refused([](options_type& options) { options.accumulate = 0; }));
  CHECK(refused([](options_type& options) { options.layer_decay = 0; }));
  CHECK(refused([](options_type& options) { options.warm_up = 1.5; }));
  CHECK(refused([](options_type& options) { options.label_smoothing = 1; }));
  CHECK(refused([](options_type& options) { options.mixup = 2; }));
  CHECK(refused([](options_type& options) { options.augmentation.erase = -0.1; }));
  CHECK(refused([](options_type& options) { options.augmentation.crop = 0; }));
  CHECK(refused([](options_type& options) { options.augmentation.shift = 1; }));
  CHECK(refused([](options_type& options) { options.augmentation.flip = 1.1; }));
  CHECK(refused([](options_type& options) { options.augmentation.colour = -1; }));
  CHECK(refused([](options_type& options) { options.weight_decay = -1; }));
  CHECK(refused([](options_type& options) { options.optimizer = "sgd"; })); // at what rate?
  CHECK_FALSE(refused([](options_type& options) { options.optimizer = "sgd", options.rate = 0.1; }));
  CHECK(refused([](options_type& options) { options.weight_average_decay = 1; }));
  CHECK(refused([none](options_type& options) { options.weight_average_decay = none; }));
  CHECK(refused([](options_type& options) { options.clip_norm = -1; }));
}

TEST_CASE("the optimizer and the variation of pictures are what the options say") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 8);
  classify::train_options options{.size = 16, .batch = 8, .validation = 0.25, .threads = 1};
  const auto chosen = [&] {
    classify::training_pictures pictures(folder / "images", classify::detail::picture_options(options, {}));
    return classify::detail::fit_options_of(options, pictures).optimizer;
  };
  CHECK(std::get<nn::adam_w>(chosen()).weight_decay == 0.05);
  options.weight_decay = 0.25;
  CHECK(std::get<nn::adam_w>(chosen()).weight_decay == 0.25);
  options.optimizer = "sgd";
  options.rate = 0.1;
  CHECK(std::get<nn::sgd>(chosen()).weight_decay == 0.25);
  options.weight_decay = {};
  CHECK(std::get<nn::sgd>(chosen()).weight_decay == 5e-4);
  CHECK(std::get<nn::sgd>(chosen()).nesterov);

  const auto usual = classify::detail::picture_options(options, {}).variation;
  const image::augmentation expected;
  CHECK(usual.size == 16);
  CHECK(usual.flip == expected.flip);
  CHECK(usual.crop == expected.crop);
  CHECK(usual.crop_aspect == expected.crop_aspect);
  CHECK(usual.shift == 0);
  CHECK(usual.colour == expected.colour);
  CHECK(usual.erase == 0);
  options.augmentation.crop = 1;
  options.augmentation.shift = 0.125;
  options.augmentation.flip = 0.25;
  options.augmentation.colour = 0;
  options.augmentation.erase = 0.5;
  const auto varied = classify::detail::picture_options(options, {}).variation;
  CHECK(varied.crop == 1);
  CHECK(varied.shift == 0.125);
  CHECK(varied.flip == 0.25);
  CHECK(varied.colour == 0);
  CHECK(varied.erase == 0.5);
}

TEST_CASE("a schedule has its warm-up as a part of all changes of the weights") {
  classify::train_options options{.schedule = classify::rate_schedule::cosine, .warm_up = 0.25};
  const auto cosine = std::get<nn::cosine>(classify::detail::schedule_of(options, 0.1, 200));
  CHECK(cosine.peak == 0.1);
  CHECK(cosine.warm_up == 50);
  options.schedule = classify::rate_schedule::constant;
  CHECK(std::get<nn::constant_rate>(classify::detail::schedule_of(options, 0.1, 200)).warm_up == 50);
  options.schedule = classify::rate_schedule::one_cycle;
  CHECK(std::get<nn::one_cycle>(classify::detail::schedule_of(options, 0.1, 200)).rise == 0.25);
}

TEST_CASE("balance means weights, places in an epoch, or neither") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 8);
  for (const char* name : {"0.png", "1.png", "2.png", "3.png"})
    std::filesystem::remove(folder / "images" / "map" / name);
  classify::train_options options{.size = 16, .batch = 8, .validation = 0.25, .threads = 1};
  for (const auto balance :
       {classify::class_balance::none, classify::class_balance::weights, classify::class_balance::sampling}) {
    options.balance = balance;
    options.accumulate = 2;
    classify::training_pictures pictures(folder / "images", classify::detail::picture_options(options, {}));
    CHECK(classify::detail::updates(options, pictures) == 1); // 15 pictures: two batches
    const auto fit = classify::detail::fit_options_of(options, pictures);
    CHECK(std::get<train::single_label>(fit.objective).loss.class_weights.empty() ==
          (balance != classify::class_balance::weights));
    std::vector<std::size_t> counts(3);
    const auto next = pictures.training().open(0, 0);
    while (const auto batch = next())
      for (const std::size_t label : batch->labels) ++counts[label];
    CHECK(counts == (balance == classify::class_balance::sampling ? std::vector<std::size_t>{5, 5, 5}
                                                                  : std::vector<std::size_t>{3, 6, 6}));
  }
}

TEST_CASE("pictures with several labels are not drawn by class, which the message gives the reason of") {
  const test::temporary_folder folder;
  test::write_shape_folder(folder / "images", 6);
  thread_pool pool(1);
  classify::train_options options{.size = 16, .batch = 8, .threads = 1};
  options.balance = classify::class_balance::sampling;
  classify::training_pictures pictures(dataset::read_multi_label_set(folder / "images", pool),
                                       classify::detail::picture_options(options, {}));
  const auto failure = test::failure_of([&] { (void)classify::detail::fit_options_of(options, pictures); });
  REQUIRE(failure);
  CHECK(failure->code() == errc::invalid_argument);
  CHECK(std::string(failure->what()).find("class_balance::weights") != std::string::npos);
  options.balance = classify::class_balance::weights;
  options.mixup = 0.2;
  const auto fit = classify::detail::fit_options_of(options, pictures);
  CHECK(fit.mixup == 0.2);
  CHECK(std::get<train::multi_label>(fit.objective).loss.positive_weights.size() == 3);
}

TEST_CASE("sets of labels become targets, and rare labels count for more") {
  const auto wanted = objective_of(ten_pictures(), {});
  using enum nn::target;
  CHECK(wanted.targets == std::vector{yes, no, yes, yes, no, yes});
  CHECK(wanted.loss.unknown_weight == 0);
  REQUIRE(wanted.loss.positive_weights.size() == 2);
  CHECK(wanted.loss.positive_weights[0] == doctest::Approx(std::sqrt(7.0 / 3)));
  CHECK(wanted.loss.positive_weights[1] == doctest::Approx(std::sqrt(2.0 / 8)));
}

TEST_CASE("what a picture is not given is unknown where it was found by one label, and counts little") {
  const auto wanted = objective_of(ten_pictures({"a", "b", "c"}, {{0, 2}, {0, 1, 2}, {1, 2}}),
                                   {.missing = classify::missing_labels::are_unknown});
  using enum nn::target;
  CHECK(wanted.targets == std::vector{yes, unknown, yes, yes, yes, yes, unknown, yes, yes});
  CHECK(wanted.loss.unknown_weight == 0.5);
  CHECK(wanted.loss.positive_weights[0] == doctest::Approx(std::sqrt(3.5 / 3)));
  CHECK(wanted.loss.positive_weights[2] == 1); // all pictures have it
}

TEST_CASE("the losses are those of nn") {
  const auto focal = objective_of(ten_pictures(), {.loss = classify::multi_label_loss::focal}).loss;
  CHECK(focal.positive_focus == 2);
  CHECK(focal.positive_weights.size() == 2);
  const auto asymmetric = objective_of(ten_pictures(), {.loss = classify::multi_label_loss::asymmetric}).loss;
  CHECK(asymmetric.negative_focus == 4);
  CHECK(asymmetric.margin == 0.05);
  CHECK(asymmetric.positive_weights.empty());
}

TEST_CASE("a rarer class weighs more, by the root of its rarity") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 20);
  for (int number = 8; number < 20; ++number) // 8 of map are left, so 4 to train on beside 10 and 10
    std::filesystem::remove(folder / "images" / "map" / (std::to_string(number) + ".png"));
  const classify::training_pictures pictures(folder / "images", {.size = 16, .batch = 4, .validation = 0.5});
  const auto wanted = std::get<train::single_label>(classify::detail::objective_of({}, pictures));
  const auto& weights = wanted.loss.class_weights;
  REQUIRE(weights.size() == 3);
  CHECK(weights[0] == doctest::Approx(std::sqrt(8.0 / 4)));
  CHECK(weights[1] == doctest::Approx(std::sqrt(8.0 / 10)));
  CHECK(weights[2] == weights[1]);
}
