#include <eucv/dataset/picture.hpp>

#include <eucv/image/encode.hpp>

#include <doctest/doctest.h>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_picture.hpp"

using namespace eucv::dataset;

namespace {

// Three upright stripes of one colour each, the middle one a square.
eucv::image::bitmap striped(std::size_t width, std::size_t height) {
  auto made = eucv::image::black(width, height);
  const std::size_t side = (width - height) / 2;
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) made.pixel(x, y)[x < side ? 0 : x < side + height ? 1 : 2] = 200;
  return made;
}

bool is_green(const eucv::image::bitmap& picture) {
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3)
    if (picture.rgb[i] != 0 || picture.rgb[i + 1] != 200 || picture.rgb[i + 2] != 0) return false;
  return !picture.rgb.empty();
}

} // namespace

TEST_CASE("the middle square keeps the middle, shrunk, enlarged or as it is") {
  for (const std::size_t size : {5U, 10U, 32U}) {
    const auto square = middle_square(striped(30, 10), size);
    CHECK(square.width == size);
    CHECK(square.height == size);
    CHECK(is_green(square));
  }
  const auto same = test::tiny_picture(1, 16, 16);
  CHECK(middle_square(same, 16) == same);
  CHECK(middle_square(test::tiny_picture(1, 9, 40), 16).height == 16);
  // The long side of this one would be 7.7 million pixels if it were enlarged before it is cut.
  CHECK(middle_square(eucv::image::black(60'000, 1), 128).rgb.size() == 128 * 128 * 3);
  CHECK(test::code_of([] { (void)middle_square({}, 8); }) == eucv::errc::invalid_argument);
}

TEST_CASE("a picture is read whole, or shrunk and never enlarged") {
  const test::temporary_folder folder;
  const auto picture = test::tiny_picture(3, 40, 24);
  eucv::write_file_atomically(folder / "a.png", eucv::image::encode_png(picture));
  CHECK(read_picture(folder / "a.png").value() == picture);
  const auto shrunk = read_picture(folder / "a.png", {.shorter_side = 12}).value();
  CHECK(shrunk.width == 20);
  CHECK(shrunk.height == 12);
  CHECK(read_picture(folder / "a.png", {.shorter_side = 100}).value() == picture);
}

TEST_CASE("what cannot be read is an error of its kind, not an exception") {
  const test::temporary_folder folder;
  const std::string bytes = eucv::image::encode_png(test::tiny_picture(3));
  eucv::write_file_atomically(folder / "page.jpg", "<!DOCTYPE html><title>404</title>");
  eucv::write_file_atomically(folder / "half.png", bytes.substr(0, bytes.size() / 2));
  eucv::write_file_atomically(folder / "whole.png", bytes);
  CHECK(read_picture(folder / "absent.jpg").error().code() == eucv::errc::not_found);
  CHECK(read_picture(folder.path()).error().code() == eucv::errc::io);
  CHECK(read_picture(folder / "page.jpg").error().code() == eucv::errc::not_an_image);
  CHECK(std::string(read_picture(folder / "page.jpg").error().what()).find("page.jpg") != std::string::npos);
  CHECK(read_picture(folder / "half.png").error().code() == eucv::errc::corrupt_image);
  CHECK(read_picture(folder / "whole.png", {.limits = {.bytes = bytes.size() - 1}}).error().code() ==
        eucv::errc::too_large);
  CHECK(read_picture(folder / "whole.png", {.limits = {.pixels = 100}}).error().code() == eucv::errc::too_many_pixels);
}
