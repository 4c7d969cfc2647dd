#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace test {

/// Numbers in [-1, 1) from a hash of a name and of their place, the same that tests/data/make_zoo.py computes.
inline std::vector<double> hashed(std::string_view name, std::size_t count) {
  std::uint64_t seed = 0xCBF29CE484222325U; // FNV-1a
  for (const char letter : name) seed = (seed ^ static_cast<unsigned char>(letter)) * 0x100000001B3U;
  std::vector<double> values(count);
  for (auto& each : values) {
    std::uint64_t z = seed += 0x9E3779B97F4A7C15U; // splitmix64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    z ^= z >> 31;
    each = static_cast<double>(z >> 40) / 0x1p23 - 1;
  }
  return values;
}

/// The value of a parameter or buffer of that name and PyTorch's dimensions.
inline std::vector<double> hashed_weights(std::string_view name, const std::vector<std::size_t>& dims) {
  std::size_t count = 1;
  for (const std::size_t extent : dims) count *= extent;
  auto values = hashed(name, count);
  const double scale = dims.size() > 1 ? std::sqrt(3 / static_cast<double>(count / dims[0])) : 0.2;
  for (double& each : values)
    if (dims.size() == 1 && name.ends_with("running_var"))
      each = 1 + 0.5 * each;
    else if (dims.size() == 1 && name.ends_with("weight"))
      each = 0.75 + 0.25 * each;
    else
      each *= scale;
  return values;
}

} // namespace test
