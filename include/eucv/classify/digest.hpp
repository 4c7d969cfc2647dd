#pragma once

#include <eucv/core/digest.hpp>
#include <eucv/core/file.hpp>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <fcntl.h>

namespace eucv::classify {

/// The digest of a model's folder, by which a statement names the model that made it: labels, preprocessing, thresholds
/// and weights. 64 hexadecimal digits, which a shell gets from `sha256sum model.json weights.safetensors | sha256sum`
/// in that folder. Throws what reading the two files throws.
[[nodiscard]] inline std::string model_digest(const std::filesystem::path& folder) {
  std::string lines;
  for (const char* name : {"model.json", "weights.safetensors"}) {
    sha256 digest;
    file input(folder / name, O_RDONLY);
    std::vector<char> piece(std::size_t{1} << 16);
    while (const std::size_t count = input.read(std::span(piece))) digest.update({piece.data(), count});
    lines += digest.text() + "  " + name + '\n';
  }
  return sha256_text(lines);
}

} // namespace eucv::classify
