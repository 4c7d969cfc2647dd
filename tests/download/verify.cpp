#include <eucv/download/verify.hpp>

#include <eucv/core/digest.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/lock.hpp>
#include <eucv/download/journal.hpp>
#include <eucv/download/store.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv::download;

namespace {

// A folder as a download leaves it, of so many files; gives their names.
std::vector<std::string> fill(const std::filesystem::path& folder, std::size_t count) {
  journal log(folder, "original");
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) {
    outcome row;
    row.id = "/1/" + std::to_string(i);
    row.category = i % 2 == 0 ? "map" : "toy";
    row.status = download_status::ok;
    row.file = journal::file_of(row, ".jpg");
    const std::string bytes = "picture " + std::to_string(i) + std::string(i * 7 % 500, 'x');
    row.bytes = bytes.size();
    row.sha256 = eucv::sha256_text(bytes);
    eucv::make_folder(folder / row.category);
    store_file(folder / row.file, bytes);
    log.append(row);
    names.push_back(row.file);
  }
  return names;
}

} // namespace

TEST_CASE("an untouched folder has no faults") {
  const test::temporary_folder folder;
  fill(folder.path(), 30);
  std::uint64_t last = 0;
  const auto found = verify(folder.path(), 2, [&](const eucv::progress& step) { last = step.done; });
  CHECK(found.files == 30);
  CHECK(found.faults.empty());
  CHECK(last == 30);
}

TEST_CASE("one bit flipped in each of 200 files is found in all of them") {
  const test::temporary_folder folder;
  const auto names = fill(folder.path(), 200);
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::string bytes = eucv::read_file(folder / names[i]);
    const std::size_t bit = (i * 7919) % (8 * bytes.size());
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    std::ofstream(folder / names[i], std::ios::binary) << bytes;
  }
  CHECK(verify(folder.path(), 2).reasons() == std::map<std::string, std::uint64_t>{{"changed", 200}});
}

TEST_CASE("files that are gone, cut, longer, or nobody's are told apart") {
  const test::temporary_folder folder;
  const auto names = fill(folder.path(), 10);
  std::filesystem::remove(folder / names[0]);
  std::filesystem::resize_file(folder / names[1], 3);
  std::ofstream(folder / names[2], std::ios::app) << "more";
  std::ofstream(folder / "map" / "stray.jpg") << "?";
  std::ofstream(folder / "map" / "x.jpg.part") << "?";
  const auto found = verify(folder.path());
  CHECK(found.reasons() == std::map<std::string, std::uint64_t>{{"changed", 2}, {"missing", 1}, {"unlisted", 2}});
  REQUIRE(found.faults.size() == 5);
  CHECK(found.faults[0].file == names[0]);
  CHECK(found.faults[3].file == "map/stray.jpg");
}

TEST_CASE("a folder that no download made, or one works on, is refused") {
  const test::temporary_folder folder;
  CHECK(test::code_of([&] { (void)verify(folder.path()); }) == eucv::errc::not_found);
  fill(folder.path(), 2);
  const eucv::folder_lock lock(folder.path());
  CHECK(test::code_of([&] { (void)verify(folder.path()); }) == eucv::errc::in_use);
}
