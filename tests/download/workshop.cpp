#include <eucv/core/file.hpp>
#include <eucv/download/workshop.hpp>
#include <eucv/net/run.hpp>

#include <doctest/doctest.h>

#include <string>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_picture.hpp"

using namespace eucv::download;

TEST_CASE("pictures are made and stored on other threads, and their errors come back") {
  const test::temporary_folder folder;
  detail::workshop shop(2);
  const std::string jpeg = test::tiny_jpeg(1);
  spool good(folder.path(), 10), bad(folder.path());
  good.append(jpeg);
  bad.append("<html>");
  picture_options original;
  original.size = 0;
  const auto made = eucv::net::run(shop.make(std::move(good), original));
  REQUIRE(made);
  CHECK(made->bytes == jpeg);
  const auto refused = eucv::net::run(shop.make(std::move(bad), original));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason() == "not_an_image");
  eucv::net::run(shop.store(folder / "a.jpg", jpeg));
  CHECK(eucv::read_file(folder / "a.jpg") == jpeg);
  CHECK(test::code_of([&] { eucv::net::run(shop.store(folder / "no" / "a.jpg", jpeg)); }) == eucv::errc::not_found);
}
