#include <eucv/enrich/detail/decode_pool.hpp>

#include <eucv/core/digest.hpp>
#include <eucv/core/file.hpp>
#include <eucv/net/run.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_model.hpp"
#include "support/tiny_picture.hpp"

using namespace eucv;

TEST_CASE("a picture becomes the square that the network takes, from a body or a file, with the hash of its bytes") {
  auto model = classify::classifier::load(test::tiny_model());
  enrich::detail::decode_pool decoders(model, 2);
  const test::temporary_folder folder;
  const std::string bytes = test::tiny_jpeg(3, 90, 70);
  write_file_atomically(folder / "a.jpg", bytes);
  crawl::spool body(folder.path());
  body.append(bytes);
  const auto from_body = net::run(decoders.prepare(std::move(body)));
  const auto from_file = net::run(decoders.prepare(folder / "a.jpg"));
  for (const auto* each : {&from_body, &from_file}) {
    REQUIRE(*each);
    CHECK((*each)->square.width == 32);
    CHECK((*each)->square.height == 32);
    CHECK((*each)->sha256 == sha256_text(bytes));
  }
  CHECK(from_body->square.rgb == from_file->square.rgb);
  // As the classifier itself reads it.
  const auto ranked = net::run(decoders.classify({from_file->square}));
  const std::vector<std::filesystem::path> files{folder / "a.jpg"};
  const auto rows = model.predict_files(files, {.top = 0});
  REQUIRE(ranked.size() == 1);
  for (std::size_t i = 0; i < 3; ++i) CHECK(ranked[0][i].probability == (*rows[0].ranked)[i].probability);
}

TEST_CASE("what is no picture, or not there, is a result") {
  auto model = classify::classifier::load(test::tiny_model());
  enrich::detail::decode_pool decoders(model, 1);
  const test::temporary_folder folder;
  crawl::spool body(folder.path());
  body.append("<!DOCTYPE html>");
  const auto page = net::run(decoders.prepare(std::move(body)));
  REQUIRE_FALSE(page);
  CHECK(page.error().code() == errc::not_an_image);
  const auto nothing = net::run(decoders.prepare(folder / "nowhere.jpg"));
  REQUIRE_FALSE(nothing);
  CHECK(nothing.error().code() == errc::not_found);
}
