#include <eucv/image/gate.hpp>

#include "support/tiny_images.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace eucv::image;
using eucv::errc;

namespace {

errc gate_verdict(std::string_view bytes, const decode_limits& limits = {}) {
  const auto found = inspect(bytes, limits);
  return found ? errc{} : found.error().code();
}

} // namespace

TEST_CASE("what a server sends instead of an image is told apart") {
  const std::vector<std::pair<std::string, errc>> sent{
      {"", errc::not_an_image},
      {"<!DOCTYPE html><html><body>Not found</body></html>", errc::not_an_image},
      {"\r\n  <?xml version=\"1.0\"?>", errc::not_an_image},
      {"{\"error\": 404}", errc::not_an_image},
      {std::string(64, '\0'), errc::not_an_image},
      {"\xFF", errc::not_an_image},
      {"GIF89a\1\0\1\0", errc::unsupported_image},
      {std::string("II*\0\x08\0\0\0", 8), errc::unsupported_image},
      {std::string("MM\0*\0\0\0\x08", 8), errc::unsupported_image},
      {"BM and so on", errc::unsupported_image},
      {std::string("\0\0\0\x20"
                   "ftypavif\0\0\0\0",
                   16),
       errc::unsupported_image},
      {std::string("\0\0\0\x18"
                   "ftypheic\0\0\0\0",
                   16),
       errc::unsupported_image},
      {std::string("\0\0\0\x0CjP  \r\n\x87\n", 12), errc::unsupported_image},
      {"8BPS\0\1", errc::unsupported_image},
      {"<svg xmlns='http://www.w3.org/2000/svg'/>", errc::unsupported_image},
      {"%PDF-1.4", errc::unsupported_image},
  };
  for (const auto& [bytes, code] : sent) {
    CAPTURE(bytes);
    CHECK(gate_verdict(bytes) == code);
  }
}

TEST_CASE("a format is known by its first bytes") {
  CHECK((*format_of(test::make_jpeg(test::waves(8, 8))))->name == "JPEG");
  CHECK((*format_of(test::png_signature()))->name == "PNG");
}

TEST_CASE("the header of a JPEG and of a PNG is read") {
  const auto jpeg = inspect(test::with_orientation(test::make_jpeg(test::waves(33, 17)), 6));
  REQUIRE(jpeg);
  CHECK(jpeg->kind->name == "JPEG");
  CHECK(jpeg->width == 33);
  CHECK(jpeg->height == 17);
  CHECK(jpeg->components == 3);
  CHECK(jpeg->orientation == 6);
  const auto png = inspect(test::make_png({.width = 7, .height = 9, .colour = 4, .depth = 16, .interlaced = true},
                                          [](auto...) { return 500U; }));
  REQUIRE(png);
  CHECK(png->kind->name == "PNG");
  CHECK(png->width == 7);
  CHECK(png->height == 9);
  CHECK(png->components == 2);
  CHECK(png->depth == 16);
  CHECK(png->interlaced);
  CHECK(png->orientation == 1);
}

TEST_CASE("each limit refuses by its own code, and one step further lets through") {
  const std::string jpeg = test::make_jpeg(test::waves(40, 30));
  decode_limits limits;
  limits.bytes = jpeg.size() - 1;
  CHECK(gate_verdict(jpeg, limits) == errc::too_large);
  ++limits.bytes;
  CHECK(gate_verdict(jpeg, limits) == errc{});

  limits = {};
  limits.pixels = 40 * 30 - 1;
  CHECK(gate_verdict(jpeg, limits) == errc::too_many_pixels);
  ++limits.pixels;
  CHECK(gate_verdict(jpeg, limits) == errc{});

  limits = {};
  limits.memory = inspect(jpeg)->memory - 1;
  CHECK(limits.memory >= 40 * 30 * 3 - 1);
  CHECK(gate_verdict(jpeg, limits) == errc::out_of_budget);
  ++limits.memory;
  CHECK(gate_verdict(jpeg, limits) == errc{});

  const std::string scans = test::make_jpeg(test::waves(40, 30), {.order = test::jpeg_order::progressive});
  limits = {};
  limits.scans = inspect(scans)->scans - 1;
  CHECK(gate_verdict(scans, limits) == errc::too_many_scans);
  ++limits.scans;
  CHECK(gate_verdict(scans, limits) == errc{});
}

