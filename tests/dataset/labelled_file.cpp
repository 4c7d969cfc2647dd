#include <eucv/dataset/labelled_file.hpp>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace eucv::dataset;

TEST_CASE("bytes come from a file or from a stretch of one") {
  const test::temporary_folder folder;
  eucv::write_file_atomically(folder / "a", "0123456789");
  const labelled_file whole{.file = folder / "a"};
  CHECK(read_bytes(whole, 100) == "0123456789");
  CHECK(stored_size(whole) == 10);
  labelled_file piece{.file = folder / "a" / "piece.jpg", .offset = 3, .size = 4};
  CHECK(read_bytes(piece, 100) == "3456");
  CHECK(stored_size(piece) == 4);
  CHECK(test::code_of([&] { (void)read_bytes(piece, 3); }) == eucv::errc::too_large);
  piece.size = 8;
  CHECK(test::code_of([&] { (void)read_bytes(piece, 100); }) == eucv::errc::bad_format);
  CHECK(test::code_of([&] { (void)read_bytes({.file = folder / "b"}, 100); }) == eucv::errc::not_found);
  CHECK(stored_size({.file = folder / "b"}) == 0);
}

TEST_CASE("files are picked by their places") {
  const std::vector<labelled_file> files{{.file = "a"}, {.file = "b", .label = 1}, {.file = "c"}};
  CHECK(pick(files, std::vector<std::size_t>{2, 1}) == std::vector<labelled_file>{files[2], files[1]});
}
