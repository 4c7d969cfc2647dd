#include <eucv/image/decode.hpp>

#include <eucv/image/encode.hpp>
#include <eucv/image/resize.hpp>

#include "support/tiny_images.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using namespace eucv::image;
using eucv::errc;

#ifdef EUCV_WITH_TURBO
#define EUCV_TEST_DECODERS turbo, stb
#else
#define EUCV_TEST_DECODERS stb
#endif

namespace {

template <class Decoder>
errc refused(const std::string& bytes, const decode_options& options = {}) {
  const auto picture = decode<Decoder>(bytes, options);
  return picture ? errc{} : picture.error().code();
}

// A picture, or one of the codes that decode() promises.
template <class Decoder>
bool is_answered(const std::string& bytes) {
  decode_options options;
  options.limits.pixels = 1 << 20; // a wrong byte of the header may ask for much more, which takes time
  const auto picture = decode<Decoder>(bytes, options);
  if (picture) return picture->rgb.size() == picture->width * picture->height * 3 && picture->width > 0;
  const std::array promised{errc::not_an_image,    errc::unsupported_image, errc::corrupt_image,
                            errc::too_many_pixels, errc::too_many_scans,    errc::out_of_budget};
  return std::ranges::count(promised, picture.error().code()) == 1;
}

// A value for channel c of pixel (x, y), in [0, 2^depth).
unsigned sample(std::size_t x, std::size_t y, int c, int depth) {
  return static_cast<unsigned>(7 * x + 13 * y + 29 * static_cast<std::size_t>(c)) % (1U << depth);
}

} // namespace

TEST_CASE_TEMPLATE("every kind of PNG becomes RGB of 8 bits", Decoder, EUCV_TEST_DECODERS) {
  for (const auto& [colour, depth] :
       {std::pair{0, 1}, {0, 2}, {0, 4}, {0, 8}, {0, 16}, {2, 8}, {2, 16}, {4, 8}, {4, 16}, {6, 8}, {6, 16}})
    for (const bool interlaced : {false, true}) {
      const test::png_variant how{
          .width = 13, .height = 11, .colour = colour, .depth = depth, .interlaced = interlaced};
      const auto picture =
          decode<Decoder>(test::make_png(how, [&](auto x, auto y, int c) { return sample(x, y, c, depth); }));
      CAPTURE(colour);
      CAPTURE(depth);
      REQUIRE_MESSAGE(picture.has_value(), (picture ? "" : picture.error().what()));
      REQUIRE(picture->width == 13);
      REQUIRE(picture->height == 11);
      double worst = 0;
      const int alpha_at = colour == 4 ? 1 : colour == 6 ? 3 : -1;
      const double top = (1U << depth) - 1;
      for (std::size_t y = 0; y < 11; ++y)
        for (std::size_t x = 0; x < 13; ++x)
          for (int c = 0; c < 3; ++c) {
            const double value = 255 * sample(x, y, colour == 0 || colour == 4 ? 0 : c, depth) / top;
            const double alpha = alpha_at < 0 ? 1 : sample(x, y, alpha_at, depth) / top;
            worst = std::max(worst, std::abs(picture->pixel(x, y)[c] - (value * alpha + 255 * (1 - alpha))));
          }
      CHECK(worst <= (depth == 16 ? 1.6 : 0.6)); // some round 16 bits, stb cuts them
    }
}

TEST_CASE_TEMPLATE("palettes and transparent colours", Decoder, EUCV_TEST_DECODERS) {
  for (const int depth : {1, 2, 4, 8}) {
    test::png_variant how{.width = 9, .height = 5, .colour = 3, .depth = depth};
    std::string palette;
    for (int i = 0; i < (1 << depth); ++i)
      palette += {static_cast<char>(i), static_cast<char>(200 - i), static_cast<char>(3 * i)};
    how.before_data = test::png_chunk("PLTE", palette) + test::png_chunk("tRNS", std::string(1, '\0'));
    const auto picture =
        decode<Decoder>(test::make_png(how, [&](auto x, auto y, int c) { return sample(x, y, c, depth); }));
    REQUIRE(picture);
    for (std::size_t y = 0; y < 5; ++y)
      for (std::size_t x = 0; x < 9; ++x) {
        const unsigned index = sample(x, y, 0, depth);
        const std::uint8_t* const pixel = picture->pixel(x, y);
        CHECK(pixel[0] == (index == 0 ? 255 : index)); // entry 0 is transparent: white
        CHECK(pixel[1] == (index == 0 ? 255 : static_cast<std::uint8_t>(200 - index)));
      }
  }
  const test::png_variant keyed{
      .width = 2, .height = 1, .before_data = test::png_chunk("tRNS", std::string("\0\x01\0\x02\0\x03", 6))};
  const auto picture =
      decode<Decoder>(test::make_png(keyed, [](auto x, auto, int c) { return x == 0 ? unsigned(c + 1) : 9U; }));
  REQUIRE(picture);
  CHECK(picture->rgb == std::vector<std::uint8_t>{255, 255, 255, 9, 9, 9});
}

