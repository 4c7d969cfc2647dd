#include <eucv/image/augment.hpp>

#include <eucv/core/options.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/code_of.hpp"
#include "support/tiny_images.hpp"

using namespace eucv::image;
using eucv::errc;

namespace {

augmentation of_size(std::size_t size) {
  augmentation how;
  how.size = size;
  return how;
}

// All off.
augmentation nothing(std::size_t size) {
  augmentation how = of_size(size);
  how.crop = 1;
  how.flip = how.colour = 0;
  return how;
}

} // namespace

TEST_CASE("the same engine gives the same picture, another one another") {
  const bitmap picture = test::waves(100, 80);
  const augmentation how = of_size(48);
  std::set<std::vector<std::uint8_t>> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    eucv::random one(seed), two(seed);
    const bitmap made = augment(picture, how, one);
    CHECK(made == augment(picture, how, two));
    CHECK(one == two);
    CHECK(made.width == 48);
    CHECK(made.height == 48);
    seen.insert(made.rgb);
  }
  CHECK(seen.size() == 20);
}

TEST_CASE("any shape of picture gives the wanted size") {
  eucv::random engine(2);
  for (const auto& [width, height] : {std::pair{1U, 1U}, {1U, 500U}, {500U, 1U}, {7U, 1000U}, {64U, 64U}})
    for (int i = 0; i < 10; ++i) {
      const bitmap made = augment(test::noise(width, height), of_size(24), engine);
      CHECK(made.rgb.size() == 24 * 24 * 3);
    }
}

TEST_CASE("without any variation a square picture is only resized") {
  const bitmap picture = test::waves(96, 96);
  eucv::random engine(3);
  CHECK(augment(picture, nothing(32), engine) == resize(picture, 32, 32));
}

TEST_CASE("the steps come in the order of the registry") {
  const bitmap picture = test::noise(16, 16);
  augmentation how = nothing(16);
  how.shift = 0.25;
  how.flip = 1;
  how.grey = 1;
  how.erase = 1;
  how.colour = 0.5;
  eucv::random engine(8), again(8);
  bitmap expected = resize(crop(picture, how.draw(picture, again)), 16, 16);
  random_shift{.shift = 0.25}.apply(expected, again);
  random_flip{.flip = 1}.apply(expected, again);
  colour_jitter{.colour = 0.5}.apply(expected, again);
  random_grey{.grey = 1}.apply(expected, again);
  random_erasing{.erase = 1}.apply(expected, again);
  CHECK(augment(picture, how, engine) == expected);
  CHECK(engine == again);
}

TEST_CASE("the pictures of a seed never change") {
  // FNV-1a of 50 variations, and of the number that the engine gives after them, as eucv 0.1 made them: what comes into
  // the registry must draw nothing by default. Without crop and change of colours no rounding depends on the processor.
  bitmap picture = black(48, 48);
  eucv::random filling(5);
  for (auto& byte : picture.rgb) byte = static_cast<std::uint8_t>(filling.below(256));
  const auto digest = [&](const augmentation& how) {
    std::uint64_t hash = 1469598103934665603ULL;
    const auto add = [&](std::uint64_t byte) { hash = (hash ^ byte) * 1099511628211ULL; };
    eucv::random engine(11);
    for (int i = 0; i < 50; ++i)
      for (const auto byte : augment(picture, how, engine).rgb) add(byte);
    const std::uint64_t next = engine();
    for (int i = 0; i < 64; i += 8) add(next >> i & 255);
    return hash;
  };
  augmentation how = of_size(48);
  how.crop = 1;
  how.colour = 0;
  how.shift = 0.2;
  how.erase = 0.7;
  CHECK(digest(how) == 0x1de4be4156045b50ULL);
}

TEST_CASE("the options are those of all steps, each with its own name") {
  std::vector<std::string> names;
  eucv::visit_options(static_cast<const augmentation&>(augmentation{}),
                      [&](const std::string& name, const auto&, const auto&) { names.push_back(name); });
  CHECK(names == std::vector<std::string>{"crop", "crop-aspect", "shift", "flip", "colour", "grey", "erase"});
  CHECK(eucv::identity_of(augmentation{}).size() == names.size());
}

TEST_CASE("values out of range are refused") {
  const bitmap picture = test::waves(8, 8);
  const auto refused = [&](double augmentation::*which, double value) {
    augmentation how;
    how.*which = value;
    eucv::random engine(1);
    return test::code_of([&] { (void)augment(picture, how, engine); }) == errc::invalid_argument;
  };
  CHECK(refused(&augmentation::flip, 1.5));
  CHECK(refused(&augmentation::flip, std::nan("")));
  CHECK(refused(&augmentation::crop, 0));
  CHECK(refused(&augmentation::crop, 1.1));
  CHECK(refused(&augmentation::crop_aspect, 0.5));
  CHECK(refused(&augmentation::shift, 1));
  CHECK(refused(&augmentation::colour, -0.1));
  CHECK(refused(&augmentation::grey, 2));
  CHECK(refused(&augmentation::erase, 1.5));
  CHECK_FALSE(refused(&augmentation::erase, 1));
  eucv::random engine(1);
  CHECK(test::code_of([&] { (void)augment(picture, of_size(0), engine); }) == errc::invalid_argument);
  CHECK(test::code_of([&] { (void)augment(bitmap{}, {}, engine); }) == errc::invalid_argument);
}
