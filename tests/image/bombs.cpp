// What a file may cost, whatever it is: at most 64 MB of memory and a second of processor time, and an answer.
#include <eucv/image/decode.hpp>

#include "support/cost.hpp"
#include "support/image_bombs.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using namespace eucv::image;

#ifdef EUCV_WITH_TURBO
#define EUCV_TEST_DECODERS turbo, stb
#else
#define EUCV_TEST_DECODERS stb
#endif

namespace {

#ifdef __SANITIZE_ADDRESS__ // keeps what is freed, and takes its time
constexpr std::size_t most_bytes = std::size_t{512} << 20;
constexpr double most_seconds = 10;
#else
constexpr std::size_t most_bytes = 64'000'000;
constexpr double most_seconds = 1;
#endif

template <class Decoder>
std::string answer(std::string_view bytes, const decode_options& options = {}) {
  const auto picture = decode<Decoder>(bytes, options);
  return picture ? "picture" : picture.error().reason();
}

const std::vector<test::image_bomb>& bombs() {
  static const std::vector<test::image_bomb> made = test::image_bombs();
  return made;
}

} // namespace

TEST_CASE("the cost of an action is measured in a child") {
  const auto spent = test::cost_of([] {
    std::vector<char> held(80 << 20, 1);
    return std::string(1, char('0' + held.back()));
  });
  CHECK(spent.answer == "1");
  CHECK(spent.bytes > 64'000'000); // or the limits here would hold for anything
  CHECK(test::cost_of([]() -> std::string { return ::raise(SIGKILL), ""; }).answer == "signal 9");
}

TEST_CASE_TEMPLATE("bombs cost neither memory nor time", Decoder, EUCV_TEST_DECODERS) {
  for (const auto& bomb : bombs()) {
    const auto spent = test::cost_of([&] { return answer<Decoder>(bomb.bytes); });
    CAPTURE(bomb.name);
    CAPTURE(bomb.bytes.size());
    CHECK_MESSAGE(std::ranges::count(bomb.answers, spent.answer) == 1, spent.answer);
    CHECK(spent.seconds < most_seconds);
    CHECK(spent.bytes < most_bytes);
    if (std::getenv("EUCV_TEST_FIGURES") != nullptr)
      std::printf("%-6s %-50s %9zu bytes  %5.3f s  %6.1f MB  %s\n", std::string(Decoder::name).c_str(),
                  bomb.name.c_str(), bomb.bytes.size(), spent.seconds, double(spent.bytes) / 1e6, spent.answer.c_str());
  }
}

TEST_CASE_TEMPLATE("a file cut at any byte is refused, at no cost", Decoder, EUCV_TEST_DECODERS) {
  const auto level = [](std::size_t x, std::size_t y, int c) {
    return unsigned(7 * x * y + 13 * y + 29 * std::size_t(c)) % 256;
  };
  const std::vector<std::pair<const char*, std::string>> files{
      {"JPEG", test::make_jpeg(test::noise(48, 40), {.quality = 80, .sampling = 2})},
      {"progressive JPEG", test::make_jpeg(test::noise(40, 40), {.order = test::jpeg_order::progressive})},
      {"PNG", test::make_png({.width = 40, .height = 32}, level)},
      {"interlaced PNG", test::make_png({.width = 40, .height = 32, .interlaced = true}, level)}};
  for (const auto& [name, whole] : files) {
    CAPTURE(name);
    REQUIRE(whole.size() > 1000);
    REQUIRE(answer<Decoder>(whole) == "picture");
    const auto spent = test::cost_of([&whole = whole]() -> std::string {
      for (std::size_t length = 0; length < whole.size(); ++length) {
        const std::string cut = whole.substr(0, length); // of its own, so that a sanitizer sees a step beyond
        const std::string told = answer<Decoder>(cut);
        if (told != "corrupt_image" && (told != "not_an_image" || length >= 8))
          return told + " at " + std::to_string(length);
      }
      return "refused";
    });
    CHECK(spent.answer == "refused");
    CHECK(spent.bytes < most_bytes);
    CHECK(spent.seconds < most_seconds); // for all of its cuts
    // The gate sees most cuts. A decoder alone must stand them as well: behind an end marker, say.
    const std::string tail = whole.substr(0, 2) == "\xFF\xD8" ? "\xFF\xD9" : test::png_chunk("IEND", "");
    const auto ended = test::cost_of([&whole = whole, &tail]() -> std::string {
      for (std::size_t length = 0; length < whole.size(); ++length) {
        const std::string told = answer<Decoder>(whole.substr(0, length) + tail);
        if (told != "corrupt_image" && told != "not_an_image" && told != "picture")
          return told + " at " + std::to_string(length);
      }
      return "answered";
    });
    CHECK(ended.answer == "answered");
    CHECK(ended.bytes < most_bytes);
    CHECK(ended.seconds < most_seconds);
  }
}
