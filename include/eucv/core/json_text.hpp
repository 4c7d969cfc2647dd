#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>

namespace eucv {

namespace detail {

// Bytes of the UTF-8 letter (RFC 3629) that `text` begins with, or 0 where it begins with none: overlong forms,
// surrogates and what lies beyond U+10FFFF are none.
[[nodiscard]] constexpr std::size_t utf8_letter(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = byte(0);
  if (text.empty() || first < 0x80) return text.empty() ? 0 : 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const std::size_t size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const unsigned low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const unsigned high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < size; ++i)
    if (byte(i) < 0x80 || byte(i) > 0xbf) return 0;
  return size;
}

} // namespace detail

/// `text` as a JSON string, quotes included. Bytes that are no UTF-8, as old file names hold, become U+FFFD each.
[[nodiscard]] inline std::string json_string(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t size = detail::utf8_letter(text);
    const auto byte = static_cast<unsigned char>(text.front());
    if (size == 0)
      out += "\xef\xbf\xbd";
    else if (byte == '"' || byte == '\\')
      (out += '\\') += text.front();
    else if (byte < 0x20)
      ((out += "\\u00") += "0123456789abcdef"[byte >> 4]) += "0123456789abcdef"[byte & 15];
    else
      out += text.substr(0, size);
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return out + '"';
}

/// The shortest JSON number that reads back as `value`; null where it is infinite or no number, which JSON cannot say.
[[nodiscard]] inline std::string json_number(double value) {
  if (!std::isfinite(value)) return "null";
  std::array<char, 32> digits{};
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
}

} // namespace eucv
