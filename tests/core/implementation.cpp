#include <eucv/core/implementation.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <doctest/doctest.h>

#include <string>

TEST_CASE("the sources of Boost.JSON and Boost.URL are linked in by the implementation, not by a library of Boost") {
  CHECK(boost::json::serialize(boost::json::parse(R"({"a": [1, 2]})")) == R"({"a":[1,2]})");
  const auto url = boost::urls::parse_uri("http://data.europeana.eu/concept/48");
  REQUIRE(url.has_value());
  CHECK(std::string(url->encoded_host()) == "data.europeana.eu");
}
