#include <eucv/crawl/robots_tag.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using eucv::crawl::forbids_learning;
using eucv::net::header;

TEST_CASE("spellings that forbid learning") {
  for (const char* value : {"noai", "noimageai", "noml", "NoAI", "NOIMAGEAI", "noindex, noai", "noai, noimageai",
                            "noai,noindex", "  noml  ", "\tnoai\t,", ",,noai", "eucv: noai", "EUCV:noml",
                            "eucv: noindex, noimageai", "*: noai", "googlebot: noindex, eucv: noai",
                            "unavailable_after: 25 Jun 2030 15:00:00 GMT, noai", "max-snippet: 5, noml"}) {
    const std::vector<header> headers{{"Content-Type", "image/jpeg"}, {"X-Robots-Tag", value}};
    CHECK_MESSAGE(forbids_learning(headers, "eucv"), value);
  }
}

TEST_CASE("several fields, in any case") {
  CHECK(forbids_learning(std::vector<header>{{"x-robots-tag", "noindex"}, {"X-ROBOTS-TAG", "noai"}}, "eucv"));
  CHECK(forbids_learning(std::vector<header>{{"X-Robots-Tag", "otherbot: noindex"}, {"X-Robots-Tag", "noml"}}, "eucv"));
}

TEST_CASE("what forbids nothing of ours") {
  CHECK_FALSE(forbids_learning({}, "eucv"));
  for (const char* value : {"", "all", "none", "noindex, nofollow", "noarchive", "noaix", "no ai", "ai", "noai noml",
                            "otherbot: noai", "otherbot: noindex, noai", "eucv-image: noai",
                            "eucv: noindex, otherbot: noai", "unavailable_after: noai", ":", ",", ":::,,"}) {
    const std::vector<header> headers{{"X-Robots-Tag", value}};
    CHECK_MESSAGE(!forbids_learning(headers, "eucv"), value);
  }
  CHECK_FALSE(forbids_learning(std::vector<header>{{"X-Robots", "noai"}}, "eucv"));
}
