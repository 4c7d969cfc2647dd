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

TEST_CASE_TEMPLATE("palettes of each depth, plain and interlaced, with transparent entries", Decoder,
                   EUCV_TEST_DECODERS) {
  for (const int depth : {1, 2, 4, 8})
    for (const bool interlaced : {false, true}) {
      test::png_variant how{.width = 9, .height = 5, .colour = 3, .depth = depth, .interlaced = interlaced};
      std::string palette;
      for (int i = 0; i < (1 << depth); ++i)
        palette += {static_cast<char>(i), static_cast<char>(200 - i), static_cast<char>(3 * i)};
      how.before_data = test::png_chunk("PLTE", palette) + test::png_chunk("tRNS", std::string(1, '\0'));
      const auto picture =
          decode<Decoder>(test::make_png(how, [&](auto x, auto y, int c) { return sample(x, y, c, depth); }));
      CAPTURE(depth);
      CAPTURE(interlaced);
      REQUIRE(picture);
      for (std::size_t y = 0; y < 5; ++y)
        for (std::size_t x = 0; x < 9; ++x) {
          const unsigned index = sample(x, y, 0, depth);
          const std::uint8_t* const pixel = picture->pixel(x, y);
          CHECK(pixel[0] == (index == 0 ? 255 : index)); // entry 0 is transparent: white
          CHECK(pixel[1] == (index == 0 ? 255 : static_cast<std::uint8_t>(200 - index)));
          CHECK(pixel[2] == (index == 0 ? 255 : static_cast<std::uint8_t>(3 * index)));
        }
    }
}

TEST_CASE_TEMPLATE("one transparent colour of a grey or coloured PNG is white", Decoder, EUCV_TEST_DECODERS) {
  for (const auto& [colour, depth] : {std::pair{0, 1}, {0, 2}, {0, 4}, {0, 8}, {0, 16}, {2, 8}, {2, 16}})
    for (const bool interlaced : {false, true}) {
      const unsigned top = (1U << depth) - 1;
      // Pixel 0 has the transparent colour, pixel 1 differs from it in its last channel alone.
      const int channels = colour == 2 ? 3 : 1;
      std::string key;
      for (int c = 0; c < channels; ++c) key += test::big(top, 2);
      const test::png_variant how{.width = 2,
                                  .height = 1,
                                  .colour = colour,
                                  .depth = depth,
                                  .interlaced = interlaced,
                                  .before_data = test::png_chunk("tRNS", key)};
      const auto picture = decode<Decoder>(test::make_png(how, [&](auto x, auto, int c) {
        return x == 0 || c + 1 < channels ? top : top > 1 ? top / 3 : 0U;
      }));
      CAPTURE(colour);
      CAPTURE(depth);
      REQUIRE_MESSAGE(picture.has_value(), (picture ? "" : picture.error().what()));
      const int level = depth == 1 ? 0 : 255 / 3;
      CHECK(int{picture->rgb[0]} == 255);
      CHECK(int{picture->rgb[2]} == 255);
      CHECK(int{picture->rgb[5]} == level);
      CHECK(int{picture->rgb[3]} == (colour == 2 ? 255 : level));
    }
  const test::png_variant keyed{
      .width = 2, .height = 1, .before_data = test::png_chunk("tRNS", std::string("\0\x01\0\x02\0\x03", 6))};
  const auto picture =
      decode<Decoder>(test::make_png(keyed, [](auto x, auto, int c) { return x == 0 ? unsigned(c + 1) : 9U; }));
  REQUIRE(picture);
  CHECK(picture->rgb == std::vector<std::uint8_t>{255, 255, 255, 9, 9, 9});
}

