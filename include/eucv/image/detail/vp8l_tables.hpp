#pragma once

#include <eucv/core/implementation.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace eucv::image::detail {

/// An upper bound, in bytes, of the tables that a decoder makes for the prefix codes of a lossless WebP stream (VP8L):
/// one group of tables a tile. The size of the tiles stands behind the transforms, whose parameters are entropy-coded
/// pictures themselves and must be read through to reach it. Without this bound a file of 300 KB could make libwebp
/// allocate more than a gigabyte: a tile may be as small as 4 x 4 pixels, 3 bytes of the file for 12 KB of tables.
///
/// `stream` begins at the transforms, after the header of 5 bytes. Nothing where it is broken before its tiles are
/// known. Source: RFC 9649, section 3; sizes of the tables as in libwebp 1.2.4.
[[nodiscard]] std::optional<std::size_t> vp8l_table_memory(std::string_view stream, std::size_t width,
                                                           std::size_t height);

} // namespace eucv::image::detail

#ifdef EUCV_IMPLEMENTATION_IMAGE
#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace eucv::image::detail {

// A canonical prefix code. The highest bit of a code comes first.
struct vp8l_code {
  std::array<std::size_t, 16> count{};  // of symbols by length
  std::vector<std::uint16_t> symbols{}; // by length, then by value
};

// Reads a stream from its lowest bits on. After a fault or the end it yields zeros, so every loop asks has_fault().
class vp8l_reader {
public:
  explicit vp8l_reader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool has_fault() const noexcept { return has_fault_ || place_ > bytes_.size() * 8; }

  std::size_t number(std::size_t bits) {
    std::size_t value = 0;
    for (std::size_t i = 0; i < bits; ++i, ++place_)
      if (place_ / 8 < bytes_.size())
        value |= std::size_t{static_cast<unsigned char>(bytes_[place_ / 8]) >> (place_ % 8) & 1U} << i;
    return value;
  }

  // The bits of the colour cache, 0 where there is none.
  std::size_t cache_bits() {
    if (number(1) == 0) return 0;
    const std::size_t bits = number(4);
    if (bits < 1 || bits > 11) has_fault_ = true;
    return bits;
  }

  // Reads through the entropy-coded picture that holds the parameters of a transform.
  void skip_picture(std::size_t pixels) {
    const std::size_t cache = cache_bits();
    if (has_fault()) return;
    const vp8l_code green = code(256 + 24 + (cache == 0 ? 0 : std::size_t{1} << cache)), red = code(256),
                    blue = code(256), alpha = code(256), distance = code(40);
    while (pixels > 0 && !has_fault()) {
      const std::size_t read = symbol(green);
      std::size_t covered = 1;
      if (read < 256) {
        symbol(red), symbol(blue), symbol(alpha);
      } else if (read < 256 + 24) {
        covered = copy_number(read - 256);
        copy_number(symbol(distance));
      }
      if (covered > pixels) has_fault_ = true;
      pixels -= covered;
    }
  }

private:
  std::size_t copy_number(std::size_t prefix) {
    if (prefix < 4) return prefix + 1;
    const std::size_t extra = (prefix - 2) / 2;
    return ((2 + prefix % 2) << extra) + number(extra) + 1;
  }

  std::size_t symbol(const vp8l_code& from) {
    if (from.symbols.size() == 1) return from.symbols[0]; // takes no bit
    std::size_t read = 0, first = 0, index = 0;
    for (std::size_t length = 1; length < from.count.size(); ++length) {
      read |= number(1);
      if (read < first + from.count[length]) return from.symbols[index + read - first];
      index += from.count[length];
      first = (first + from.count[length]) * 2;
      read *= 2;
    }
    has_fault_ = true;
    return 0;
  }

