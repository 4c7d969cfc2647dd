#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/nn/detail/safetensors_header.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::nn {

/// One array of a file of weights: row-major, in PyTorch's order of axes (a convolution is out, in, height, width).
struct named_array {
  std::string name;
  std::vector<std::size_t> extents;
  std::vector<float> values;
  friend bool operator==(const named_array&, const named_array&) = default;
};

/// "[64, 3, 7, 7]", for messages.
[[nodiscard]] inline std::string extents_text(std::span<const std::size_t> extents) {
  std::string text = "[";
  for (const std::size_t extent : extents) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + "]";
}

/// The content of a safetensors file.
struct tensor_file {
  std::string source = {}; ///< path, for messages
  std::vector<named_array> arrays = {};
  std::map<std::string, std::string> metadata = {};
  bool checked = false; ///< when read: a checksum stood in the file, and fits

  /// The array of that name, or nullptr. Linear in the number of arrays.
  [[nodiscard]] const named_array* find(std::string_view name) const noexcept {
    for (const auto& array : arrays)
      if (array.name == name) return &array;
    return nullptr;
  }
  /// The array of that name. Throws missing_tensor where there is none, and shape_mismatch where its extents differ.
  [[nodiscard]] const named_array& at(std::string_view name, std::span<const std::size_t> extents) const {
    const named_array* const array = find(name);
    if (array == nullptr)
      throw error(errc::missing_tensor, {"read weights", source, "it holds no tensor \"" + std::string(name) + "\"",
                                         "check that the file belongs to this architecture"});
    if (!std::equal(extents.begin(), extents.end(), array->extents.begin(), array->extents.end()))
      throw error(errc::shape_mismatch,
                  {"read weights", source,
                   "the tensor \"" + array->name + "\" has the shape " + extents_text(array->extents) +
                       " where the model has " + extents_text(extents),
                   "check that the file belongs to this architecture and number of classes"});
    return *array;
  }
};

namespace detail {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian, and read as they lie");

// FNV-1a over words of 8 bytes: each step is a bijection of the state, so a fault within one word never goes unseen.
[[nodiscard]] inline std::uint64_t checksum(std::string_view bytes, std::uint64_t state) noexcept {
  for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(8, bytes.size()))) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), std::min<std::size_t>(8, bytes.size()));
    state = (state ^ word) * 0x100000001b3ULL;
  }
  return state;
}

// The digits as they stand in the file count as zeros, since they cannot take part in the sum that they state.
inline constexpr std::string_view checksum_key = "eucv.checksum", checksum_zeros = "0000000000000000";

[[nodiscard]] inline std::string checksum_digits(std::string_view file, std::size_t digits_at) {
  std::uint64_t sum = checksum(file.substr(0, digits_at), 0xcbf29ce484222325ULL);
  sum = checksum(file.substr(digits_at + checksum_zeros.size()), checksum(checksum_zeros, sum));
  std::string digits(checksum_zeros);
  for (std::size_t i = 16; i-- > 0; sum >>= 4) digits[i] = "0123456789abcdef"[sum & 15];
  return digits;
}

[[nodiscard]] inline float from_half(std::uint16_t bits) noexcept {
  const int exponent = (bits >> 10) & 31;
  const float fraction = static_cast<float>(bits & 1023);
  const float size = exponent == 0    ? std::ldexp(fraction, -24)
                     : exponent == 31 ? (fraction == 0 ? INFINITY : NAN)
                                      : std::ldexp(1024 + fraction, exponent - 25);
  return (bits & 0x8000) != 0 ? -size : size;
}

template <class Stored, class Convert>
void convert(std::string_view bytes, std::vector<float>& values, Convert to_float) {
  values.resize(bytes.size() / sizeof(Stored));
  for (std::size_t i = 0; i < values.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    values[i] = to_float(stored);
  }
}

inline void convert(stored_type type, std::string_view bytes, std::vector<float>& values) {
  switch (type) {
  case stored_type::f32:
    values.resize(bytes.size() / sizeof(float));
    if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
    return;
  case stored_type::f64: return convert<double>(bytes, values, [](double x) { return static_cast<float>(x); });
  case stored_type::f16: return convert<std::uint16_t>(bytes, values, from_half);
  case stored_type::bf16:
    return convert<std::uint16_t>(bytes, values, [](std::uint32_t x) { return std::bit_cast<float>(x << 16); });
  case stored_type::i64: return convert<std::int64_t>(bytes, values, [](auto x) { return static_cast<float>(x); });
  }
}

} // namespace detail