TEST_CASE("sizes that no machine can hold are refused by the header alone") {
  for (const std::size_t side : {std::size_t{50'000}, std::size_t{0x7FFFFFFF}})
    CHECK(gate_verdict(test::png_with_data({.width = side, .height = side}, test::deflate("x"))) ==
          errc::too_many_pixels);
  std::string jpeg = test::make_jpeg(test::waves(8, 8));
  const std::size_t frame = jpeg.find("\xFF\xC0");
  REQUIRE(frame != std::string::npos);
  jpeg.replace(frame + 5, 4, "\xFF\xDC\xFF\xDC"); // 65,500 x 65,500
  CHECK(gate_verdict(jpeg) == errc::too_many_pixels);
}

TEST_CASE("a file that breaks off anywhere is refused") {
  const std::string jpeg = test::make_jpeg(test::waves(16, 16)),
                    png = test::make_png({.width = 4, .height = 4}, [](std::size_t x, auto...) { return unsigned(x); });
  for (const std::string& whole : {jpeg, png}) {
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const std::string cut = whole.substr(0, length); // of its own, so that a sanitizer sees a step beyond
      const errc code = gate_verdict(cut);
      REQUIRE((code == errc::corrupt_image || (length < 8 && code == errc::not_an_image)));
    }
    CHECK(gate_verdict(whole) == errc{});
    CHECK(gate_verdict(whole + "trailing bytes") == errc{});
  }
}

TEST_CASE("a wrong byte anywhere is answered, not followed") {
  eucv::random engine(5);
  for (const std::string& whole : {test::make_jpeg(test::waves(16, 16), {.order = test::jpeg_order::progressive}),
                                   test::make_png({.width = 4, .height = 4}, [](auto...) { return 9U; })})
    for (int i = 0; i < 3000; ++i) {
      std::string wrong = whole;
      wrong[engine.below(wrong.size())] = static_cast<char>(engine.below(256));
      const auto found = inspect(wrong);
      if (found) {
        CHECK(found->width * found->height <= decode_limits{}.pixels);
        CHECK(found->memory <= decode_limits{}.memory);
      }
    }
}

TEST_CASE("a header without the data for its pixels is refused before memory is set aside") {
  std::string jpeg = test::make_jpeg(test::waves(8, 8));
  const std::size_t frame = jpeg.find("\xFF\xC0");
  REQUIRE(frame != std::string::npos);
  jpeg.replace(frame + 5, 4, test::big(5000, 2) + test::big(5000, 2));
  CHECK(gate_verdict(jpeg) == errc::corrupt_image);
  // Nothing honest is shorter: flat pictures, of which a block is one or two codes.
  for (const test::jpeg_order order : {test::jpeg_order::baseline, test::jpeg_order::progressive})
    for (const std::size_t side : {1U, 8U, 9U, 1000U})
      for (const int sampling : {1, 2})
        CHECK(gate_verdict(test::make_jpeg(black(side, side), {.quality = 1, .order = order, .sampling = sampling})) ==
              errc{});
  for (const int depth : {1, 8})
    for (const std::size_t side : {1U, 2000U})
      CHECK(gate_verdict(test::make_png({.width = side, .height = side, .colour = 0, .depth = depth},
                                        [](auto...) { return 0U; })) == errc{});
}

TEST_CASE("scans count for each pixel") {
  const std::string jpeg = test::make_jpeg(test::waves(40, 30), {.order = test::jpeg_order::progressive});
  decode_limits limits;
  limits.scan_pixels = 40 * 30 * inspect(jpeg)->scans;
  CHECK(gate_verdict(jpeg, limits) == errc{});
  --limits.scan_pixels;
  CHECK(gate_verdict(jpeg, limits) == errc::too_many_scans);
}
