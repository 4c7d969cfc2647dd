#pragma once

#include <eucv/core/implementation.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::dataset {

/// A file in a tar archive, and where its bytes lie.
struct tar_entry {
  std::string name;
  std::uint64_t offset = 0, size = 0;
  friend bool operator==(const tar_entry&, const tar_entry&) = default;
};

/// Bytes of a tar block; each header is one, and contents are padded to whole ones.
inline constexpr std::uint64_t tar_block = 512;

/// The header of a regular file in the ustar format (POSIX.1-1988): mode 0644, owner 0, time 0, so that equal contents
/// make equal archives. Throws errc::invalid_argument for a name of more than 100 bytes, or one that read_tar()
/// refuses, and for 8 GiB and more.
[[nodiscard]] std::string tar_header(std::string_view name, std::uint64_t size);

/// The padding behind a content of that size.
[[nodiscard]] inline std::string tar_padding(std::uint64_t size) {
  return std::string(static_cast<std::size_t>((tar_block - size % tar_block) % tar_block), '\0');
}

/// What ends an archive: two blocks of zeros.
[[nodiscard]] inline std::string tar_end() {
  return std::string(2 * tar_block, '\0');
}

/// Lists the files of an archive in their order, without reading their contents.
///
/// Strict, since shards come from others as well: each header has a right check sum and plain octal numbers; each entry
/// is a regular file of at most `limit` bytes with a name below the archive (relative, without "." and "..", control
/// characters or '\') that stands there once; the archive ends with its two blocks. Links, devices, folders and the
/// extensions of GNU and pax are refused. Throws errc::bad_format with the place of the fault, errc::too_large, and
/// what opening a file throws.
[[nodiscard]] std::vector<tar_entry> read_tar(const std::filesystem::path& path, std::uint64_t limit);

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <eucv/core/error.hpp>
#include <eucv/core/file.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <unordered_set>

#include <fcntl.h>

namespace eucv::dataset {
namespace detail {

// Empty where the name of an entry leads to a place below the archive, else the reason.
static std::string fault_of_entry_name(std::string_view name) {
  if (name.empty()) return "has no name";
  for (const char c : name)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '\\')
      return "has a name with a control character or \\";
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string_view part = name.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return "has a name that leaves the archive";
    begin = end + 1;
  }
  return {};
}

// The sum of all bytes of a header, its own field counted as blanks.
static unsigned tar_sum(std::string_view header) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < header.size(); ++i)
    sum += i >= 148 && i < 156 ? 0x20U : static_cast<unsigned char>(header[i]);
  return sum;
}

static std::string octal(std::uint64_t value, std::size_t digits) {
  std::string text(digits, '0');
  for (std::size_t i = digits; i-- > 0; value >>= 3) text[i] = static_cast<char>('0' + (value & 7));
  return text;
}

// A field of octal digits, ended by NUL or blank or by its own end.
static std::optional<std::uint64_t> octal_of(std::string_view field) {
  std::uint64_t value = 0;
  std::size_t i = 0;
  for (; i < field.size() && field[i] >= '0' && field[i] <= '7'; ++i)
    value = value << 3 | static_cast<std::uint64_t>(field[i] - '0');
  if (i == 0 || field.find_first_not_of(std::string_view("\0 ", 2), i) != std::string_view::npos) return std::nullopt;
  return value;
}

static std::string_view text_of(std::string_view field) {
  return field.substr(0, field.find('\0'));
}

} // namespace detail

std::string tar_header(std::string_view name, std::uint64_t size) {
  const auto refuse = [&](std::string why) {
    return error(errc::invalid_argument, {"write a shard", std::string(name), std::move(why), "name it otherwise"});
  };
  if (name.size() > 100) throw refuse("its name is longer than 100 bytes");
  if (const std::string fault = detail::fault_of_entry_name(name); !fault.empty()) throw refuse("it " + fault);
  if (size >= std::uint64_t{1} << 33) throw refuse("it has 8 GiB or more");
  std::string header(tar_block, '\0');
  const auto put = [&](std::size_t at, std::string_view text) { header.replace(at, text.size(), text); };
  put(0, name);
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, detail::octal(size, 11));
  put(136, "00000000000");
  put(156, "0");
  put(257, std::string_view("ustar\00000", 8));
  put(329, "0000000");
  put(337, "0000000");
  put(148, detail::octal(detail::tar_sum(header), 6) + std::string("\0 ", 2));
  return header;
}

std::vector<tar_entry> read_tar(const std::filesystem::path& path, std::uint64_t limit) {
  file input(path, O_RDONLY | O_NOFOLLOW);
  const std::uint64_t total = input.size();
  std::uint64_t place = 0;
  const auto refuse = [&](std::string why, errc code = errc::bad_format) {
    return error(code, {"read the shard", path.string() + " at byte " + std::to_string(place), std::move(why),
                        "write the shards anew, or get them again"});
  };
  std::vector<tar_entry> entries;
  std::unordered_set<std::string> names;
  std::array<char, tar_block> block{};
  const auto next_block = [&] {
    input.seek(place);
    std::size_t filled = 0;
    while (filled < block.size()) {
      const std::size_t count = input.read(std::span(block).subspan(filled));
      if (count == 0) throw refuse("it breaks off");
      filled += count;
    }
    return std::string_view(block.data(), block.size());
  };
  while (true) {
    const std::string_view header = next_block();
    if (header.find_first_not_of('\0') == std::string_view::npos) break;
    if (detail::octal_of(header.substr(148, 8)) != detail::tar_sum(header)) throw refuse("a check sum is wrong");
    if (!header.substr(257).starts_with("ustar")) throw refuse("an entry is not of the ustar format");
    if (header[156] != '0' && header[156] != '\0')
      throw refuse("an entry is no regular file but of type '" +
                   std::string(1, header[156] >= ' ' && header[156] <= '~' ? header[156] : '?') + "'");
    const auto size = detail::octal_of(header.substr(124, 12));
    if (!size) throw refuse("the size of an entry is no number");
    const std::string_view prefix = detail::text_of(header.substr(345, 155));
    const std::string name =
        (prefix.empty() ? "" : std::string(prefix) + "/") + std::string(detail::text_of(header.substr(0, 100)));
    if (const std::string fault = detail::fault_of_entry_name(name); !fault.empty()) throw refuse("an entry " + fault);
    if (*size > limit)
      throw refuse("an entry has " + std::to_string(*size) + " bytes of " + std::to_string(limit) + " allowed",
                   errc::too_large);
    if (!names.insert(name).second) throw refuse("the name " + name + " stands there twice");
    const std::uint64_t padded = (*size + tar_block - 1) / tar_block * tar_block;
    if (padded > total - place - tar_block) throw refuse("it breaks off");
    entries.push_back({name, place + tar_block, *size});
    place += tar_block + padded;
  }
  if (total - place > 1 << 20) throw refuse("more follows its end than padding");
  for (bool second = false; place + tar_block < total || !second; second = true) {
    place += tar_block;
    if (next_block().find_first_not_of('\0') != std::string_view::npos) throw refuse("something follows its end");
  }
  return entries;
}

} // namespace eucv::dataset
#endif
