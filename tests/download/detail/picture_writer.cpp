#include <eucv/download/detail/picture_writer.hpp>

#include <eucv/core/digest.hpp>
#include <eucv/core/file.hpp>
#include <eucv/net/run.hpp>
#include <eucv/net/when_all.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_picture.hpp"

using namespace eucv::download;

namespace {

eucv::crawl::spool body_of(const std::string& bytes, const std::filesystem::path& folder) {
  eucv::crawl::spool body(folder, 10);
  body.append(bytes);
  return body;
}

eucv::net::task<eucv::result<picture>> store(detail::picture_writer& writer, eucv::crawl::spool body,
                                             std::filesystem::path stem) {
  auto made = co_await writer.make(std::move(body), picture_options{.size = 0}, stem);
  if (!made) co_return made.error();
  co_await writer.commit(std::move(made->file));
  co_return std::move(made->about);
}

eucv::net::task<void> store_one(detail::picture_writer& writer, eucv::crawl::spool body, std::filesystem::path stem,
                                int& stored) {
  const auto made = co_await store(writer, std::move(body), stem);
  // What is settled is there, whatever becomes of the others of its group.
  if (made) stored += std::filesystem::exists(stem += made->suffix) ? 1 : 0;
}

} // namespace

TEST_CASE("pictures are made and stored on other threads, and their errors come back") {
  const test::temporary_folder folder;
  detail::picture_writer writer(folder.path(), 2);
  const std::string jpeg = test::tiny_jpeg(1);
  const auto made = eucv::net::run(store(writer, body_of(jpeg, folder.path()), folder / "a"));
  REQUIRE(made);
  CHECK(made->suffix == ".jpg");
  CHECK(made->size == jpeg.size());
  CHECK(made->sha256 == eucv::sha256_text(jpeg));
  CHECK(eucv::read_file(folder / "a.jpg") == jpeg);
  const auto refused = eucv::net::run(store(writer, body_of("<html>", folder.path()), folder / "b"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason() == "not_an_image");
  CHECK(test::code_of([&] {
          (void)eucv::net::run(store(writer, body_of(jpeg, folder.path()), folder / "no" / "a"));
        }) == eucv::errc::not_found);
}

TEST_CASE("pictures that come in side by side are all stored, and one fault of the disk reaches all of its group") {
  const test::temporary_folder folder;
  detail::picture_writer writer(folder.path(), 2);
  int stored = 0;
  std::vector<eucv::net::task<void>> all;
  for (unsigned i = 0; i < 50; ++i)
    all.push_back(store_one(writer, body_of(i % 10 == 3 ? "<html>" : test::tiny_jpeg(i), folder.path()),
                            folder / std::to_string(i), stored));
  eucv::net::run(eucv::net::when_all(std::move(all)));
  CHECK(stored == 45);

  std::filesystem::create_directories(folder / "x.jpg" / "in the way");
  std::vector<eucv::net::task<void>> some;
  for (const char* name : {"x", "y", "z", "u", "v", "w"})
    some.push_back(store_one(writer, body_of(test::tiny_jpeg(7), folder.path()), folder / name, stored));
  CHECK(test::code_of([&] { eucv::net::run(eucv::net::when_all(std::move(some))); }) == eucv::errc::io);
  // The picture_writer goes on: a fault of one group is none of the next.
  stored = 0;
  eucv::net::run(store_one(writer, body_of(test::tiny_jpeg(8), folder.path()), folder / "next", stored));
  CHECK(stored == 1);
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    CHECK(entry.path().extension() != ".part");
}
