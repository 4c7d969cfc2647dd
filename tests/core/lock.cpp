#include <eucv/core/lock.hpp>

#include <doctest/doctest.h>

#include <utility>

#include "support/temporary_folder.hpp"

namespace {

eucv::errc lock_again(const std::filesystem::path& folder) {
  try {
    const eucv::folder_lock second(folder);
  } catch (const eucv::error& failure) {
    return failure.code();
  }
  return {};
}

} // namespace

TEST_CASE("a folder is locked once, until the lock ends") {
  const test::temporary_folder folder;
  {
    eucv::folder_lock first(folder.path());
    CHECK(lock_again(folder.path()) == eucv::errc::in_use);
    const eucv::folder_lock moved = std::move(first);
    CHECK(lock_again(folder.path()) == eucv::errc::in_use);
  }
  CHECK(lock_again(folder.path()) == eucv::errc{});
  CHECK(lock_again(folder / "absent") == eucv::errc::not_found);
}