/// Parses an untrusted safetensors file.
///
/// F32 comes as it is; F64, F16, BF16 and I64 become float; other types are refused. Refused with bad_format: a header
/// beyond 100 MB or the file, JSON outside the format's few forms, keys that stand twice, shapes whose product
/// overflows or contradicts the byte range, ranges that overlap, leave a gap or end elsewhere than the file, and a
/// checksum, where write_safetensors() left one, that does not fit. A value that is infinite or no number, or no
/// longer fits a float, is refused with non_finite. `source` names the bytes in messages.
[[nodiscard]] inline tensor_file parse_safetensors(std::string_view bytes, std::string source) {
  auto header = detail::parse_safetensors_header(bytes, source);
  tensor_file content{.source = std::move(source), .metadata = std::move(header.metadata)};
  if (const auto sum = content.metadata.find(std::string(detail::checksum_key)); sum != content.metadata.end()) {
    if (sum->second.size() != detail::checksum_zeros.size() ||
        detail::checksum_digits(bytes, header.checksum_at) != sum->second)
      throw error(errc::bad_format, {"read weights", content.source, "its checksum does not fit its content",
                                     "the file is damaged; take an older copy or train anew"});
    content.metadata.erase(sum);
    content.checked = true;
  }
  content.arrays.reserve(header.entries.size());
  for (auto& entry : header.entries) {
    auto& array = content.arrays.emplace_back(std::move(entry.name), std::move(entry.extents), std::vector<float>{});
    detail::convert(entry.type, bytes.substr(header.data_at + entry.begin, entry.end - entry.begin), array.values);
    for (const float value : array.values)
      if (!std::isfinite(value))
        throw error(errc::non_finite,
                    {"read weights", content.source,
                     "the tensor \"" + array.name + "\" holds a value that is infinite or not a number",
                     "take a file from before the training went astray"});
  }
  return content;
}

/// parse_safetensors() of a file. Throws also not_found, permission_denied, io, and too_large beyond 4 GiB.
[[nodiscard]] inline tensor_file read_safetensors(const std::filesystem::path& path) {
  return parse_safetensors(read_file(path), path.string());
}

/// The bytes of a file that holds `content`, all values as F32, with a checksum of the whole among the metadata.
/// Throws invalid_argument where a name stands twice or an array has not as many values as its extents say.
[[nodiscard]] inline std::string safetensors_bytes(const tensor_file& content) {
  const auto refuse = [&](const std::string& name, const std::string& why) {
    return error(errc::invalid_argument, {"write weights", content.source, "the tensor \"" + name + "\" " + why, ""});
  };
  std::string bytes(8, '\0');
  const std::string opening = "{\"__metadata__\":{" + json_string(detail::checksum_key) + ":\"";
  const std::size_t digits_at = bytes.size() + opening.size();
  bytes += opening + std::string(detail::checksum_zeros) + "\"";
  for (const auto& [key, value] : content.metadata) bytes += "," + json_string(key) + ":" + json_string(value);
  bytes += "}";
  std::set<std::string_view> names{"__metadata__"};
  std::size_t offset = 0;
  for (const auto& array : content.arrays) {
    std::size_t count = 1;
    for (const std::size_t extent : array.extents) count *= extent;
    if (count != array.values.size())
      throw refuse(array.name, "has " + std::to_string(array.values.size()) + " values and the shape " +
                                   extents_text(array.extents));
    if (!names.insert(array.name).second) throw refuse(array.name, "stands twice, or has a name that is kept free");
    std::string extents = extents_text(array.extents);
    std::erase(extents, ' ');
    bytes += "," + json_string(array.name) + ":{\"dtype\":\"F32\",\"shape\":" + extents + ",\"data_offsets\":[" +
             std::to_string(offset);
    offset += count * sizeof(float);
    bytes += "," + std::to_string(offset) + "]}";
  }
  bytes += "}";
  bytes.append((8 - bytes.size() % 8) % 8, ' '); // data begins at a multiple of 8, so that it can be mapped
  const std::uint64_t header_size = bytes.size() - 8;
  std::memcpy(bytes.data(), &header_size, 8);
  bytes.reserve(bytes.size() + offset);
  for (const auto& array : content.arrays)
    bytes.append(reinterpret_cast<const char*>(array.values.data()), array.values.size() * sizeof(float));
  bytes.replace(digits_at, detail::checksum_zeros.size(), detail::checksum_digits(bytes, digits_at));
  return bytes;
}

/// Replaces `path` by safetensors_bytes(), atomically: whatever happens, the old file or the new one is there, whole.
inline void write_safetensors(const std::filesystem::path& path, const tensor_file& content) {
  write_file_atomically(path, safetensors_bytes(content));
}

} // namespace eucv::nn
