#include <eucv/image/detail/webp.hpp>

#include <eucv/image/decode.hpp>
#include <eucv/image/formats.hpp>

#include "support/cost.hpp"
#include "support/tiny_images.hpp"
#include "support/webp_files.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

using namespace eucv::image;
using eucv::errc;

namespace {

errc webp_header_verdict(const std::string& bytes) {
  const auto found = read_webp_header(bytes);
  return found ? errc{} : found.error().code();
}

} // namespace

TEST_CASE("the header of a WebP is read from its first frame or its extended header") {
  const auto lossy = read_webp_header(test::webp_file(test::webp_lossy_head(33, 17, 100)));
  REQUIRE(lossy);
  CHECK(lossy->width == 33);
  CHECK(lossy->height == 17);
  CHECK(lossy->components == 3);
  CHECK(lossy->memory >= 33 * 17 * 3);
  const auto lossless = read_webp_header(test::webp_file(test::webp_lossless_head(16384, 5)));
  REQUIRE(lossless);
  CHECK(lossless->width == 16384);
  CHECK(lossless->height == 5);
  CHECK(lossless->memory >= 16384 * 5 * 7);
  const auto extended = read_webp_header(test::webp_file(
      test::webp_extended(9, 7, 24) + test::webp_chunk("ICCP", "abc") + test::webp_chunk("ALPH", "\1x") +
      test::webp_lossy_head(9, 7) + test::webp_chunk("EXIF", test::orientation_block(6))));
  REQUIRE(extended);
  CHECK(extended->width == 9);
  CHECK(extended->components == 4);
  CHECK(extended->orientation == 6);
}

TEST_CASE("the orientation of a WebP is read with and without the prefix of a JPEG") {
  for (const std::string& prefix : {std::string(), std::string("Exif\0\0", 6)})
    for (const auto order : {test::byte_order::little, test::byte_order::big})
      CHECK(read_webp_header(test::webp_file(test::webp_extended(4, 4, 8) + test::webp_lossless_head(4, 4) +
                                             test::webp_chunk("EXIF", prefix + test::orientation_block(8, order))))
                ->orientation == 8);
}

TEST_CASE("a WebP whose header contradicts itself is corrupt") {
  const std::string lossy = test::webp_lossy_head(4, 4), lossless = test::webp_lossless_head(4, 4);
  CHECK(webp_header_verdict(test::webp_file(lossy)) == errc{});
  CHECK(webp_header_verdict(test::webp_file(lossless)) == errc{});
  CHECK(webp_header_verdict(test::webp_file(lossless) + "trailing bytes") == errc{});
  for (const std::string& chunks :
       {std::string(), lossy + lossy, lossy + lossless, test::webp_extended(4, 4, 0),
        lossy + test::webp_extended(4, 4, 0), test::webp_extended(4, 4, 0) + test::webp_extended(4, 4, 0) + lossy,
        test::webp_extended(5, 4, 0) + lossy, test::webp_extended(4, 3, 0) + lossless,
        test::webp_chunk("EXIF", "x") + lossy, test::webp_chunk("VP8X", "short"), test::webp_chunk("VP8 ", "short"),
        test::webp_chunk("VP8L", "/x"), test::webp_lossy_head(0, 4), test::webp_lossy_head(4, 0),
        test::webp_chunk("VP8L", std::string("\x2E\0\0\0\0", 5)),
        test::webp_chunk("VP8L", std::string("\x2F\0\0\0\x20", 5)), lossy + "JUNK\xFF\xFF\xFF\x7F"}) {
    CAPTURE(chunks);
    CHECK(webp_header_verdict(test::webp_file(chunks)) == errc::corrupt_image);
  }
  std::string frame = test::webp_file(lossy);
  for (const char tag : {'\x11', '\x18', '\x00'}) { // an inter frame, profile 4, a frame that is not shown
    frame[20] = tag;
    CHECK(webp_header_verdict(frame) == errc::corrupt_image);
  }
  CHECK(webp_header_verdict("RIFF\4\0\0") == errc::not_an_image);
  CHECK(webp_header_verdict(std::string("RIFF\4\0\0\0WAVE", 12)) == errc::not_an_image);
}