TEST_CASE_TEMPLATE("a JPEG of each order, sampling and restart interval", Decoder, EUCV_TEST_DECODERS) {
  const bitmap picture = test::waves(67, 41);
  for (const test::jpeg_order order : {test::jpeg_order::baseline, test::jpeg_order::progressive})
    for (const auto& [across, down] : {std::pair{1, 1}, {2, 1}, {1, 2}, {2, 2}, {4, 1}})
      for (const unsigned restart : {0U, 1U, 5U}) {
        const auto back = decode<Decoder>(
            test::make_jpeg(picture, {.order = order, .sampling = across, .sampling_down = down, .restart = restart}));
        CAPTURE(across);
        CAPTURE(down);
        CAPTURE(restart);
        REQUIRE_MESSAGE(back.has_value(), (back ? "" : back.error().what()));
        CHECK(test::difference(*back, picture) < 3);
      }
}

TEST_CASE_TEMPLATE("a grey JPEG becomes grey RGB", Decoder, EUCV_TEST_DECODERS) {
  for (const test::jpeg_order order : {test::jpeg_order::baseline, test::jpeg_order::progressive}) {
    std::vector<std::uint8_t> levels(32 * 24);
    for (std::size_t i = 0; i < levels.size(); ++i) levels[i] = static_cast<std::uint8_t>(8 * (i % 32));
    const auto back = decode<Decoder>(test::make_jpeg(levels.data(), 32, 24, {.channels = 1, .order = order}));
    REQUIRE(back);
    for (std::size_t i = 0; i < levels.size(); ++i) {
      REQUIRE(std::abs(back->rgb[3 * i] - levels[i]) <= 4);
      REQUIRE(back->rgb[3 * i] == back->rgb[3 * i + 1]);
      REQUIRE(back->rgb[3 * i] == back->rgb[3 * i + 2]);
    }
  }
}

TEST_CASE_TEMPLATE("kinds of JPEG that are not read are told apart from broken ones", Decoder, EUCV_TEST_DECODERS) {
  const std::string plain = test::make_jpeg(test::waves(24, 24));
  CHECK(refused<Decoder>(test::make_jpeg(test::waves(24, 24), {.arithmetic = true})) == errc::unsupported_image);
  const std::size_t frame = plain.find("\xFF\xC0");
  for (const auto& [marker, depth] :
       {std::pair{'\xC1', '\x0C'}, {'\xC2', '\x0C'}, {'\xC3', '\x08'}, {'\xC5', '\x08'}}) {
    std::string other = plain; // extended and progressive of 12 bits, lossless, differential
    other[frame + 1] = marker;
    other[frame + 4] = depth;
    CHECK(refused<Decoder>(other) == errc::unsupported_image);
  }
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
      test::make_jpeg(picture),
      test::make_jpeg(picture, {.order = test::jpeg_order::progressive, .sampling = 2}),
      test::make_png({.width = 12, .height = 9, .colour = 6}, [](auto x, auto y, int c) { return sample(x, y, c, 8); }),
      test::make_jpeg(picture, {.sampling = 2, .sampling_down = 1, .restart = 1}),
      test::with_orientation(test::make_jpeg(picture.rgb.data(), 18, 24, {.channels = 4, .stored = JCS_YCCK}), 6),
      test::make_png({.width = 12, .height = 9, .colour = 0, .depth = 16, .interlaced = true},
                     [](auto x, auto y, int c) { return sample(x, y, c, 16); }),
      test::make_png({.width = 9,
                      .height = 5,
                      .colour = 3,
                      .depth = 4,
                      .before_data = test::png_chunk("PLTE", std::string(48, 'p')) + test::png_chunk("tRNS", "abc")},
                     [](auto x, auto y, int c) { return sample(x, y, c, 4); })};
  eucv::random engine(11);
  for (const std::string& whole : files)
    for (int i = 0; i < 1000; ++i) {
      std::string wrong = whole;
      for (std::uint64_t changes = 1 + engine.below(4); changes > 0; --changes)
        wrong[engine.below(wrong.size())] = static_cast<char>(engine.below(256));
      REQUIRE(is_answered<Decoder>(wrong));
    }
  for (const std::string& whole : files)
    for (int i = 0; i < 500; ++i) {
      const std::string wrong = test::damaged(whole, engine);
      REQUIRE(is_answered<Decoder>(wrong.starts_with("\x89PNG") ? test::with_right_sums(wrong) : wrong));
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
