#pragma once

#include <eucv/dataset/detail/card_entries.hpp>

#include <string>

namespace test {

/// A card whose texts come from people who mean no good.
inline eucv::dataset::card hostile_card() {
  eucv::dataset::card about{.name = "A <b>set</b>",
                            .made = "By | hand\n# not a title",
                            .entries = {},
                            .published = "2026-01-31",
                            .url = "https://museum.example/set",
                            .creator = "A \"museum\""};
  about.entries.push_back({.file = "map/a b\"c.jpg",
                           .sha256 = std::string(64, 'a'),
                           .id = "/1/a",
                           .category = "map",
                           .url = "http://x.org/a.jpg",
                           .rights = "http://creativecommons.org/licenses/by/4.0/",
                           .title = "=HYPERLINK(\"http://evil\")",
                           .creator = "\"quoted\", \\ back",
                           .data_provider = "<script>alert(1)</script> | [x](javascript:y)",
                           .landing_page = "javascript:alert(1)"});
  about.entries.push_back({.id = "/1/b", .category = "toy", .title = "+1\n2", .country = "\xff broken"});
  return about;
}

} // namespace test
