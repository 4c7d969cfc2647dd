#include <eucv/image/formats.hpp>

#include <eucv/image/gate.hpp>

#include "support/tiny_images.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <string_view>

using namespace eucv::image;

TEST_CASE("each format has names of its own, magic bytes, and a reader of its header") {
  std::set<std::string_view> names;
  for (const format& each : formats()) {
    CAPTURE(each.name);
    CHECK(names.insert(each.name).second);
    CHECK(names.insert(each.mime_type).second);
    CHECK(each.mime_type.starts_with("image/"));
    CHECK_FALSE(each.endings[0].empty());
    for (const std::string_view ending : each.endings) {
      if (ending.empty()) continue;
      CHECK(ending.starts_with('.'));
      CHECK(names.insert(ending).second);
      CHECK(format_by_ending("folder.x/name" + std::string(ending)) == &each);
    }
    CHECK_FALSE(each.magic[0].bytes.empty());
    CHECK_FALSE(each.library.empty());
    CHECK(each.read_header("neither header nor picture", {}).error().code() == eucv::errc::not_an_image);
  }
  CHECK(formats().size() >= 2);
}

TEST_CASE("a file name tells a format by its ending alone, in any case of letters") {
  CHECK(format_by_ending("a.JPG")->name == "JPEG");
  CHECK(format_by_ending("b/c.d.jpeg")->name == "JPEG");
  CHECK(format_by_ending("x.Png")->name == "PNG");
  for (const char* other : {"", ".", "png", "jpg.txt", "picture.gif", "picture", "a.jpg/"})
    CHECK(format_by_ending(other) == nullptr);
}

TEST_CASE("magic bytes stand at their place, and a short file has none") {
  const magic_bytes magic{4, "abc"};
  CHECK(magic.match("....abc"));
  CHECK(magic.match("....abcd"));
  for (const char* other : {"", "...", "....", "....ab", "abc", ".....abc"}) CHECK_FALSE(magic.match(other));
  CHECK(magic_bytes{}.match(""));
}

TEST_CASE("a header points to the table's entry") {
  const auto jpeg = inspect(test::make_jpeg(test::waves(8, 8)));
  REQUIRE(jpeg);
  CHECK(jpeg->kind == format_by_ending(".jpg"));
}

TEST_CASE("what this build decodes is told and asked for, the first format most") {
  CHECK(format_names().starts_with("JPEG, PNG"));
  CHECK(accept_header().starts_with("image/jpeg, image/png;q=0.9, "));
  CHECK(accept_header().ends_with(", image/*;q=0.5"));
  for (const format& each : formats()) {
    CAPTURE(each.name);
    CHECK((accept_header().find(each.mime_type) != std::string::npos) == each.is_available());
    CHECK((format_names().find(each.name) != std::string::npos) == each.is_available());
  }
}
