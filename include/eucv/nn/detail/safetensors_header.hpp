#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/json_text.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The header of a safetensors file is JSON of a closed form: an object of {"dtype", "shape", "data_offsets"} and one
// object of strings. A reader of just that form is short, allocates no tree, and takes nothing else for granted.
namespace eucv::nn::detail {

enum class stored_type { f32, f64, f16, bf16, i64 };

[[nodiscard]] constexpr std::size_t stored_size(stored_type type) noexcept {
  return type == stored_type::f32 ? 4 : type == stored_type::f16 || type == stored_type::bf16 ? 2 : 8;
}

struct safetensors_entry {
  std::string name;
  stored_type type{};
  std::vector<std::size_t> extents;
  std::size_t begin = 0, end = 0; // within the data
};

struct safetensors_header {
  std::vector<safetensors_entry> entries; // in the order of their data
  std::map<std::string, std::string> metadata;
  std::size_t data_at = 0;     // where the data begins in the file
  std::size_t checksum_at = 0; // where the text of "eucv.checksum" stands in the file
};

inline constexpr std::uint64_t safetensors_header_limit = 100'000'000;

class safetensors_header_parser {
public:
  safetensors_header_parser(std::string_view text, std::string_view source) : text_(text), source_(source) {}

  safetensors_header parse() {
    safetensors_header header;
    std::set<std::string> names;
    if (text_.empty() || text_.front() != '{') refuse("the header does not begin with {");
    object([&](std::string name) {
      if (!names.insert(name).second) refuse("the key \"" + name + "\" stands twice");
      if (name == "__metadata__")
        metadata(header);
      else
        header.entries.push_back(entry(std::move(name)));
    });
    blank();
    if (at_ != text_.size()) refuse("text follows the header's closing brace");
    return header;
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw error(errc::bad_format,
                {"read weights", std::string(source_), why, "it is no sound safetensors file; fetch or write it anew"});
  }

private:
  void blank() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }
  bool take(char letter) {
    blank();
    if (at_ == text_.size() || text_[at_] != letter) return false;
    return ++at_, true;
  }
  void expect(char letter) {
    if (!take(letter)) refuse(std::string("the header has no ") + letter + " at byte " + std::to_string(at_));
  }

  template <class Member>
  void object(Member member) {
    expect('{');
    if (take('}')) return;
    do {
      std::string key = string();
      expect(':');
      member(std::move(key));
    } while (take(','));
    expect('}');
  }

  std::vector<std::size_t> numbers() {
    std::vector<std::size_t> values;
    expect('[');
    if (take(']')) return values;
    do values.push_back(number());
    while (take(','));
    expect(']');
    return values;
  }

