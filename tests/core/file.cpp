#include <eucv/core/file.hpp>

#include <doctest/doctest.h>

#include <cerrno>
#include <fstream>

#include <csignal>
#include <sys/resource.h>

#include "support/temporary_folder.hpp"

namespace {

eucv::errc code_of(auto&& action) {
  try {
    action();
  } catch (const eucv::error& failure) {
    return failure.code();
  }
  return {};
}

} // namespace

TEST_CASE("a file is replaced whole and no temporary file stays") {
  const test::temporary_folder folder;
  const auto path = folder / "a.json";
  eucv::write_file_atomically(path, "one");
  eucv::write_file_atomically(path, "two");
  CHECK(eucv::read_file(path) == "two");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("appending and cutting back") {
  const test::temporary_folder folder;
  eucv::file log(folder / "log", O_RDWR | O_CREAT | O_APPEND);
  log.write("12345");
  log.truncate(2);
  log.write("x");
  log.sync();
  CHECK(log.size() == 3);
  CHECK(eucv::read_file(folder / "log") == "12x");
}

TEST_CASE("each failure has its code") {
  const test::temporary_folder folder;
  CHECK(code_of([&] { (void)eucv::read_file(folder / "absent"); }) == eucv::errc::not_found);
  CHECK(code_of([&] { eucv::write_file_atomically(folder / "absent" / "x", "1"); }) == eucv::errc::not_found);
  std::ofstream(folder / "large") << "123456";
  CHECK(code_of([&] { (void)eucv::read_file(folder / "large", 5); }) == eucv::errc::too_large);
  CHECK(code_of([&] { eucv::make_folder(folder / "large" / "x"); }) == eucv::errc::io);
  CHECK(eucv::file_error("write", "f", ENOSPC).code() == eucv::errc::disk_full);
  CHECK(eucv::file_error("write", "f", EACCES).code() == eucv::errc::permission_denied);
}

TEST_CASE("a write that fails leaves the old content and no temporary file") {
  const test::temporary_folder folder;
  eucv::write_file_atomically(folder / "a", "old");
  // A limit on the size of files stands in for the full disk.
  struct rlimit before {};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  struct rlimit small = before;
  small.rlim_cur = 16;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const auto code = code_of([&] { eucv::write_file_atomically(folder / "a", std::string(100, 'n')); });
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);
  CHECK(code == eucv::errc::io);
  CHECK(eucv::read_file(folder / "a") == "old");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("a file is replaced by what is written piece by piece, or by nothing of it") {
  const test::temporary_folder folder;
  eucv::write_file_atomically(folder / "a", "old");
  eucv::write_file_atomically(folder / "a", [&](eucv::file& output) {
    for (const char* piece : {"new ", "content"}) output.write(piece);
    CHECK(eucv::read_file(folder / "a") == "old");
  });
  CHECK(eucv::read_file(folder / "a") == "new content");
  const auto code = code_of([&] {
    eucv::write_file_atomically(folder / "a", [](eucv::file& output) {
      output.write("half");
      throw eucv::file_error("write", "a", ENOSPC);
    });
  });
  CHECK(code == eucv::errc::disk_full);
  CHECK(eucv::read_file(folder / "a") == "new content");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("a file is read and written from where one moves to") {
  const test::temporary_folder folder;
  eucv::file both(folder / "a", O_RDWR | O_CREAT);
  both.write("0123456789");
  std::string two(2, '?');
  both.seek(3);
  CHECK(both.read(two) == 2);
  CHECK(two == "34");
  both.seek(8);
  both.write("xyz");
  CHECK(both.size() == 11);
  both.seek(0);
  CHECK(both.read(two) == 2);
  CHECK(two == "01");
  both.seek(100); // beyond the end is no error: there is nothing to read
  CHECK(both.read(two) == 0);
  CHECK(eucv::read_file(folder / "a") == "01234567xyz");
  CHECK(code_of([] { eucv::file().seek(0); }) == eucv::errc::io);
}
