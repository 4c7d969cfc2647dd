#include <eucv/dataset/folder.hpp>

#include <eucv/image/formats.hpp>

#include <doctest/doctest.h>

#include <fstream>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv::dataset;
using test::failure_of;

namespace {

void touch(const std::filesystem::path& file) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << "x";
}

} // namespace

TEST_CASE("each folder is a class, and names alone decide the order") {
  const test::temporary_folder folder;
  for (const char* name : {"toy/b.JPG", "toy/a.png", "map/z.jpeg", "map/notes.txt", "map/.hidden.jpg", ".git/x.jpg",
                           "map/deeper/y.jpg", "loose.jpg"})
    touch(folder / name);
  std::filesystem::create_symlink(folder / "nowhere", folder / "toy/lost.jpg");
  const image_folder found = read_image_folder(folder.path());
  CHECK(found.labels == std::vector<std::string>{"map", "toy"});
  CHECK(found.files == std::vector<labelled_file>{{folder / "map/z.jpeg", 0, "map/z.jpeg"},
                                                  {folder / "toy/a.png", 1, "toy/a.png"},
                                                  {folder / "toy/b.JPG", 1, "toy/b.JPG"}});
}

TEST_CASE("files of every format in the table are pictures") {
  const test::temporary_folder folder;
  for (const auto& format : eucv::image::formats()) touch(folder / ("map/a" + std::string(format.endings[0])));
  CHECK(read_image_folder(folder.path()).files.size() == eucv::image::formats().size());
}

TEST_CASE("downloads.csv says which files count, and groups them by record") {
  const test::temporary_folder folder;
  touch(folder / "toy/stray.jpg"); // not in the table
  eucv::write_file_atomically(folder / "downloads.csv", "file,status,category,ID,reason\n"
                                                        "toy/b.jpg,ok,toy,/9/r1,\n"
                                                        "toy/a.jpg,ok,toy,/9/r1,\n"
                                                        ",failed,toy,/9/r2,timeout\n"
                                                        "map/m.jpg,ok,map,/9/r3,\n"
                                                        "map/m.jpg,duplicate,map,/9/r4,same_bytes\n");
  const image_folder found = read_image_folder(folder.path());
  CHECK(found.labels == std::vector<std::string>{"map", "toy"});
  CHECK(found.files == std::vector<labelled_file>{{folder / "map/m.jpg", 0, "/9/r3"},
                                                  {folder / "toy/a.jpg", 1, "/9/r1"},
                                                  {folder / "toy/b.jpg", 1, "/9/r1"}});
  const std::vector<std::size_t> places{2, 0};
  CHECK(pick(found.files, places) == std::vector<labelled_file>{found.files[2], found.files[0]});
}

TEST_CASE("what is missing is told with its place") {
  const test::temporary_folder folder;
  const auto failure = [&] { return failure_of([&] { (void)read_image_folder(folder / "images"); }).value(); };
  CHECK(failure().code() == eucv::errc::not_found);
  touch(folder / "images/loose.jpg");
  CHECK(failure().code() == eucv::errc::empty_class);
  CHECK(failure().text().why == "it holds no class");
  touch(folder / "images/toy/a.jpg");
  touch(folder / "images/map/a.gif");
  CHECK(failure().code() == eucv::errc::empty_class);
  CHECK(failure().text().on == (folder / "images/map").string());
}

TEST_CASE("a table of downloads is checked") {
  const test::temporary_folder folder;
  const auto failure = [&](const std::string& text) {
    eucv::write_file_atomically(folder / "downloads.csv", text);
    return failure_of([&] { (void)read_image_folder(folder.path()); }).value();
  };
  CHECK(failure("ID,category,file\n").code() == eucv::errc::missing_column);
  CHECK(failure("ID,category,file,status\n").code() == eucv::errc::empty_class);
  CHECK(failure("ID,category,file,status\n1,toy,,failed\n").text().on == (folder / "toy").string());
  for (const char* outside : {"/etc/passwd", "../a.jpg", "toy/../../a.jpg", ""})
    CHECK(failure("ID,category,file,status\n1,toy," + std::string(outside) + ",ok\n").code() == eucv::errc::bad_format);
}
