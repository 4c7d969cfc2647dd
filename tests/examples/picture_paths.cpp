#include "program/picture_paths.hpp"

#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

namespace {

std::vector<std::string> all_of(program::picture_paths paths) {
  std::vector<std::string> found;
  while (const auto path = paths.next()) found.push_back(path->string());
  return found;
}

} // namespace

TEST_CASE("files stand as they are, folders for their images by name, and - for a list") {
  const test::temporary_folder folder;
  eucv::make_folder(folder / "maps" / "old");
  for (const char* name : {"maps/b.JPG", "maps/a.png", "maps/old/c.jpeg", "maps/notes.txt"})
    eucv::write_file_atomically(folder / name, "x");
  std::istringstream list("from/list.jpg\r\n\n" + (folder / "maps" / "old").string() + "\nlast.png");
  const std::vector<std::string> expected{"first.gif",
                                          (folder / "maps/a.png").string(),
                                          (folder / "maps/b.JPG").string(),
                                          (folder / "maps/old/c.jpeg").string(),
                                          "from/list.jpg",
                                          (folder / "maps/old/c.jpeg").string(),
                                          "last.png",
                                          "end.jpg"};
  CHECK(all_of({{"first.gif", (folder / "maps").string(), "-", "end.jpg"}, list}) == expected);
}

TEST_CASE("a folder without an image is an error") {
  const test::temporary_folder folder;
  std::istringstream none;
  CHECK_THROWS_AS(all_of({{folder.path().string()}, none}), eucv::error);
}
