#include <eucv/image/detail/vp8l_tables.hpp>

#include <eucv/image/decode.hpp>

#include "support/cost.hpp"
#include "support/tiny_images.hpp"
#include "support/webp_files.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace eucv::image;
using eucv::image::detail::vp8l_table_memory;

namespace {

// Writes bits, the lowest of a byte first.
class bit_writer {
public:
  bit_writer& put(std::size_t value, std::size_t bits) {
    for (std::size_t i = 0; i < bits; ++i, ++place_) {
      if (place_ % 8 == 0) made_ += '\0';
      made_.back() = static_cast<char>(made_.back() | static_cast<char>((i < 64 ? value >> i & 1 : 0) << place_ % 8));
    }
    return *this;
  }
  // Prefix codes of one symbol, 0, which takes no bit.
  bit_writer& empty_codes(int count) {
    while (count-- > 0) put(1, 4);
    return *this;
  }
  // A prefix code of 256 symbols of 8 bits, of an alphabet of so many more that do not occur.
  bit_writer& byte_code(std::size_t more) {
    put(0, 1).put(8, 4); // 12 lengths of the code of lengths: those of 17, 18, 0 ... 8
    for (const std::size_t length : {0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}) put(length, 3);
    put(more == 0 ? 0 : 0, 1);               // lengths of the whole alphabet
    for (int i = 0; i < 256; ++i) put(0, 1); // 8 is the first of the two by value
    if (more > 0) put(1, 1).put(more - 11, 7);
    return *this;
  }
  bit_writer& byte(std::size_t value) {
    for (std::size_t i = 8; i-- > 0;) put(value >> i & 1, 1); // the highest bit of a code first
    return *this;
  }
  [[nodiscard]] const std::string& bytes() const { return made_; }

private:
  std::string made_;
  std::size_t place_ = 0;
};

// The bit stream of a black picture with a group of prefix codes of its own for each tile of 4 x 4 pixels.
std::string stream_of_tiles(std::size_t side) {
  const std::size_t tiles = (side + 3) / 4 * ((side + 3) / 4);
  bit_writer made;
  made.put(0, 1).put(0, 1).put(1, 1).put(0, 3); // no transform, no cache, tiles of 4 x 4
  made.put(0, 1).byte_code(24).byte_code(0).empty_codes(3);
  for (std::size_t i = 0; i < tiles; ++i) made.byte(i & 255).byte(i >> 8); // number of the group: green, red
  for (std::size_t i = 0; i < tiles; ++i) made.empty_codes(5);
  return made.bytes();
}

} // namespace

TEST_CASE("a stream without tiles has one group of tables") {
  const auto none = vp8l_table_memory(bit_writer().put(0, 3).empty_codes(5).bytes(), 9, 9);
  REQUIRE(none);
  CHECK(*none == 2960 * 4 + 600);
  const auto cache = vp8l_table_memory(bit_writer().put(0, 1).put(1, 1).put(11, 4).put(0, 1).bytes(), 9, 9);
  REQUIRE(cache);
  CHECK(*cache == (2960 + 2048) * 4 + 600);
}

