#include <eucv/image/stb.hpp>

#include <eucv/image/decode.hpp>

#include "support/tiny_images.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

using namespace eucv::image;
using eucv::errc;

static_assert(decoder<stb>);

namespace {

errc stb_verdict(const std::string& bytes, const decode_options& options = {}) {
  const auto picture = decode<stb>(bytes, options);
  return picture ? errc{} : picture.error().code();
}

unsigned shade(std::size_t x, std::size_t y, int c) {
  return unsigned(31 * x + 17 * y + 59 * std::size_t(c)) % 256;
}

} // namespace

TEST_CASE("stb decodes JPEG and PNG at full size, whatever the hint") {
  const bitmap picture = test::waves(67, 41);
  decode_options options;
  options.shorter_side = 8;
  const auto jpeg = decode<stb>(test::make_jpeg(picture), options);
  REQUIRE(jpeg);
  CHECK(test::difference(*jpeg, picture) < 3);
  const auto png = decode<stb>(test::make_png({.width = 67, .height = 41}, [&](std::size_t x, std::size_t y, int c) {
    return unsigned{picture.pixel(x, y)[c]};
  }));
  REQUIRE(png);
  CHECK(*png == picture);
}

TEST_CASE("a PNG that inflates beyond its header is stopped by the budget") {
  const test::png_variant how{.width = 64, .height = 64};
  CHECK(stb_verdict(test::png_with_data(how, test::deflate_zeros(64))) == errc::out_of_budget);
}

TEST_CASE("the budget lets every honest PNG through") {
  for (const auto& [colour, depth] :
       {std::pair{0, 1}, {0, 4}, {0, 16}, {2, 8}, {2, 16}, {3, 8}, {4, 16}, {6, 8}, {6, 16}})
    for (const bool interlaced : {false, true})
      for (const std::size_t side : {1U, 7U, 300U}) {
        test::png_variant how{
            .width = side, .height = side, .colour = colour, .depth = depth, .interlaced = interlaced};
        if (colour == 3) how.before_data = test::png_chunk("PLTE", std::string(768, 'p'));
        eucv::random engine(3);
        const std::string png = test::make_png(how, [&](auto...) { return unsigned(engine.below(1U << depth)); });
        CAPTURE(colour);
        CAPTURE(depth);
        CAPTURE(side);
        const auto picture = decode<stb>(png);
        REQUIRE_MESSAGE(picture.has_value(), (picture ? "" : picture.error().what()));
      }
}

TEST_CASE("data that is too short or no data at all is corrupt") {
  const test::png_variant how{.width = 9, .height = 7};
  const std::string rows = test::png_rows(how, shade);
  for (std::size_t missing = 1; missing < rows.size(); ++missing)
    REQUIRE(stb_verdict(test::png_with_data(how, test::deflate(rows.substr(missing)))) == errc::corrupt_image);
  CHECK(stb_verdict(test::png_with_data(how, "no deflate stream")) == errc::corrupt_image);
}

TEST_CASE("the memory of a JPEG counts as well") {
  const std::string jpeg = test::make_jpeg(test::waves(300, 200));
  decode_options options;
  options.limits.memory = inspect(jpeg)->memory; // what the picture itself takes: stb needs its planes beside it
  CHECK(stb_verdict(jpeg, options) == errc::out_of_budget);
  options.limits.memory *= 4;
  CHECK(stb_verdict(jpeg, options) == errc{});
}

TEST_CASE("threads decode side by side, each with its own budget") {
  const bitmap picture = test::noise(120, 90);
  const std::string good = test::make_jpeg(picture);
  const std::string bomb = test::png_with_data({.width = 8, .height = 8}, test::deflate_zeros(4));
  const bitmap expected = *decode<stb>(good);
  std::vector<int> right(4);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < right.size(); ++i)
    threads.emplace_back([&, i] {
      for (int round = 0; round < 20; ++round) {
        const auto decoded = decode<stb>(good);
        right[i] += decoded && *decoded == expected && stb_verdict(bomb) == errc::out_of_budget;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(std::ranges::count(right, 20) == 4);
}
