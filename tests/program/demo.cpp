// eucv demo: the whole road on one's own pictures, and what it says when pictures are missing.
#include "support/picture_folder.hpp"
#include "support/run_eucv.hpp"
#include "support/temporary_folder.hpp"

#include <eucv/core/file.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

TEST_CASE("the demo walks the whole road on a folder of pictures, and again in the same place") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "mine", 30);
  const std::string out = (folder / "demo").string();
  for (int time = 0; time < 2; ++time) {
    const auto end = test::run_eucv({"demo", "--images", (folder / "mine").string(), "--out", out});
    CAPTURE(end.out);
    CAPTURE(end.err);
    CHECK(end.status == 0);
    CHECK((end.out.find("Removing the former demo") != std::string::npos) == (time == 1));
    for (const char* command : {"$ eucv harvest ", "$ eucv dataset sample ", "$ eucv dataset subtract ",
                                "$ eucv download ", "$ eucv train ", "$ eucv evaluate ", "$ eucv classify "})
      CHECK(end.out.find(command) != std::string::npos);
    CHECK(end.out.find("http_404") != std::string::npos);
    CHECK(end.out.find("not_an_image") != std::string::npos);
    CHECK(end.out.find("Accuracy 1.000 on ") != std::string::npos);
  }
  CHECK(std::filesystem::exists(folder / "demo" / "model" / "model.json"));
  CHECK(eucv::read_file(folder / "demo" / "report" / "index.html").find("Pictures by rights") != std::string::npos);
}

TEST_CASE("the demo leaves a folder alone that holds something else") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "mine", 2);
  eucv::write_file_atomically(folder / "precious.txt", "do not remove");
  const auto end = test::run_eucv({"demo", "--images", (folder / "mine").string(), "--out", folder.path().string()});
  CHECK(end.status == 1);
  CHECK(test::is_failure_line(end.last_line()));
  CHECK(eucv::read_file(folder / "precious.txt") == "do not remove");
}
