#include <eucv/crawl/placeholder.hpp>

#include <doctest/doctest.h>

using eucv::crawl::is_placeholder;

TEST_CASE("the placeholder of the Thumbnail API is told from pictures") {
  const auto at = [](const char* text) { return *eucv::net::parse_url(text); };
  const auto v2 = at("https://api.europeana.eu/thumbnail/v2/url.json?uri=http%3A%2F%2Fx.example%2Fa.jpg&type=IMAGE");
  CHECK(is_placeholder(v2, "image/png", 2319));
  CHECK(is_placeholder(v2, "IMAGE/PNG;x", 2319));
  CHECK(is_placeholder(at("https://www.europeana.eu/api/v2/thumbnail-by-url.json?uri=x"), "image/png", 2319));
  CHECK_FALSE(is_placeholder(v2, "image/png", 2320));
  CHECK_FALSE(is_placeholder(v2, "image/jpeg", 2319));
  CHECK_FALSE(is_placeholder(at("https://api.europeana.eu/thumbnail/v3/400/abc"), "image/png", 2319));
  CHECK_FALSE(is_placeholder(at("https://museum.example/a.png"), "image/png", 2319));
}
