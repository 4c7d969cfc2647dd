#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace test {

/// One field of a Protocol Buffers message: a number, or bytes that may be a message themselves.
struct protobuf_field {
  unsigned number = 0;
  std::uint64_t integer = 0;
  float real = 0;
  double real64 = 0;
  std::string_view bytes{};
};

/// The fields of a message, in their order. Throws where the bytes are none.
inline std::vector<protobuf_field> read_protobuf(std::string_view bytes) {
  std::vector<protobuf_field> fields;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      if (bytes.empty() || shift > 63) throw std::runtime_error("a number that does not end");
      const auto byte = static_cast<unsigned char>(bytes.front());
      bytes.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return value;
    }
  };
  while (!bytes.empty()) {
    const auto tag = varint();
    protobuf_field field{.number = static_cast<unsigned>(tag >> 3U)};
    const auto take = [&](std::size_t count) {
      if (count > bytes.size()) throw std::runtime_error("a field beyond the end");
      const auto taken = bytes.substr(0, count);
      bytes.remove_prefix(count);
      return taken;
    };
    switch (tag & 7U) {
    case 0: field.integer = varint(); break;
    case 1: std::memcpy(&field.real64, take(8).data(), 8); break;
    case 2: field.bytes = take(varint()); break;
    case 5: std::memcpy(&field.real, take(4).data(), 4); break;
    default: throw std::runtime_error("a type of field that nobody writes");
    }
    fields.push_back(field);
  }
  return fields;
}

/// The first field with that number. Throws where there is none.
inline protobuf_field field_of(std::string_view message, unsigned number) {
  for (const auto& field : read_protobuf(message))
    if (field.number == number) return field;
  throw std::runtime_error("no field " + std::to_string(number));
}

/// The bytes of all fields with that number.
inline std::vector<std::string> texts_of(std::string_view message, unsigned number) {
  std::vector<std::string> found;
  for (const auto& field : read_protobuf(message))
    if (field.number == number) found.emplace_back(field.bytes);
  return found;
}

} // namespace test
