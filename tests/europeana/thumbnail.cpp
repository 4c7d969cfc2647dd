#include <eucv/europeana/thumbnail.hpp>

#include <doctest/doctest.h>

using eucv::europeana::thumbnail_of;

TEST_CASE("the thumbnail of a picture is named by the MD5 of its address") {
  // md5("http://example.org/a.jpg"), by md5sum
  CHECK(thumbnail_of("http://example.org/a.jpg", "", 400) ==
        "https://api.europeana.eu/thumbnail/v3/400/079d45637bfd1b8f5e3783081b5947ef");
  CHECK(thumbnail_of("http://elsewhere.example/",
                     "http://127.0.0.1:80/thumbnail/v2/url.json?uri=http%3A%2F%2Fexample.org%2Fa.jpg&type=IMAGE",
                     200) == "http://127.0.0.1/thumbnail/v3/200/079d45637bfd1b8f5e3783081b5947ef");
  CHECK(thumbnail_of("http://example.org/a.jpg", "nonsense", 400) ==
        "https://api.europeana.eu/thumbnail/v3/400/079d45637bfd1b8f5e3783081b5947ef");
}
