#include <eucv/download/store.hpp>

#include <eucv/core/file.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <csignal>
#include <sys/resource.h>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv::download;

TEST_CASE("an ID becomes a name that tells what it is") {
  CHECK(file_stem("/90402/RP_P_1909_557").starts_with("90402_RP_P_1909_557-"));
  CHECK(file_stem("/90402/RP_P_1909_557").size() == 19 + 1 + 12);
  CHECK(file_stem("").size() == 12);
}

TEST_CASE("no ID makes a name that leaves its folder or looks like an option") {
  const test::temporary_folder folder;
  std::filesystem::create_directory(folder / "in");
  std::vector<std::string> hostile{"../x",
                                   "/etc/passwd",
                                   "..",
                                   ".",
                                   "",
                                   "a/../../b",
                                   "~root",
                                   "-rf",
                                   "=cmd|'/c calc'!A1",
                                   "CON",
                                   "a\nb",
                                   std::string("a\0b", 3),
                                   "\x1b[31m",
                                   "%2e%2e%2f",
                                   "\u202egpj.exe",
                                   std::string(4096, 'a'),
                                   std::string(4096, '/'),
                                   "a b",
                                   "a\\b",
                                   "a:b",
                                   "ä",
                                   "a\u0308", // the same to a reader
                                   "A",
                                   "a", // the same to a file system that ignores case
                                   "nul.txt",
                                   "COM1",
                                   "..\\..\\x",
                                   "C:\\x",
                                   "\\\\host\\share",
                                   "file:///etc/passwd",
                                   "....//....//x",
                                   "x/.",
                                   "x/..",
                                   "\xff\xfe",
                                   "a.part",
                                   "downloads.csv",
                                   "[ph]"};
  for (int i = 1; i < 80; ++i) hostile.push_back(std::string(1, static_cast<char>(i)) + "../" + std::to_string(i));
  CHECK(hostile.size() >= 100);
  std::set<std::string> names;
  for (const auto& id : hostile) {
    const std::string stem = file_stem(id);
    CHECK(is_safe_component(stem + ".jpg"));
    std::string folded = stem;
    for (char& c : folded) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    CHECK(names.insert(folded).second); // also where capitals count for nothing
    store_file(folder / "in" / (stem + ".jpg"), id);
  }
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
  CHECK(std::distance(std::filesystem::directory_iterator(folder / "in"), {}) ==
        static_cast<std::ptrdiff_t>(hostile.size()));
}

TEST_CASE("what may be a folder") {
  for (const char* name : {"map", "building drawing", "ceramics_2", "été", "a.b"}) CHECK(is_safe_component(name));
  for (const char* name : {"", ".", "..", "a/b", "/", "a\\b", ".hidden", "-x", " a", "a ", "a\tb", "a\nb"})
    CHECK_FALSE(is_safe_component(name));
  CHECK_FALSE(is_safe_component(std::string(201, 'a')));
  CHECK_FALSE(is_safe_component(std::string_view("a\0b", 3)));
}

TEST_CASE("a file is there whole or not at all") {
  const test::temporary_folder folder;
  store_file(folder / "a.jpg", "first");
  store_file(folder / "a.jpg", "second");
  CHECK(eucv::read_file(folder / "a.jpg") == "second");
  std::ofstream(folder / "a.jpg.part") << "left behind by a kill";
  store_file(folder / "a.jpg", "third");
  CHECK_FALSE(std::filesystem::exists(folder / "a.jpg.part"));

  struct rlimit before {};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  struct rlimit small = before;
  small.rlim_cur = 16;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const auto code = test::code_of([&] { store_file(folder / "a.jpg", std::string(100, 'x')); });
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);
  CHECK(code == eucv::errc::io);
  CHECK(eucv::read_file(folder / "a.jpg") == "third");
  CHECK_FALSE(std::filesystem::exists(folder / "a.jpg.part"));

  std::ofstream(folder / "a.jpg.part") << "x";
  remove_stored(folder / "a.jpg");
  CHECK(std::filesystem::is_empty(folder.path()));
  remove_stored(folder / "a.jpg");
}

TEST_CASE("a symbolic link in the way is not followed") {
  const test::temporary_folder folder;
  std::ofstream(folder / "victim") << "mine";
  std::filesystem::create_symlink(folder / "victim", folder / "a.jpg.part");
  CHECK(test::code_of([&] { store_file(folder / "a.jpg", "theirs"); }) == eucv::errc::io);
  CHECK(eucv::read_file(folder / "victim") == "mine");
}

TEST_CASE("a written file has no name until it is given one, and is gone if it gets none") {
  const test::temporary_folder folder;
  store_file(folder / "a.jpg", "before");
  {
    const written_file dropped(folder / "a.jpg", "never");
    CHECK(std::filesystem::exists(folder / "a.jpg.part"));
  }
  CHECK_FALSE(std::filesystem::exists(folder / "a.jpg.part"));
  CHECK(eucv::read_file(folder / "a.jpg") == "before");
  written_file written(folder / "a.jpg", "after");
  written_file moved(std::move(written));
  CHECK(eucv::read_file(folder / "a.jpg") == "before");
  moved.publish();
  CHECK(eucv::read_file(folder / "a.jpg") == "after");
  CHECK_FALSE(std::filesystem::exists(folder / "a.jpg.part"));
}
