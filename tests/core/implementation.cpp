#include <eucv/core/implementation.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

TEST_CASE("the sources of Boost.JSON are linked in by the implementation, not by a library of Boost") {
  CHECK(boost::json::serialize(boost::json::parse(R"({"a": [1, 2]})")) == R"({"a":[1,2]})");
}
