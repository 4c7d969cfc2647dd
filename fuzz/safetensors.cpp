// A file of weights: entries that lie within the file one behind another, or bad_format.
#include <require.hpp>

#include <eucv/nn/detail/safetensors_header.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto text = fuzz::text_of(bytes, size);
  try {
    const auto header = eucv::nn::detail::parse_safetensors_header(text, "input");
    fuzz::require(header.data_at <= size);
    std::size_t end = 0;
    for (const auto& entry : header.entries) {
      fuzz::require(entry.begin == end && entry.end >= entry.begin);
      std::size_t count = 1;
      for (const std::size_t extent : entry.extents) count *= extent;
      fuzz::require(count * eucv::nn::detail::stored_size(entry.type) == entry.end - entry.begin);
      end = entry.end;
    }
    fuzz::require(end == size - header.data_at);
  } catch (const eucv::error& refusal) {
    fuzz::require(refusal.code() == eucv::errc::bad_format);
  }
  return 0;
}