TEST_CASE_TEMPLATE("EXIF turns the picture upright", Decoder, EUCV_TEST_DECODERS) {
  const std::string jpeg = test::make_jpeg(test::waves(48, 32));
  const bitmap stored = *decode<Decoder>(jpeg);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const auto picture = decode<Decoder>(test::with_orientation(jpeg, orientation));
    REQUIRE(picture);
    CHECK(*picture == apply_orientation(stored, orientation));
    CHECK(picture->width == (orientation >= 5 ? 32U : 48U));
  }
}

TEST_CASE_TEMPLATE("CMYK as Adobe writes it", Decoder, EUCV_TEST_DECODERS) {
  const bitmap picture = test::waves(40, 24);
  std::vector<std::uint8_t> inks;
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3)
    inks.insert(inks.end(), {picture.rgb[i], picture.rgb[i + 1], picture.rgb[i + 2], 255});
  for (const J_COLOR_SPACE stored : {JCS_CMYK, JCS_YCCK}) {
    const auto back = decode<Decoder>(test::make_jpeg(inks.data(), 40, 24, {.channels = 4, .stored = stored}));
    REQUIRE(back);
    CHECK(test::difference(*back, picture) < 3);
  }
}

TEST_CASE_TEMPLATE("wrong bytes give a picture or a refusal, never a crash", Decoder, EUCV_TEST_DECODERS) {
  const bitmap picture = test::waves(24, 24);
  const std::vector<std::string> files{
      test::make_jpeg(picture), test::make_jpeg(picture, {.order = test::jpeg_order::progressive, .sampling = 2}),
      test::make_png({.width = 12, .height = 9, .colour = 6}, [](auto x, auto y, int c) { return sample(x, y, c, 8); }),
      test::make_png({.width = 12, .height = 9, .colour = 0, .depth = 16, .interlaced = true},
                     [](auto x, auto y, int c) { return sample(x, y, c, 16); })};
  eucv::random engine(11);
  for (const std::string& whole : files)
    for (int i = 0; i < 1500; ++i) {
      std::string wrong = whole;
      for (std::uint64_t changes = 1 + engine.below(4); changes > 0; --changes)
        wrong[engine.below(wrong.size())] = static_cast<char>(engine.below(256));
      REQUIRE(is_answered<Decoder>(wrong));
    }
}

TEST_CASE("another decoder can be put behind the same gate") {
  struct counting {
    int* calls = nullptr;
    eucv::result<bitmap> operator()(std::string_view, const header& found, const decode_options&) const {
      ++*calls;
      return black(found.width, found.height);
    }
  };
  static_assert(decoder<counting>);
  int calls = 0;
  CHECK_FALSE(decode("<html>", {}, counting{&calls}));
  CHECK(calls == 0);
  const auto picture = decode(test::with_orientation(test::make_jpeg(test::waves(6, 4)), 6), {}, counting{&calls});
  REQUIRE(picture);
  CHECK(calls == 1);
  CHECK(picture->width == 4);
}

#ifdef EUCV_WITH_TURBO
TEST_CASE("both decoders see the same picture") {
  for (const auto& picture : {test::waves(61, 47), test::noise(40, 40)})
    for (const test::jpeg_order order : {test::jpeg_order::baseline, test::jpeg_order::progressive}) {
      const std::string jpeg = test::make_jpeg(picture, {.quality = 90, .order = order});
      CHECK(test::difference(*decode<turbo>(jpeg), *decode<stb>(jpeg)) < 1);
    }
}

TEST_CASE("pictures of museums") {
  const std::filesystem::path folder = std::filesystem::path(EUCV_SHARED) / "data/heritage";
  if (!std::filesystem::exists(folder)) {
    MESSAGE("skipped: ", folder.string(), " is absent");
    return;
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".jpg") files.push_back(entry.path());
  std::ranges::sort(files);
  std::size_t seen = 0, same = 0;
  for (std::size_t i = 0; i < files.size(); i += std::max<std::size_t>(1, files.size() / 40), ++seen) {
    std::ifstream file(files[i], std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    CAPTURE(files[i].string());
    const auto fast = decode<turbo>(bytes), plain = decode<stb>(bytes);
    REQUIRE_MESSAGE(fast.has_value(), (fast ? "" : fast.error().what()));
    REQUIRE_MESSAGE(plain.has_value(), (plain ? "" : plain.error().what()));
    same += test::difference(*fast, *plain) < 1.5;
    decode_options options;
    options.shorter_side = 64;
    const auto small = decode<turbo>(bytes, options);
    REQUIRE(small);
    CHECK(std::min(small->width, small->height) >= std::min<std::size_t>(64, std::min(fast->width, fast->height)));
  }
  CHECK(seen > 0);
  CHECK(same == seen);
}
#endif