TEST_CASE("an animated WebP is refused as a kind that is not read") {
  const std::string animated = test::webp_file(test::webp_extended(4, 4, 2) + test::webp_chunk("ANIM", "abcdef"));
  const auto found = read_webp_header(animated);
  REQUIRE_FALSE(found);
  CHECK(found.error().code() == errc::unsupported_image);
  CHECK(std::string(found.error().what()) ==
        "decode the image: it is an animated WebP, which is no single picture; leave the image out");
}

#ifndef EUCV_WITH_WEBP
TEST_CASE("a build without libwebp says that it lacks it") {
  const auto found = inspect(test::webp_file(test::webp_lossless_head(4, 4)));
  REQUIRE_FALSE(found);
  CHECK(found.error().code() == errc::unsupported_image);
  CHECK(std::string(found.error().what()) ==
        "decode the image: it is of the format WebP, and this build has no libwebp; leave the image out, or build with "
        "that library");
  CHECK(accept_header().find("webp") == std::string::npos);
  CHECK(format_by_ending("a.webp") != nullptr); // listed, so that it is counted and not passed over in silence
}
#else
namespace {

errc webp_gate_verdict(const std::string& bytes, const decode_limits& limits = {}) {
  const auto found = inspect(bytes, limits);
  return found ? errc{} : found.error().code();
}

// Red, green, blue, alpha without symmetry, alpha from 0 to 255.
std::vector<std::uint8_t> translucent(std::size_t width, std::size_t height) {
  std::vector<std::uint8_t> rgba;
  for (std::size_t i = 0; i < width * height; ++i)
    for (const std::size_t factor : {3, 7, 11, 5}) rgba.push_back(static_cast<std::uint8_t>(factor * i));
  return rgba;
}

bitmap on_white(const std::vector<std::uint8_t>& rgba, std::size_t width, std::size_t height) {
  bitmap picture = black(width, height);
  for (std::size_t i = 0; i < width * height; ++i)
    for (std::size_t c = 0; c < 3; ++c) {
      const unsigned alpha = rgba[4 * i + 3];
      picture.rgb[3 * i + c] = static_cast<std::uint8_t>((rgba[4 * i + c] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
  return picture;
}

// The same frame in an extended container, with a chunk behind it.
std::string extended(const std::string& simple, int flags, const std::string& behind) {
  const auto found = read_webp_header(simple);
  return test::webp_file(test::webp_extended(found->width, found->height, flags) + simple.substr(12) + behind);
}

std::string webp_answer(std::string_view bytes) {
  const auto picture = decode(bytes);
  return picture ? "picture" : picture.error().reason();
}

} // namespace

TEST_CASE_TEMPLATE("a lossless WebP gives back each byte, whichever decoder is asked", Decoder, default_decoder, stb) {
  for (const auto& picture : {test::waves(33, 17), test::noise(40, 25), test::waves(1, 1), black(300, 2)}) {
    const auto back = decode<Decoder>(test::make_webp(picture));
    REQUIRE_MESSAGE(back.has_value(), (back ? "" : back.error().what()));
    CHECK(*back == picture);
  }
}

TEST_CASE("a lossy WebP looks like its picture, and grey stays grey") {
  const bitmap picture = test::waves(67, 41);
  const auto back = decode(test::make_webp(picture, test::webp_frame::lossy, 95));
  REQUIRE(back);
  CHECK(test::difference(*back, picture) < 3);
  bitmap grey = black(40, 30);
  for (std::size_t i = 0; i < grey.rgb.size(); ++i) grey.rgb[i] = static_cast<std::uint8_t>(i / 3 % 40 * 6);
  const auto grey_back = decode(test::make_webp(grey, test::webp_frame::lossy, 95));
  REQUIRE(grey_back);
  CHECK(test::difference(*grey_back, grey) < 3);
}

TEST_CASE("alpha of a WebP is laid on white as that of a PNG") {
  const auto rgba = translucent(31, 22);
  const std::string lossless = test::make_webp(rgba.data(), 31, 22, 4);
  CHECK(inspect(lossless)->components == 4);
  const auto back = decode(lossless);
  REQUIRE(back);
  CHECK(*back == on_white(rgba, 31, 22));
  const auto png = decode(test::make_png({.width = 31, .height = 22, .colour = 6}, [&](auto x, auto y, int c) {
    return unsigned{rgba[4 * (31 * y + x) + std::size_t(c)]};
  }));
  REQUIRE(png);
  CHECK(*back == *png);
  std::vector<std::uint8_t> soft(4 * 64 * 48, 90); // smooth, so that lossy colours stay near
  for (std::size_t i = 0; i < 64 * 48; ++i) soft[4 * i + 3] = static_cast<std::uint8_t>(i % 64 * 4);
  const std::string lossy = test::make_webp(soft.data(), 64, 48, 4, test::webp_frame::lossy);
  CHECK(inspect(lossy)->components == 4);
  const auto soft_back = decode(lossy);
  REQUIRE(soft_back);
  CHECK(test::difference(*soft_back, on_white(soft, 64, 48)) < 3);
}

TEST_CASE("EXIF turns a WebP upright") {
  for (const auto frame : {test::webp_frame::lossy, test::webp_frame::lossless}) {
    const std::string simple = test::make_webp(test::waves(48, 32), frame);
    const bitmap stored = *decode(simple);
    for (int orientation = 1; orientation <= 8; ++orientation) {
      const auto turned = decode(extended(simple, 8, test::webp_chunk("EXIF", test::orientation_block(orientation))));
      REQUIRE(turned);
      CHECK(*turned == apply_orientation(stored, orientation));
    }
  }
}

TEST_CASE("each limit refuses a WebP by its own code, and one step further lets it through") {
  const std::string webp = test::make_webp(test::waves(40, 30));
  decode_limits limits;
  limits.bytes = webp.size() - 1;
  CHECK(webp_gate_verdict(webp, limits) == errc::too_large);
  ++limits.bytes;
  CHECK(webp_gate_verdict(webp, limits) == errc{});
  limits = {.pixels = 40 * 30 - 1};
  CHECK(webp_gate_verdict(webp, limits) == errc::too_many_pixels);
  ++limits.pixels;
  CHECK(webp_gate_verdict(webp, limits) == errc{});
  limits = {.memory = inspect(webp)->memory - 1};
  CHECK(webp_gate_verdict(webp, limits) == errc::out_of_budget);
  ++limits.memory;
  CHECK(webp_gate_verdict(webp, limits) == errc{});
}

#ifndef __SANITIZE_ADDRESS__ // keeps what is freed
TEST_CASE("the memory that the header of a WebP tells is what decoding takes") {
  const auto rgba = translucent(2000, 1500);
  std::vector<std::uint8_t> rgb;
  for (std::size_t i = 0; i < rgba.size(); ++i)
    if (i % 4 != 3) rgb.push_back(rgba[i]);
  for (const auto frame : {test::webp_frame::lossy, test::webp_frame::lossless})
    for (const int channels : {3, 4}) {
      const std::string webp =
          test::make_webp(channels == 3 ? rgb.data() : rgba.data(), 2000, 1500, channels, frame, 50);
      const std::size_t told = inspect(webp)->memory;
      const auto spent = test::cost_of([&] { return webp_answer(webp); });
      CAPTURE(channels);
      CHECK(spent.answer == "picture");
      CHECK(double(spent.bytes) < 1.1 * double(told) + 4e6); // pages of the program besides
      CHECK(double(told) < 2 * double(spent.bytes));
    }
}
#endif

TEST_CASE("small WebP files that claim much are refused before memory is set aside") {
  struct bomb {
    std::string chunks;
    errc code;
  };
  for (const auto& [chunks, code] :
       {bomb{test::webp_lossy_head(16383, 16383), errc::too_many_pixels},
        bomb{test::webp_lossless_head(16384, 16384), errc::too_many_pixels},
        bomb{test::webp_extended(1 << 24, 1 << 24, 0) + test::webp_lossy_head(16383, 16383), errc::corrupt_image},
        bomb{test::webp_lossy_head(8000, 8000, 2000), errc::corrupt_image},
        bomb{test::webp_lossless_head(8000, 8000, 1900), errc::corrupt_image},
        bomb{test::webp_extended(8000, 8000, 16) + test::webp_chunk("ALPH", "\1") + test::webp_lossy_head(8000, 8000),
             errc::corrupt_image}}) {
    const std::string file = test::webp_file(chunks);
    const auto spent = test::cost_of([&] { return webp_answer(file); });
    CHECK(spent.answer == eucv::error(code, {}).reason());
    CHECK(spent.bytes < 64'000'000);
    CHECK(spent.seconds < 1);
  }
  // Nothing honest is shorter: flat pictures.
  for (const auto frame : {test::webp_frame::lossy, test::webp_frame::lossless})
    for (const std::size_t side : {1U, 16U, 17U, 4000U})
      CHECK(webp_gate_verdict(test::make_webp(black(side, side), frame, 0)) == errc{});
}

TEST_CASE("a WebP cut at any byte is refused, whatever its container says of its length") {
  const auto rgba = translucent(24, 20);
  for (const std::string& whole :
       {test::make_webp(test::noise(24, 20)), test::make_webp(test::noise(24, 20), test::webp_frame::lossy),
        test::make_webp(rgba.data(), 24, 20, 4, test::webp_frame::lossy),
        extended(test::make_webp(test::noise(20, 20)), 8, test::webp_chunk("EXIF", test::orientation_block(3)))}) {
    REQUIRE(webp_answer(whole) == "picture");
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const std::string cut = whole.substr(0, length); // of its own, so that a sanitizer sees a step beyond
      const std::string told = webp_answer(cut);
      REQUIRE((told == "corrupt_image" || (told == "not_an_image" && length < 12)));
    }
  }
  // The chunk and the container shortened too: the gate sees nothing amiss, libwebp does. The last three bytes of a
  // lossy frame are what its coder leaves when it ends, and the pad.
  for (const auto frame : {test::webp_frame::lossy, test::webp_frame::lossless}) {
    const std::string whole = test::make_webp(test::noise(24, 20), frame);
    for (std::size_t length = whole.size() - 20 - 4; length-- > 0;)
      REQUIRE(webp_answer(test::webp_file(test::webp_chunk(whole.substr(12, 4), whole.substr(20, length)))) ==
              "corrupt_image");
  }
}

TEST_CASE("wrong bytes of a WebP give a picture or a refusal, never a crash") {
  const auto rgba = translucent(24, 24);
  const std::array promised{errc::not_an_image, errc::unsupported_image, errc::corrupt_image, errc::too_many_pixels,
                            errc::out_of_budget};
  eucv::random engine(17);
  decode_options options;
  options.limits.pixels = 1 << 20; // a wrong byte of the header may ask for much more, which takes time
  for (const std::string& whole :
       {test::make_webp(test::waves(24, 24)), test::make_webp(test::noise(24, 24), test::webp_frame::lossy),
        test::make_webp(rgba.data(), 24, 24, 4, test::webp_frame::lossy),
        extended(test::make_webp(test::noise(16, 24)), 8, test::webp_chunk("EXIF", test::orientation_block(5)))})
    for (int i = 0; i < 2000; ++i) {
      std::string wrong = i % 2 == 0 ? test::damaged(whole, engine) : whole;
      if (i % 2 != 0) wrong[engine.below(wrong.size())] = static_cast<char>(engine.below(256));
      const auto picture = decode(wrong, options);
      if (picture)
        REQUIRE((picture->width > 0 && picture->rgb.size() == picture->width * picture->height * 3));
      else
        REQUIRE(std::ranges::count(promised, picture.error().code()) == 1);
    }
}
#endif
