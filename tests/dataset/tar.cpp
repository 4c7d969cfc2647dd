#include <eucv/dataset/tar.hpp>

#include <eucv/core/file.hpp>
#include <eucv/core/random.hpp>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

using namespace eucv::dataset;
using eucv::errc;

namespace {

std::string entry(const std::string& name, const std::string& content) {
  return tar_header(name, content.size()) + content + tar_padding(content.size());
}

// A header with one field replaced and its check sum mended.
std::string changed(std::string header, std::size_t at, const std::string& text) {
  header.replace(at, text.size(), text);
  header.replace(148, 8, 8, ' ');
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  char digits[16];
  std::snprintf(digits, sizeof digits, "%06o", sum);
  return header.replace(148, 8, std::string(digits) + std::string("\0 ", 2));
}

errc refused(const test::temporary_folder& folder, const std::string& bytes, std::uint64_t limit = 1 << 20) {
  eucv::write_file_atomically(folder / "x.tar", bytes);
  return test::code_of([&] { (void)read_tar(folder / "x.tar", limit); });
}

} // namespace

TEST_CASE("what is written is read, and GNU tar reads it too") {
  const test::temporary_folder folder;
  const std::string content(700, 'x');
  eucv::write_file_atomically(folder / "x.tar",
                              entry("a/1.jpg", content) + entry("2.json", "{}") + entry("3", "") + tar_end());
  const auto entries = read_tar(folder / "x.tar", 1000);
  CHECK(entries == std::vector<tar_entry>{{"a/1.jpg", 512, 700}, {"2.json", 2048, 2}, {"3", 3072, 0}});
  CHECK(eucv::read_file_part(folder / "x.tar", {entries[0].offset, entries[0].size}) == content);
  if (std::system("tar --version > /dev/null 2>&1") != 0) {
    MESSAGE("skipped: there is no tar");
    return;
  }
  const std::string at = folder.path().string();
  REQUIRE(std::system(("cd '" + at + "' && tar -tvf x.tar > list && mkdir out && tar -xf x.tar -C out").c_str()) == 0);
  CHECK(eucv::read_file(folder / "out/a/1.jpg") == content);
  CHECK(eucv::read_file(folder / "out/2.json") == "{}");
  CHECK(eucv::read_file(folder / "list").find("1970") != std::string::npos);
  // And what GNU tar writes in this format is read here.
  REQUIRE(std::system(("cd '" + at + "/out' && tar --format=ustar -cf ../y.tar a/1.jpg 2.json").c_str()) == 0);
  CHECK(read_tar(folder / "y.tar", 1000).size() == 2);
}

TEST_CASE("entries that lead elsewhere, or are no files, are refused") {
  const test::temporary_folder folder;
  const std::string plain = tar_header("ok.jpg", 0);
  CHECK(refused(folder, plain + tar_end()) == errc{});
  for (const char* name : {"../x", "/etc/x", "a/../../x", "a//b", "./x", "a/", "..", "a\\b", "a\nb", "\x1B[2J"}) {
    CAPTURE(name);
    CHECK(refused(folder, changed(plain, 0, std::string(name) + '\0') + tar_end()) == errc::bad_format);
    CHECK(test::code_of([&] { (void)tar_header(name, 0); }) == errc::invalid_argument);
  }
  CHECK(refused(folder, changed(plain, 0, std::string(6, '\0')) + tar_end()) == errc::bad_format);
  CHECK(refused(folder, changed(plain, 345, "..") + tar_end()) == errc::bad_format);
  CHECK(refused(folder, changed(plain, 345, "/") + tar_end()) == errc::bad_format);
  for (const char type : {'1', '2', '3', '4', '5', '6', '7', 'x', 'g', 'L', 'K', 'S', '\x01'})
    CHECK(refused(folder, changed(plain, 156, std::string(1, type)) + tar_end()) == errc::bad_format);
  CHECK(refused(folder, plain + plain + tar_end()) == errc::bad_format); // one name twice
  std::filesystem::create_symlink("/etc/passwd", folder / "link.tar");
  CHECK(test::code_of([&] { (void)read_tar(folder / "link.tar", 1); }) != errc{});
}

TEST_CASE("sizes and sums that lie are refused") {
  const test::temporary_folder folder;
  const std::string good = entry("a.jpg", std::string(600, 'x'));
  CHECK(refused(folder, good + tar_end(), 599) == errc::too_large);
  CHECK(refused(folder, changed(good.substr(0, 512), 124, "77777777777") + tar_end(), ~std::uint64_t{0}) ==
        errc::bad_format);
  for (const char* size : {"-0000000001", "0x000000010", "           ", "1 2        ", "\x80\1\1\1\1\1\1\1\1\1\1"})
    CHECK(refused(folder, changed(good.substr(0, 512), 124, size) + tar_end()) == errc::bad_format);
  std::string flipped = good + tar_end();
  flipped[0] ^= 1;
  CHECK(refused(folder, flipped) == errc::bad_format);
  CHECK(refused(folder, good + tar_end() + "x") == errc::bad_format);
  CHECK(refused(folder, good + std::string(10240, '\0')) == errc{}); // as GNU tar pads
  CHECK(refused(folder, good + std::string(4 << 20, '\0')) == errc::bad_format);
}

TEST_CASE("an archive cut at any byte is refused") {
  const test::temporary_folder folder;
  const std::string whole = entry("a.jpg", "abc") + tar_end();
  for (std::size_t length = 0; length < whole.size(); ++length)
    REQUIRE(refused(folder, whole.substr(0, length)) == errc::bad_format);
  CHECK(refused(folder, whole) == errc{});
}

TEST_CASE("wrong bytes anywhere are answered") {
  const test::temporary_folder folder;
  eucv::random engine(3);
  const std::string whole = entry("a.jpg", "abc") + entry("b.jpg", "abc") + tar_end();
  for (int i = 0; i < 1000; ++i) {
    std::string wrong = whole;
    for (std::uint64_t changes = 1 + engine.below(4); changes > 0; --changes)
      wrong[engine.below(wrong.size())] = static_cast<char>(engine.below(256));
    (void)refused(folder, wrong);
  }
}
