#include <eucv/image/header.hpp>

#include <doctest/doctest.h>

using namespace eucv::image;

TEST_CASE("big-endian numbers of a file") {
  const std::string_view bytes("\x00\xFF\x80\x01\x7F", 5);
  CHECK(eucv::image::detail::byte_at(bytes, 1) == 255);
  CHECK(eucv::image::detail::big16(bytes, 1) == 0xFF80);
  CHECK(eucv::image::detail::big32(bytes, 0) == 0x00FF8001);
  CHECK(eucv::image::detail::big32(bytes, 1) == 0xFF80017F);
}

TEST_CASE("a refusal says what was tried, why it failed and what to do") {
  const eucv::error refused = eucv::image::detail::refusal(eucv::errc::corrupt_image, "it breaks off");
  CHECK(refused.code() == eucv::errc::corrupt_image);
  CHECK(std::string(refused.what()) == "decode the image: it breaks off; leave the image out");
}
