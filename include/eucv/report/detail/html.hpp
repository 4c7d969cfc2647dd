#pragma once

#include <eucv/core/digest.hpp>
#include <eucv/core/json_text.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace eucv::report {

/// `text` as HTML, inside of an element or of a quoted attribute. Control characters and bytes that are no UTF-8 become
/// U+FFFD; tab and line feed stay.
[[nodiscard]] inline std::string escape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t size = eucv::detail::utf8_letter(text);
    const auto byte = static_cast<unsigned char>(text.front());
    if (size == 0 || byte == 0x7f || (byte < 0x20 && byte != '\t' && byte != '\n'))
      out += "\xef\xbf\xbd";
    else if (byte == '&')
      out += "&amp;";
    else if (byte == '<')
      out += "&lt;";
    else if (byte == '>')
      out += "&gt;";
    else if (byte == '"')
      out += "&quot;";
    else if (byte == '\'')
      out += "&#39;";
    else
      out += text.substr(0, size);
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return out;
}

/// The same inside of an element, where a long name may be broken after '_' and '/'.
[[nodiscard]] inline std::string breakable(std::string_view text) {
  std::string out;
  for (const char letter : escape(text)) {
    out += letter;
    if (letter == '_' || letter == '/') out += "<wbr>";
  }
  return out;
}

/// Bytes as base64 (RFC 4648), padded.
[[nodiscard]] inline std::string base64(std::string_view bytes) {
  static constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t at) {
      return at < bytes.size() ? static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at])) : 0U;
    };
    const std::uint32_t three = byte(i) << 16U | byte(i + 1) << 8U | byte(i + 2);
    out += letters[three >> 18U];
    out += letters[three >> 12U & 63U];
    out += i + 1 < bytes.size() ? letters[three >> 6U & 63U] : '=';
    out += i + 2 < bytes.size() ? letters[three & 63U] : '=';
  }
  return out;
}

/// A JPEG inside of a page, as the value of `src`.
[[nodiscard]] inline std::string jpeg_source(std::string_view jpeg) {
  return "data:image/jpeg;base64," + base64(jpeg);
}

/// What a Content-Security-Policy calls a script or style of exactly this text: 'sha256-...'.
[[nodiscard]] inline std::string policy_source(std::string_view text) {
  sha256 digest;
  digest.update(text);
  const std::string digits = digest.text();
  std::string bytes;
  const auto nibble = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 0; i < digits.size(); i += 2)
    bytes += static_cast<char>(nibble(digits[i]) << 4 | nibble(digits[i + 1]));
  return "'sha256-" + base64(bytes) + "'";
}

/// A number with so many digits after the point; "–" where there is none.
[[nodiscard]] inline std::string number(double value, int digits = 3) {
  if (!std::isfinite(value)) return "–";
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

/// A number of any size with two digits that matter: "0.0032" or "1.5e-05".
[[nodiscard]] inline std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2g", value);
  return text;
}

/// A part as "87.5 %", with a space that does not break.
[[nodiscard]] inline std::string percent(double part, int digits = 1) {
  return std::isfinite(part) ? number(100 * part, digits) + "\u00a0%" : number(part);
}

} // namespace eucv::report
