#pragma once

#include <eucv/core/digest.hpp>
#include <eucv/nn/safetensors.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>

namespace test {

/// SHA-256 of the tensors of a safetensors file, in the order of their names: of each its name and extents as text,
/// "conv.weight 32 3 3 3\n", and its values as they lie in the file. Metadata and the order in the file do not count.
inline std::string tensor_digest(const std::filesystem::path& file) {
  auto content = eucv::nn::read_safetensors(file);
  std::ranges::sort(content.arrays, {}, &eucv::nn::named_array::name);
  eucv::sha256 digest;
  for (const auto& array : content.arrays) {
    std::string title = array.name;
    for (const std::size_t extent : array.extents) title += " " + std::to_string(extent);
    digest.update(title + "\n");
    digest.update({reinterpret_cast<const char*>(array.values.data()), array.values.size() * sizeof(float)});
  }
  return digest.text();
}

} // namespace test
