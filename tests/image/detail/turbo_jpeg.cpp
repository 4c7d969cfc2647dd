#include <eucv/image/detail/turbo_jpeg.hpp>

#ifdef EUCV_WITH_TURBO
#include <eucv/image/detail/jpeg_header.hpp>
#include <eucv/image/resize.hpp>

#include "support/tiny_images.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using namespace eucv::image;
using eucv::errc;
using test::jpeg_order;

namespace {

eucv::result<bitmap> read_jpeg(const std::string& jpeg, const decode_options& options = {}) {
  const auto found = read_jpeg_header(jpeg, options.limits);
  if (!found) return found.error();
  return turbo_jpeg(jpeg, *found, options);
}

errc turbo_jpeg_verdict(const std::string& jpeg, const decode_options& options = {}) {
  const auto picture = read_jpeg(jpeg, options);
  return picture ? errc{} : picture.error().code();
}

// Ink as Adobe stores it, 255 for none: full key, so that each colour is its own paper.
std::vector<std::uint8_t> adobe_inks(const bitmap& picture, std::uint8_t key) {
  std::vector<std::uint8_t> inks;
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) {
    inks.insert(inks.end(), picture.rgb.begin() + std::ptrdiff_t(i), picture.rgb.begin() + std::ptrdiff_t(i + 3));
    inks.push_back(key);
  }
  return inks;
}

} // namespace

TEST_CASE("a colour JPEG comes back as it was, within the loss of its quality") {
  const bitmap picture = test::waves(67, 41);
  for (const jpeg_order order : {jpeg_order::baseline, jpeg_order::progressive})
    for (const int sampling : {1, 2}) {
      const auto back = read_jpeg(test::make_jpeg(picture, {.order = order, .sampling = sampling}));
      REQUIRE(back);
      CHECK(test::difference(picture, *back) < 3);
    }
  const auto plain = read_jpeg(test::make_jpeg(picture, {.quality = 100, .stored = JCS_RGB}));
  REQUIRE(plain);
  CHECK(test::difference(picture, *plain) < 1);
}

TEST_CASE("a grey JPEG becomes RGB") {
  std::vector<std::uint8_t> levels(32 * 8);
  for (std::size_t i = 0; i < levels.size(); ++i) levels[i] = static_cast<std::uint8_t>(8 * (i % 32));
  const auto back = read_jpeg(test::make_jpeg(levels.data(), 32, 8, {.channels = 1}));
  REQUIRE(back);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    CHECK(std::abs(back->rgb[3 * i] - levels[i]) <= 4);
    CHECK(back->rgb[3 * i] == back->rgb[3 * i + 1]);
    CHECK(back->rgb[3 * i] == back->rgb[3 * i + 2]);
  }
}

TEST_CASE("CMYK and YCCK as Adobe writes them become RGB") {
  const bitmap picture = test::waves(40, 24);
  for (const J_COLOR_SPACE stored : {JCS_CMYK, JCS_YCCK}) {
    const auto full =
        read_jpeg(test::make_jpeg(adobe_inks(picture, 255).data(), 40, 24, {.channels = 4, .stored = stored}));
    REQUIRE(full);
    CHECK(test::difference(picture, *full) < 3);
    const auto half =
        read_jpeg(test::make_jpeg(adobe_inks(picture, 128).data(), 40, 24, {.channels = 4, .stored = stored}));
    REQUIRE(half);
    bitmap darker = picture;
    for (auto& level : darker.rgb) level = static_cast<std::uint8_t>(std::lround(level * 128 / 255.0));
    CHECK(test::difference(darker, *half) < 3);
  }
}

TEST_CASE("CMYK without Adobe's marker is not guessed at") {
  std::string jpeg =
      test::make_jpeg(adobe_inks(test::waves(16, 16), 255).data(), 16, 16, {.channels = 4, .stored = JCS_CMYK});
  const std::size_t marker = jpeg.find("Adobe");
  REQUIRE(marker != std::string::npos);
  jpeg[marker] = 'a';
  CHECK(turbo_jpeg_verdict(jpeg) == errc::unsupported_image);
}

TEST_CASE("a hint scales down as far as it allows, and no further") {
  const bitmap picture = test::waves(403, 301);
  const std::string jpeg = test::make_jpeg(picture);
  for (const std::size_t hint : {1U, 30U, 38U, 39U, 76U, 77U, 150U, 151U, 152U, 301U, 1000U}) {
    decode_options options;
    options.shorter_side = hint;
    const auto small = read_jpeg(jpeg, options);
    REQUIRE(small);
    const std::size_t divisor = hint <= 38 ? 8 : hint <= 76 ? 4 : hint <= 151 ? 2 : 1;
    CAPTURE(hint);
    CHECK(small->height == (301 + divisor - 1) / divisor);
    CHECK(small->width == (403 + divisor - 1) / divisor);
    CHECK(test::difference(*small, resize_area(picture, small->width, small->height)) < 6);
  }
}

TEST_CASE("data that is missing is refused, where libjpeg alone would paint it grey") {
  const std::string jpeg = test::make_jpeg(test::noise(64, 64), {.sampling = 1});
  const std::size_t scan = jpeg.rfind("\xFF\xDA") + 14;
  CHECK(turbo_jpeg_verdict(jpeg.substr(0, jpeg.size() / 2) + "\xFF\xD9") == errc::corrupt_image);
  CHECK(turbo_jpeg_verdict(jpeg.substr(0, scan) + "\xFF\xD9") == errc::corrupt_image);
}

TEST_CASE("libjpeg's own memory is limited") {
  const std::string jpeg = test::make_jpeg(test::waves(800, 600), {.order = jpeg_order::progressive});
  decode_options options;
  options.limits.memory = 1 << 20; // the coefficients take 2.9 MB
  CHECK(turbo_jpeg_verdict(jpeg, options) == errc::out_of_budget);
}

TEST_CASE("scans up to the limit are decoded") {
  bitmap picture = test::waves(64, 48);
  std::vector<std::uint8_t> levels;
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) levels.push_back(picture.rgb[i]);
  const auto back =
      read_jpeg(test::make_jpeg(levels.data(), 64, 48, {.channels = 1, .order = jpeg_order::progressive, .scans = 64}));
  REQUIRE(back);
  double sum = 0;
  for (std::size_t i = 0; i < levels.size(); ++i) sum += std::abs(back->rgb[3 * i] - levels[i]);
  CHECK(sum / double(levels.size()) < 2);
}
#endif
