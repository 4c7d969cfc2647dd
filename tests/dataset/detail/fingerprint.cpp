#include <eucv/dataset/detail/fingerprint.hpp>

#include "support/tiny_images.hpp"

#include <doctest/doctest.h>

#include <string>

using eucv::dataset::fingerprint_of;

TEST_CASE("a picture stored anew is near, another one is not") {
  const auto picture = test::waves(300, 200);
  const auto one = fingerprint_of(test::make_jpeg(picture)).value();
  const auto again =
      fingerprint_of(test::make_jpeg(eucv::image::resize_area(picture, 150, 100), {.quality = 60})).value();
  CHECK(one.sha256 != again.sha256);
  CHECK(one.has_detail);
  CHECK(eucv::image::hash_distance(one.dhash, again.dhash) <= 4);
  CHECK(square_difference(one, again) < 3);
  CHECK(square_difference(one, one) == 0);
  auto darker = picture;
  for (auto& level : darker.rgb) level /= 2;
  const auto other = fingerprint_of(test::make_jpeg(darker)).value();
  CHECK(eucv::image::hash_distance(one.dhash, other.dhash) <= 4); // the hash alone would call them one
  CHECK(square_difference(one, other) > 20);
}

TEST_CASE("a picture of one colour, and of noise that the squares average out, has no detail") {
  auto flat = eucv::image::black(64, 64);
  for (auto& level : flat.rgb) level = 200;
  CHECK_FALSE(fingerprint_of(test::make_jpeg(flat)).value().has_detail);
  eucv::random engine(3);
  for (auto& level : flat.rgb) level = static_cast<std::uint8_t>(195 + engine.below(10));
  CHECK_FALSE(fingerprint_of(test::make_jpeg(flat)).value().has_detail);
}

TEST_CASE("what is no picture has no fingerprint") {
  CHECK(fingerprint_of("<html>").error().code() == eucv::errc::not_an_image);
}
