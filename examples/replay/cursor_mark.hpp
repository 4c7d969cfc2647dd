#pragma once

#include <openssl/evp.h>

#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace replay {

/// Where a page of a cursor begins, and the order that it was cut from.
///
/// Written as Base64 that holds `+`, `/` and `=`, as Solr's marks do: a client that forgets to percent-encode them, or
/// encodes them twice, is found out.
struct cursor_mark {
  std::size_t position = 0;
  std::string sort;

  [[nodiscard]] std::string text() const {
    std::string bytes = head + std::to_string(position) + '\n' + sort;
    bytes.append((4 - bytes.size() % 3) % 3, '\n'); // one byte more than a multiple of three ends in "=="
    std::string encoded(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int size = EVP_EncodeBlock(letters(encoded), letters(bytes), static_cast<int>(bytes.size()));
    encoded.resize(static_cast<std::size_t>(size));
    return encoded;
  }

  static std::optional<cursor_mark> parse(std::string text) {
    std::string bytes(text.size(), '\0');
    const int size = EVP_DecodeBlock(letters(bytes), letters(text), static_cast<int>(text.size()));
    if (size < 0 || !bytes.starts_with(head)) return std::nullopt;
    cursor_mark mark;
    const char* const begin = bytes.data() + head.size();
    const auto [end, fault] = std::from_chars(begin, bytes.data() + bytes.size(), mark.position);
    if (fault != std::errc() || *end != '\n') return std::nullopt;
    mark.sort = bytes.substr(static_cast<std::size_t>(end + 1 - bytes.data()));
    mark.sort.resize(mark.sort.find_last_not_of(std::string("\n\0", 2)) + 1);
    if (mark.text() != text) return std::nullopt; // cut off, or changed on the way
    return mark;
  }

private:
  static unsigned char* letters(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

  static inline const std::string head = "\xfb\xef\xbf\xff\x02"; // encodes to "+++//wI", whatever follows
};

} // namespace replay