  std::size_t number() {
    blank();
    const std::size_t begin = at_;
    std::size_t value = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      const auto digit = static_cast<std::size_t>(text_[at_] - '0');
      if (value > (std::numeric_limits<std::size_t>::max() - digit) / 10) refuse("a number overflows 64 bits");
      value = value * 10 + digit;
    }
    if (at_ == begin) refuse("no whole number at byte " + std::to_string(at_) + " of the header");
    if (text_[begin] == '0' && at_ - begin > 1) refuse("a number begins with 0");
    return value;
  }

  std::uint32_t four_digits() {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char digit = at_ < text_.size() ? text_[at_] : '?';
      const std::size_t place = std::string_view("0123456789abcdef0123456789ABCDEF").find(digit);
      if (place == std::string_view::npos) refuse("a \\u escape without four digits");
      value = value * 16 + static_cast<std::uint32_t>(place % 16);
    }
    return value;
  }

  void escape(std::string& out) {
    const char kind = at_ < text_.size() ? text_[at_++] : '\0';
    if (const std::size_t place = std::string_view("\"\\/bfnrt").find(kind); place != std::string_view::npos) {
      out += "\"\\/\b\f\n\r\t"[place];
      return;
    }
    if (kind != 'u') refuse("an escape that JSON does not have");
    std::uint32_t code = four_digits();
    if (code >= 0xd800 && code < 0xdc00) {
      if (text_.substr(at_, 2) != "\\u") refuse("half a surrogate pair");
      at_ += 2;
      const std::uint32_t low = four_digits();
      if (low < 0xdc00 || low > 0xdfff) refuse("half a surrogate pair");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code >= 0xdc00 && code < 0xe000) {
      refuse("half a surrogate pair");
    }
    if (code == 0) refuse("a NUL in a string");
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    const auto tail = [&](int shift) { put(0x80 | ((code >> shift) & 0x3f)); };
    if (code < 0x80)
      put(code);
    else if (code < 0x800)
      put(0xc0 | (code >> 6)), tail(0);
    else if (code < 0x10000)
      put(0xe0 | (code >> 12)), tail(6), tail(0);
    else
      put(0xf0 | (code >> 18)), tail(12), tail(6), tail(0);
  }

  void letter(std::string& out) {
    if (static_cast<unsigned char>(text_[at_]) < 0x20) refuse("a control character in a string");
    const std::size_t size = eucv::detail::utf8_letter(text_.substr(at_));
    if (size == 0) refuse("a string that is no UTF-8");
    out.append(text_.substr(at_, size));
    at_ += size;
  }

  std::string string() {
    expect('"');
    string_at_ = at_;
    std::string out;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\')
        ++at_, escape(out);
      else
        letter(out);
    }
    if (at_ == text_.size()) refuse("a string without end");
    ++at_;
    return out;
  }

  void metadata(safetensors_header& header) {
    object([&](std::string key) {
      std::string value = string();
      if (key == "eucv.checksum") header.checksum_at = 8 + string_at_;
      if (!header.metadata.emplace(key, std::move(value)).second)
        refuse("the key \"" + key + "\" stands twice in __metadata__");
    });
  }

  safetensors_entry entry(std::string name) {
    safetensors_entry entry{std::move(name), {}, {}, 0, 0};
    std::optional<stored_type> type;
    std::optional<std::vector<std::size_t>> shape, offsets;
    const std::string which = "the tensor \"" + entry.name + "\" ";
    object([&](const std::string& key) {
      if (key == "dtype" && !type)
        type = type_of(string(), which);
      else if (key == "shape" && !shape)
        shape = numbers();
      else if (key == "data_offsets" && !offsets)
        offsets = numbers();
      else
        refuse(which + "has the key \"" + key + "\" that is unknown or stands twice");
    });
    if (!type || !shape || !offsets) refuse(which + "lacks one of dtype, shape and data_offsets");
    if (offsets->size() != 2 || offsets->front() > offsets->back()) refuse(which + "has no range of bytes");
    entry.type = *type;
    entry.begin = offsets->front();
    entry.end = offsets->back();
    std::size_t bytes = stored_size(entry.type);
    for (const std::size_t extent : *shape) {
      // Checked before the zero of a later extent could hide the overflow.
      if (extent != 0 && bytes > std::numeric_limits<std::size_t>::max() / extent)
        refuse(which + "has a shape whose product overflows");
      bytes *= std::max<std::size_t>(extent, 1);
    }
    if (std::find(shape->begin(), shape->end(), 0U) != shape->end()) bytes = 0;
    if (bytes != entry.end - entry.begin)
      refuse(which + "has " + std::to_string(entry.end - entry.begin) + " bytes where its type and shape need " +
             std::to_string(bytes));
    entry.extents = std::move(*shape);
    return entry;
  }

  stored_type type_of(const std::string& word, const std::string& which) const {
    if (word == "F32") return stored_type::f32;
    if (word == "F64") return stored_type::f64;
    if (word == "F16") return stored_type::f16;
    if (word == "BF16") return stored_type::bf16;
    if (word == "I64") return stored_type::i64;
    refuse(which + "has the type \"" + word + "\"; F32, F64, F16, BF16 and I64 are read");
  }

  std::string_view text_, source_;
  std::size_t at_ = 0, string_at_ = 0;
};

/// The header of the file `bytes`, checked against the file's size: the ranges of the tensors fill the data exactly.
[[nodiscard]] inline safetensors_header parse_safetensors_header(std::string_view bytes, std::string_view source) {
  const safetensors_header_parser nothing({}, source);
  if (bytes.size() < 8) nothing.refuse("it has " + std::to_string(bytes.size()) + " bytes, less than a header");
  std::uint64_t size = 0;
  std::memcpy(&size, bytes.data(), 8);
  if (size > safetensors_header_limit) nothing.refuse("its header announces more than 100 MB");
  if (size > bytes.size() - 8) nothing.refuse("its header is longer than the file");
  auto header = safetensors_header_parser(bytes.substr(8, static_cast<std::size_t>(size)), source).parse();
  header.data_at = 8 + static_cast<std::size_t>(size);
  std::sort(header.entries.begin(), header.entries.end(),
            [](const auto& a, const auto& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
  std::size_t end = 0;
  for (const auto& entry : header.entries) {
    if (entry.begin != end)
      nothing.refuse("the bytes of the tensor \"" + entry.name + "\" begin at " + std::to_string(entry.begin) +
                     " where those before it end at " + std::to_string(end));
    end = entry.end;
  }
  if (end != bytes.size() - header.data_at)
    nothing.refuse("it has " + std::to_string(bytes.size() - header.data_at) + " bytes of data where its header says " +
                   std::to_string(end));
  return header;
}

} // namespace eucv::nn::detail
