// A picture, by both decoders behind the gate: pixels as many as the header says, within small limits, or a refusal.
#include <require.hpp>

#include <eucv/image/decode.hpp>

namespace {

template <class Decoder>
void check(std::string_view bytes, const eucv::image::decode_options& options) {
  const auto picture = eucv::image::decode<Decoder>(bytes, options);
  if (!picture) return;
  fuzz::require(picture->width > 0 && picture->height > 0);
  fuzz::require(picture->width * picture->height <= options.limits.pixels);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto text = fuzz::text_of(bytes, size);
  eucv::image::decode_options options;
  options.limits = {.bytes = 1 << 20, .pixels = 100'000, .scans = 20, .memory = std::size_t{16} << 20};
  options.shorter_side = size % 3 == 0 ? 16 : 0;
  check<eucv::image::stb>(text, options);
#ifdef EUCV_WITH_TURBO
  check<eucv::image::turbo>(text, options);
#endif
  return 0;
}
