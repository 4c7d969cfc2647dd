// A whole training, prediction and explanation on a backend of the caller's own, whose memory the host cannot read.
#include <eucv/classify/device_of.hpp>

#include <eucv/classify/explain.hpp>
#include <eucv/classify/rehearse.hpp>
#include <eucv/classify/train.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>

#include "support/opaque_backend.hpp"
#include "support/picture_folder.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;

namespace {

classify::train_options options_on(const classify::device& where) {
  classify::train_options options;
  options.size = 16;
  options.epochs = 2;
  options.batch = 8;
  options.on = where;
  return options;
}

} // namespace

TEST_CASE("a classifier trains on a device that the host cannot look into, and its folder serves any device") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 6);
  const auto opaque = classify::device_of(test::opaque_backend<float>());
  const auto there = classify::train_classifier(folder / "images", folder / "there", options_on(opaque));
  const auto here = classify::train_classifier(folder / "images", folder / "here", options_on({}));
  REQUIRE(there.history.size() == here.history.size());
  for (std::size_t i = 0; i < here.history.size(); ++i) {
    CHECK(there.history[i].train_loss == doctest::Approx(here.history[i].train_loss).epsilon(1e-3));
    CHECK(there.history[i].validation_loss == doctest::Approx(here.history[i].validation_loss).epsilon(1e-3));
  }

  auto on_opaque = classify::classifier::load(folder / "there", {.on = opaque});
  auto on_host = classify::classifier::load(folder / "there");
  const auto picture =
      image::decode(read_file(dataset::read_image_folder(folder / "images").files.front().file)).value();
  const auto theirs = on_opaque.predict(picture), ours = on_host.predict(picture);
  REQUIRE(theirs.size() == ours.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    CHECK(theirs[i].label == ours[i].label);
    CHECK(std::abs(theirs[i].probability - ours[i].probability) < 1e-4);
  }
  const auto map = classify::explain_picture(on_opaque, picture), same = classify::explain_picture(on_host, picture);
  CHECK(map.layer == same.layer);
  REQUIRE(map.map.values.size() == same.map.values.size());
  for (std::size_t i = 0; i < same.map.values.size(); ++i)
    CHECK(map.map.values[i] == doctest::Approx(same.map.values[i]).epsilon(1e-3));
}

TEST_CASE("a training that was broken off goes on on another device") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 6);
  auto options = options_on(classify::device_of(test::opaque_backend<float>()));
  std::stop_source stop;
  options.stop = stop.get_token();
  options.after_epoch = [&](std::span<const train::epoch_figures>) { stop.request_stop(); };
  CHECK_THROWS_AS((void)classify::train_classifier(folder / "images", folder / "model", options), error);
  const auto done = classify::train_classifier(folder / "images", folder / "model", options_on({}));
  CHECK(done.resumed_at > 0);
  CHECK(done.history.size() == 2);
}

TEST_CASE("what is tried before a training runs on a device that the host cannot look into") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 6);
  thread_pool pool(1);
  auto options = options_on(classify::device_of(test::opaque_backend<float>()));
  const auto report =
      classify::check_training(dataset::read_picture_set(folder / "images", pool), options, {.steps = 20});
  CHECK(report.last_loss < report.first_loss);
  CHECK_FALSE(
      classify::find_rate(dataset::read_picture_set(folder / "images", pool), options, {.steps = 10}).rates.empty());
}