  vp8l_code code_of(std::span<const std::uint8_t> lengths) {
    vp8l_code made;
    std::size_t open = std::size_t{1} << 15; // codes of 15 bits that are not taken
    for (std::size_t length = 1; length < made.count.size(); ++length)
      for (std::size_t value = 0; value < lengths.size(); ++value)
        if (lengths[value] == length) {
          ++made.count[length];
          made.symbols.push_back(static_cast<std::uint16_t>(value));
          open -= std::size_t{1} << (15 - length); // wraps around where there are too many
        }
    if (made.symbols.empty() || (made.symbols.size() > 1 && open != 0)) has_fault_ = true;
    if (has_fault_) made = {{}, {0}};
    return made;
  }

  vp8l_code code(std::size_t alphabet) {
    std::vector<std::uint8_t> lengths(std::max<std::size_t>(alphabet, 256));
    const std::span known(lengths.data(), alphabet);
    if (number(1) != 0) { // one or two symbols; libwebp ignores one outside of the alphabet
      const std::size_t symbols = number(1) + 1;
      lengths[number(number(1) == 0 ? 1 : 8)] = 1;
      if (symbols == 2) lengths[number(8)] = 1;
      return code_of(known);
    }
    static constexpr std::array<std::uint8_t, 19> order{17, 18, 0, 1,  2,  3,  4,  5,  16, 6,
                                                        7,  8,  9, 10, 11, 12, 13, 14, 15};
    std::array<std::uint8_t, 19> length_lengths{};
    for (std::size_t i = 0, count = number(4) + 4; i < count; ++i)
      length_lengths[order[i]] = static_cast<std::uint8_t>(number(3));
    const vp8l_code length_code = code_of(length_lengths);
    std::size_t left = alphabet; // symbols of the length code
    if (number(1) != 0) left = 2 + number(2 + 2 * number(3));
    if (left > alphabet) has_fault_ = true;
    std::uint8_t previous = 8;
    for (std::size_t at = 0; at < alphabet && left > 0 && !has_fault(); --left) {
      const std::size_t read = symbol(length_code);
      if (read < 16) {
        lengths[at++] = static_cast<std::uint8_t>(read);
        if (read != 0) previous = lengths[at - 1];
        continue;
      }
      const std::size_t times = read == 16 ? 3 + number(2) : read == 17 ? 3 + number(3) : 11 + number(7);
      if (times > alphabet - at) {
        has_fault_ = true;
        break;
      }
      for (std::size_t i = 0; i < times; ++i) lengths[at++] = read == 16 ? previous : std::uint8_t{0};
    }
    return code_of(known);
  }

  std::string_view bytes_;
  std::size_t place_ = 0; // in bits
  bool has_fault_ = false;
};

std::optional<std::size_t> vp8l_table_memory(std::string_view stream, std::size_t width, std::size_t height) {
  vp8l_reader reader(stream);
  const auto tiles = [&](std::size_t bits) {
    const std::size_t side = std::size_t{1} << bits;
    return (width + side - 1) / side * ((height + side - 1) / side);
  };
  unsigned seen = 0; // transforms, a bit for each: none comes twice
  while (reader.number(1) != 0) {
    const std::size_t transform = reader.number(2);
    if ((seen >> transform & 1U) != 0 || reader.has_fault()) return std::nullopt;
    seen |= 1U << transform;
    if (transform < 2) { // of predictors, of colours
      const std::size_t bits = reader.number(3) + 2;
      reader.skip_picture(tiles(bits));
    } else if (transform == 3) { // a palette, which packs pixels where it is small
      const std::size_t colours = reader.number(8) + 1;
      reader.skip_picture(colours);
      const std::size_t packed = colours <= 2 ? 8 : colours <= 4 ? 4 : colours <= 16 ? 2 : 1;
      width = (width + packed - 1) / packed;
    }
    if (reader.has_fault()) return std::nullopt;
  }
  const std::size_t cache = reader.cache_bits();
  const std::size_t groups = reader.number(1) == 0 ? 1 : tiles(reader.number(3) + 2);
  if (reader.has_fault()) return std::nullopt;
  const std::size_t entries = 2960 + (cache == 0 ? 0 : std::size_t{1} << cache); // of 4 bytes; 600 of the group itself
  return std::min<std::size_t>(groups, 65'536) * (entries * 4 + 600);
}

} // namespace eucv::image::detail
#endif
