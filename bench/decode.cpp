// From the bytes of a photograph to a small picture: decoding and area resizing, in pictures a second.
// The photographs are made here, about 1.5 megapixels each, with the detail of a scan.
//
// The peer is stb_image with stb_image_resize. A third line puts eucv's area filter behind stb_image, so that the two
// decoders can be compared alone.

#include "machine.hpp"

#include <eucv/core/random.hpp>
#include <eucv/image/bitmap.hpp>
#include <eucv/image/decode.hpp>
#include <eucv/image/encode.hpp>
#include <eucv/image/resize.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#define STB_IMAGE_RESIZE_IMPLEMENTATION
#define STB_IMAGE_RESIZE_STATIC
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <stb_image_resize.h>
#pragma GCC diagnostic pop

namespace {

// Waves and grain: a JPEG of about 300 KB, as museums publish them.
std::string photograph(std::uint64_t seed) {
  eucv::random engine(seed);
  eucv::image::bitmap picture{.width = 1400, .height = 1070, .rgb = {}};
  picture.rgb.resize(picture.width * picture.height * 3);
  const double a = engine.uniform(0.01, 0.05), b = engine.uniform(0.01, 0.05);
  std::size_t at = 0;
  for (std::size_t y = 0; y < picture.height; ++y)
    for (std::size_t x = 0; x < picture.width; ++x)
      for (std::size_t channel = 0; channel < 3; ++channel) {
        const double wave = std::sin(a * double(x) + double(channel)) * std::cos(b * double(y));
        picture.rgb[at++] = std::uint8_t(127.5 + 90 * wave + 12 * engine.normal() * (wave > 0 ? 1 : 0.3));
      }
  return eucv::image::encode_jpeg(picture, 85);
}

const std::vector<std::string>& photographs() {
  static const std::vector<std::string> made = [] {
    std::vector<std::string> files;
    for (std::uint64_t seed = 0; seed < 8; ++seed) files.push_back(photograph(seed));
    return files;
  }();
  return made;
}

eucv::image::bitmap shrink_by_area(const eucv::image::bitmap& picture) {
  return eucv::image::shrink_shorter_side(picture, 128);
}

eucv::image::bitmap shrink_by_stb(const eucv::image::bitmap& picture) {
  const std::size_t shorter = std::min(picture.width, picture.height);
  auto small = eucv::image::black(picture.width * 128 / shorter, picture.height * 128 / shorter);
  stbir_resize_uint8(picture.rgb.data(), int(picture.width), int(picture.height), 0, small.rgb.data(), int(small.width),
                     int(small.height), 0, 3);
  return small;
}

template <class Decoder>
void to_128(benchmark::State& state, eucv::image::bitmap (*shrink)(const eucv::image::bitmap&)) {
  const auto& files = photographs();
  for (auto _ : state)
    bench::pool().for_each(files.size(), [&](std::size_t i) {
      const auto picture =
          eucv::image::decode<Decoder>(files[i], eucv::image::decode_options{.shorter_side = 128}).value();
      benchmark::DoNotOptimize(shrink(picture));
    });
  state.counters["images/s"] =
      benchmark::Counter(double(files.size()) * double(state.iterations()), benchmark::Counter::kIsRate);
}

} // namespace

int main(int argc, char** argv) {
  const auto add = [](const char* name, auto decode, auto shrink) {
    benchmark::RegisterBenchmark(name, decode, shrink)->Unit(benchmark::kMillisecond)->UseRealTime();
  };
#ifdef EUCV_WITH_TURBO
  add("jpeg-1.5mp-to-128", to_128<eucv::image::turbo>, shrink_by_area);
#endif
  add("jpeg-1.5mp-to-128-stb", to_128<eucv::image::stb>, shrink_by_stb);
  add("jpeg-1.5mp-to-128-stb-area", to_128<eucv::image::stb>, shrink_by_area);
  return bench::run(argc, argv);
}
