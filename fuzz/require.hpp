#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace fuzz {

/// The input as text.
inline std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

/// Ends the program where a promise is broken, which the fuzzer takes for a finding; not an assert(), which may be off.
inline void require(bool promise) {
  if (!promise) std::abort();
}

} // namespace fuzz
