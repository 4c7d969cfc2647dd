#include <eucv/download/detail/group_commit.hpp>

#include <eucv/core/file.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv::download;

TEST_CASE("a group of files gets its bytes to the disk, then its names, however many there are") {
  const test::temporary_folder folder;
  group_commit disk(folder.path());
  for (const char* name : {"map", "toy"}) eucv::make_folder(folder / name);
  for (const std::size_t count : {0, 1, 3, 4, 40}) {
    std::vector<written_file> files;
    for (std::size_t i = 0; i < count; ++i)
      files.emplace_back(folder / (i % 2 == 0 ? "map" : "toy") / (std::to_string(i) + ".jpg"),
                         std::to_string(count) + " " + std::to_string(i));
    disk.sync(files);
    if (count == 1) CHECK_FALSE(std::filesystem::exists(folder / "map" / "0.jpg")); // no name before the second step
    disk.publish(files);
    for (std::size_t i = 0; i < count; ++i)
      CHECK(eucv::read_file(files[i].path()) == std::to_string(count) + " " + std::to_string(i));
  }
  CHECK(std::distance(std::filesystem::directory_iterator(folder / "map"), {}) == 20);
}

TEST_CASE("a group whose names cannot be given leaves no temporary file behind") {
  const test::temporary_folder folder;
  group_commit disk(folder.path());
  std::filesystem::create_directories(folder / "2.jpg" / "in the way");
  {
    std::vector<written_file> files;
    for (int i = 0; i < 5; ++i) files.emplace_back(folder / (std::to_string(i) + ".jpg"), "x");
    disk.sync(files);
    CHECK(test::code_of([&] { disk.publish(files); }) == eucv::errc::io);
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    CHECK(entry.path().extension() != ".part");
  CHECK(test::code_of([&] { group_commit(folder / "no such folder"); }) == eucv::errc::not_found);
}
