#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace eucv::nn {

/// Writes one message of Protocol Buffers (protobuf.dev/programming-guides/encoding), field by field. The numbers of
/// the fields are those of the message's .proto file; a repeated field is written once for each of its values.
class protobuf_message {
public:
  /// An integer field (int32, int64, bool, enum): seven bits a byte, the lowest first.
  protobuf_message& integer(unsigned field, std::int64_t value) {
    tag(field, 0);
    varint(static_cast<std::uint64_t>(value));
    return *this;
  }
  /// A float field: four bytes, the lowest first.
  protobuf_message& real(unsigned field, float value) {
    tag(field, 5);
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (int shift = 0; shift < 32; shift += 8) bytes_ += static_cast<char>(bits >> shift & 0xFFU);
    return *this;
  }
  /// A double field: eight bytes, the lowest first.
  protobuf_message& real64(unsigned field, double value) {
    tag(field, 1);
    const auto bits = std::bit_cast<std::uint64_t>(value);
    for (int shift = 0; shift < 64; shift += 8) bytes_ += static_cast<char>(bits >> shift & 0xFFU);
    return *this;
  }
  /// A string or bytes field.
  protobuf_message& text(unsigned field, std::string_view value) {
    tag(field, 2);
    varint(value.size());
    bytes_ += value;
    return *this;
  }
  /// A message within this one.
  protobuf_message& message(unsigned field, const protobuf_message& inner) { return text(field, inner.bytes_); }

  /// What has been written so far.
  [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

private:
  void tag(unsigned field, unsigned wire_type) { varint(field << 3U | wire_type); }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) bytes_ += static_cast<char>(value | 0x80U);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

} // namespace eucv::nn
