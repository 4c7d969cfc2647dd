#include <eucv/image/decode.hpp>

#include <eucv/image/encode.hpp>
#include <eucv/image/resize.hpp>

#include "support/tiny_images.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <sys/resource.h>

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

// The most memory that the process held since the last reset, as Linux counts it; without /proc, since its start.
std::size_t peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (std::size_t kibibytes = 0; word == "VmHWM:" && status >> kibibytes) return kibibytes << 10;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::size_t>(usage.ru_maxrss) << 10;
}
void reset_peak_memory() {
  std::ofstream("/proc/self/clear_refs") << 5;
}

// What an action costs: processor time, and by how much the process grew at most.
struct cost {
  double seconds;
  std::size_t bytes;
};
template <class Action>
cost cost_of(Action&& action) {
  reset_peak_memory();
  const std::size_t before = peak_memory();
  const std::clock_t start = std::clock();
  action();
  return {static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, peak_memory() - before};
}

// Made once: it takes seconds.
const std::string& inflating_to_600_mebibytes() {
  static const std::string bomb = test::deflate_zeros(600);
  return bomb;
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

TEST_CASE_TEMPLATE("a cut at any byte is a refusal", Decoder, EUCV_TEST_DECODERS) {
  const std::string jpeg = test::make_jpeg(test::waves(40, 40), {.order = test::jpeg_order::progressive});
  const std::string png = test::make_png({.width = 20, .height = 20, .interlaced = true},
                                         [](auto x, auto y, int c) { return sample(x, y, c, 8); });
  for (const std::string& whole : {jpeg, png}) {
    REQUIRE(refused<Decoder>(whole) == errc{});
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const errc code = refused<Decoder>(whole.substr(0, length));
      REQUIRE((code == errc::corrupt_image || code == errc::not_an_image));
    }
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

TEST_CASE_TEMPLATE("a PNG that inflates to 600 MB costs neither memory nor time", Decoder, EUCV_TEST_DECODERS) {
  const std::string& bomb = inflating_to_600_mebibytes();
  REQUIRE(bomb.size() < 1 << 20);
  const std::string png = test::png_with_data({.width = 64, .height = 64}, bomb);
  const cost spent = cost_of([&] { CHECK(is_answered<Decoder>(png)); });
  CHECK(spent.seconds < 1);
  CHECK(spent.bytes < 64 << 20);
}

TEST_CASE_TEMPLATE("compressed profiles and texts are not inflated", Decoder, EUCV_TEST_DECODERS) {
  const std::string bomb = test::deflate_zeros(100);
  for (const std::string& chunk : {test::png_chunk("iCCP", std::string("name\0\0", 6) + bomb),
                                   test::png_chunk("zTXt", std::string("key\0\0", 5) + bomb),
                                   test::png_chunk("iTXt", std::string("key\0\1\0\0\0", 8) + bomb)}) {
    const test::png_variant how{.width = 3, .height = 3, .before_data = chunk};
    const std::string png = test::make_png(how, [](auto...) { return 77U; });
    const cost spent = cost_of([&] {
      const auto picture = decode<Decoder>(png);
      REQUIRE(picture);
      CHECK(picture->rgb == std::vector<std::uint8_t>(27, 77));
    });
    CHECK(spent.seconds < 0.5);
    CHECK(spent.bytes < 16 << 20);
  }
}

TEST_CASE_TEMPLATE("thousand scans and giant headers are refused at once", Decoder, EUCV_TEST_DECODERS) {
  const std::string once = test::make_jpeg(eucv::image::black(2048, 2048), {.order = test::jpeg_order::progressive});
  const std::string scans = test::with_repeated_scan(once, 1000);
  const std::string giant = test::png_with_data({.width = 50'000, .height = 50'000}, test::deflate("x"));
  const cost spent = cost_of([&] {
    CHECK(refused<Decoder>(scans) == errc::too_many_scans);
    CHECK(refused<Decoder>(giant) == errc::too_many_pixels);
    CHECK(refused<Decoder>("<html>404</html>") == errc::not_an_image);
    CHECK(refused<Decoder>("GIF89a") == errc::unsupported_image);
  });
  CHECK(spent.seconds < 1);
  CHECK(spent.bytes < 64 << 20);
}

TEST_CASE("the cost of an action is measured") {
  const cost spent = cost_of([] {
    std::vector<char> held(80 << 20, 1);
    CHECK(held.back() == 1);
  });
  CHECK(spent.bytes > 64 << 20); // or the limits above would hold for anything
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