TEST_CASE("transforms are read over, and a palette makes the picture narrower") {
  const auto predictors = bit_writer().put(1, 1).put(0, 2).put(0, 3).put(0, 1).empty_codes(5); // 25 of no bit
  const auto tiles = bit_writer(predictors).put(1, 1).put(2, 2).put(0, 1).put(0, 1).put(1, 1).put(0, 3).bytes();
  CHECK(vp8l_table_memory(tiles, 20, 20) == 25 * (2960 * 4 + 600));
  CHECK(vp8l_table_memory(tiles, 1'000'000, 16) == 65'536 * (2960 * 4 + 600)); // groups have numbers of 16 bits
  const auto palette = bit_writer().put(1, 1).put(3, 2).put(1, 8).put(0, 1).empty_codes(5); // two colours
  CHECK(vp8l_table_memory(bit_writer(palette).put(0, 1).put(0, 1).put(1, 1).put(0, 3).bytes(), 64, 8) ==
        4 * (2960 * 4 + 600));
}

TEST_CASE("a stream that breaks off or contradicts itself before its tiles has no answer") {
  CHECK_FALSE(vp8l_table_memory("", 9, 9));
  const auto twice = bit_writer().put(1, 1).put(2, 2).put(1, 1).put(2, 2).put(0, 3); // subtract green, two times
  CHECK_FALSE(vp8l_table_memory(twice.bytes(), 9, 9));
  CHECK_FALSE(vp8l_table_memory(bit_writer().put(0, 1).put(1, 1).put(12, 4).put(0, 9).bytes(), 9, 9)); // cache bits
  const auto predictors = bit_writer().put(1, 1).put(0, 2).put(0, 3).put(0, 1);
  CHECK_FALSE(vp8l_table_memory(bit_writer(predictors).put(0, 1).put(0, 4).put(0, 60).bytes(), 9, 9)); // no lengths
  auto too_many = bit_writer(predictors).put(0, 1).put(0, 4);
  for (int i = 0; i < 4; ++i) too_many.put(1, 3); // four codes of one bit
  CHECK_FALSE(vp8l_table_memory(too_many.put(0, 200).bytes(), 9, 9));
  const std::string whole = stream_of_tiles(8);
  for (std::size_t length = 0; length < 1; ++length) CHECK_FALSE(vp8l_table_memory(whole.substr(0, length), 8, 8));
}

TEST_CASE("random streams are answered, not followed") {
  eucv::random engine(3);
  std::size_t answered = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string stream(1 + engine.below(200), '\0');
    for (char& byte : stream) byte = static_cast<char>(engine.below(256));
    answered += vp8l_table_memory(stream, 1 + engine.below(3000), 1 + engine.below(300)).has_value();
  }
  CHECK(answered > 1000);
  CHECK(answered < 19'000);
}

#ifdef EUCV_WITH_WEBP
namespace {

std::string file_of(const std::string& stream, std::size_t side) {
  return test::webp_file(test::webp_chunk("VP8L", "\x2F" + test::little((side - 1) | (side - 1) << 14, 4) + stream));
}

} // namespace

TEST_CASE("a file whose tables outweigh its picture is over the budget before libwebp sees it") {
  const std::string bomb = file_of(stream_of_tiles(1000), 1000);
  CHECK(bomb.size() < 300'000);
  const auto refused = inspect(bomb);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == eucv::errc::out_of_budget);
  const auto spent = test::cost_of([&] { return std::string(decode(bomb) ? "picture" : "refused"); });
  CHECK(spent.answer == "refused");
  CHECK(spent.bytes < 4'000'000);
}

TEST_CASE("libwebp decodes such a file within what was told") {
  const std::string file = file_of(stream_of_tiles(400), 400); // 10,000 tiles
  const auto found = inspect(file);
  REQUIRE(found);
  CHECK(found->memory > 10'000 * 12'000);
  const auto spent = test::cost_of([&] {
    const auto picture = decode(file);
    return picture ? std::to_string(picture->rgb.size()) : picture.error().reason();
  });
  CHECK(spent.answer == std::to_string(400 * 400 * 3));
#ifndef __SANITIZE_ADDRESS__ // keeps what is freed
  CHECK(spent.bytes < found->memory);
  CHECK(spent.bytes > found->memory / 4); // the tables are there
#endif
}

TEST_CASE("what libwebp encodes has few tables, whatever its transforms") {
  bitmap mixed = test::waves(700, 500);
  const bitmap grain = test::noise(200, 150);
  for (std::size_t y = 0; y < grain.height; ++y) std::copy_n(grain.row(y), grain.width * 3, mixed.pixel(300, 200 + y));
  bitmap few = black(333, 222); // colours for a palette
  for (std::size_t i = 0; i < few.rgb.size(); ++i) few.rgb[i] = static_cast<std::uint8_t>(i / 3 % 7 * 30 + i / 3000);
  for (const auto& picture : {mixed, few, test::noise(120, 90), black(50, 60), test::waves(1, 1), test::waves(500, 3)})
    for (const float quality : {0.F, 50.F, 100.F}) {
      const std::string webp = test::make_webp(picture, test::webp_frame::lossless, quality);
      const auto tables = vp8l_table_memory(std::string_view(webp).substr(25), picture.width, picture.height);
      REQUIRE(tables);
      CHECK(*tables < 2700 * 21'000); // its encoder makes 2,600 tiles at most
      const auto back = decode(webp);
      REQUIRE(back);
      CHECK(*back == picture);
    }
}
#endif
